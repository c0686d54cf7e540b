"""The smoke test: a few Arabic sentences through the real engine, and whether what comes back can be one."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from jobs.errors import KhulasaError
from models.engines.contract import EngineOptions
from models.engines.generation import Tokenizer
from models.engines.loading import open_summariser, open_tokenizer, open_translator
from models.engines.tokenizers.framed import UNKNOWN
from models.hub.errors import HubError
from models.installed import Model
from models.text.arabic import count_arabic_letters, for_engine
from models.text.fidelity import loops

SENTENCES = (
    "قال الوزير اليوم إن الخطة الجديدة مهمة للبلاد.",
    "زار الرئيس مدينة القاهرة أمس مع وفد كبير.",
    "ارتفع سعر النفط في السوق بعد اتفاق جديد.",
    "فاز الفريق في المباراة على ملعبه أمام جمهور كبير.",
    "يقول الطبيب إن الدواء الجديد يعالج المرض في شهر.",
    "وصلت الطائرة إلى المطار بعد العاصفة والمطر.",
)
_WORDS_OF_SUMMARY = 25
_UNKNOWN = re.compile(r"⁇|<unk>|\ufffd")
_TOO_MUCH = 0.5
_ENGLISH = {"the", "a", "an", "of", "and", "in", "to", "is", "was", "for", "with", "on", "at", "by", "that"}


def smoke(model: Model, options: EngineOptions) -> None:
    """Raises HubError for nonsense, KhulasaError where the model cannot even be loaded."""
    _check_vocabulary(model)
    try:
        faults = _summary(model, options) if model.step == "summary" else _translation(model, options)
    except (KhulasaError, HubError):
        raise
    except Exception as error:  # weights that do not fit their config fail in any way
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise HubError(f"{model.name} fails its smoke test: the engine stops with: {reason}") from error
    if faults:
        raise HubError(f"{model.name} fails its smoke test: {faults[0]}")


def fault_of_translation(source: str, target: str) -> str | None:
    """What shows that the one cannot be a translation of the other."""
    if not target.strip():
        return "it answers nothing"
    if target.strip() == source.strip():
        return "it gives the source back"
    if loops(target):
        return "it repeats itself without end"
    if _share(_UNKNOWN.findall(target), target.split()) > _TOO_MUCH:
        return "it writes unknown signs"
    if _arabic_share(target) > _TOO_MUCH:
        return "it leaves the text in Arabic"
    return None


def fault_of_summary(sources: Sequence[str], sentences: Sequence[str]) -> str | None:
    """What shows that the one cannot be an Arabic summary of the other."""
    text = " ".join(sentences).strip()
    if not text:
        return "it answers nothing"
    written, read = for_engine(text).split(), for_engine(" ".join(sources)).split()
    if written == read[: len(written)]:
        return "it gives the article back, or its beginning"
    if loops(text):
        return "it repeats itself without end"
    if _share(_UNKNOWN.findall(text), text.split()) > _TOO_MUCH:
        return "it writes unknown signs"
    if _arabic_share(text) < _TOO_MUCH:
        return "its summary is not Arabic"
    return None


def _translation(model: Model, options: EngineOptions) -> list[str]:
    """None where two answers or more make sense: a small model may stumble over a word."""
    translator = open_translator(model, options)
    targets = [target.text for target in translator.translate(SENTENCES, _unheard)]
    if len(set(targets)) == 1 and targets[0]:
        return ["it answers every sentence with the same, so it does not read Arabic"]
    if len(set(targets)) < _TOO_MUCH * len(targets):
        return ["it gives many sentences the same answer, so it hardly reads Arabic"]
    if model.target_language == "en" and not _ENGLISH & set(" ".join(targets).lower().split()):
        return ["it writes no English"]
    found = [fault_of_translation(*pair) for pair in zip(SENTENCES, targets, strict=True)]
    faults = [fault for fault in found if fault]
    return faults if len(faults) >= len(targets) - 1 else []


def _summary(model: Model, options: EngineOptions) -> list[str]:
    summariser = open_summariser(model, options)
    summary = summariser.summarise(SENTENCES, _WORDS_OF_SUMMARY, _unheard)
    fault = fault_of_summary(SENTENCES, summary.sentences)
    return [fault] if fault else []


def _check_vocabulary(model: Model) -> None:
    """Raises HubError where the weights have no row for most of what the tokenizer makes of Arabic."""
    names = ("source_vocabulary.json", "shared_vocabulary.json")
    path = next((model.path / name for name in names if (model.path / name).is_file()), None)
    if path is None:
        return
    known = _tokens_of(path) - {UNKNOWN}
    tokenizer = open_tokenizer(model)
    _check_marks(model, tokenizer, known)
    frame = len(tokenizer.encode(""))
    tokens = [token for sentence in SENTENCES for token in tokenizer.encode(sentence)]
    unknown = [token for token in tokens if token not in known]
    if len(unknown) > _TOO_MUCH * (len(tokens) - frame * len(SENTENCES)):
        raise HubError(
            f"{model.name} fails its smoke test: it does not read Arabic, "
            f"{len(unknown)} of {len(tokens)} tokens are unknown to it"
        )


def _check_marks(model: Model, tokenizer: Tokenizer, known: set[str]) -> None:
    """Raises HubError for a language or a prefix that the weights have no row for."""
    path = model.path / "target_vocabulary.json"
    known_targets = _tokens_of(path) if path.is_file() else known
    absent = [token for token in tokenizer.encode("") if token not in known]
    absent += [token for token in tokenizer.target_prefix if token not in known_targets]
    if absent:
        raise HubError(
            f"{model.name} fails its smoke test: its vocabulary has no {absent[0]}; mend source_token, "
            "target_token or source_prefix in the catalog"
        )


def _tokens_of(vocabulary: Path) -> set[str]:
    return set(json.loads(vocabulary.read_text("utf-8")))


def _arabic_share(text: str) -> float:
    letters = sum(char.isalpha() for char in text)
    return count_arabic_letters(text) / letters if letters else 0.0


def _share(part: Sequence[str], whole: Sequence[str]) -> float:
    return len(part) / max(1, len(whole))


def _unheard(_done: int, _total: int) -> None:
    pass
