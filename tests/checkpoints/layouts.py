"""Layouts: the kinds of checkpoint that are made, and what a manifest says of each."""

from enum import StrEnum
from typing import Any

from models.catalog import Family


class Layout(StrEnum):
    """A family has several where its members keep their tokenizers or start tokens differently."""

    MARIAN = "marian"
    MARIAN_MANY = "marian-many"  # several target languages: >>eng<<
    NLLB = "nllb"
    M2M100 = "m2m100"
    MADLAD = "madlad"
    MT5 = "mt5"
    ARABART = "arabart"
    MBART25 = "mbart25"
    MBART50 = "mbart50"

    @classmethod
    def of(cls, layout: "Family | Layout") -> "Layout":
        if isinstance(layout, Layout):
            return layout
        return {Family.T5: cls.MADLAD, Family.MBART: cls.ARABART}.get(layout) or cls(layout.value)

    @property
    def family(self) -> Family:
        return {
            Layout.MARIAN_MANY: Family.MARIAN,
            Layout.MADLAD: Family.T5,
            Layout.MT5: Family.T5,
            Layout.ARABART: Family.MBART,
            Layout.MBART25: Family.MBART,
            Layout.MBART50: Family.MBART,
        }.get(self) or Family(self.value)


_FRAMES: dict[Layout, dict[str, Any]] = {
    Layout.MARIAN_MANY: {"target_token": ">>eng<<"},
    Layout.NLLB: {"source_token": "arb_Arab", "target_token": "eng_Latn"},
    Layout.M2M100: {"source_token": "__ar__", "target_token": "__en__"},
    Layout.MADLAD: {"source_prefix": "<2en> "},
    Layout.MBART25: {"source_token": "ar_AR", "target_token": "en_XX"},
    Layout.MBART50: {"source_token": "ar_AR", "target_token": "en_XX"},
}


def facts_of(layout: Family | Layout) -> dict[str, Any]:
    """The fields of a manifest or of a catalog entry that tell how the layout is read and written."""
    layout = Layout.of(layout)
    facts = {"name": f"toy-{layout.value}", "family": layout.family, "max_source_tokens": 64}
    return facts | _FRAMES.get(layout, {})
