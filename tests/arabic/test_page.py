"""docs/arabic.md is what the table says today."""

import unicodedata

from tests.arabic.render import PAGE, page
from tests.arabic.table import cases


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.arabic.render"


def test_the_page_has_every_case_in_a_row_of_three_cells() -> None:
    rows = [line for line in page().split("\n") if line.startswith("| ") and not line.startswith("| Case |")]
    assert len(rows) == len(cases())
    assert {row.count("|") for row in rows} == {4}


def test_the_page_hides_no_character() -> None:
    hidden = {char for char in page() if unicodedata.category(char) in ("Cc", "Cf")}
    assert hidden <= set("\n\u200d۝")  # a joiner between emoji, and the ring around a verse's number
