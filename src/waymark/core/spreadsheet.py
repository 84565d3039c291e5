"""Text for the cells of spreadsheets."""

FORMULA_STARTS = frozenset({"=", "+", "-", "@", "\t", "\r"})


def without_formula(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it as a formula."""
    # Known as CSV injection: "=HYPERLINK(...)" in a title would be run when the file is opened.
    return f"'{text}" if text[:1] in FORMULA_STARTS else text


def as_cell(text: str) -> str:
    """The text as without_formula gives it, so that text_of_cell gives it back."""
    return f"'{text}" if _is_formula(text) else text


def text_of_cell(cell: str) -> str:
    """The text of a cell that as_cell made."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell) else cell


def _is_formula(text: str) -> bool:
    # Some programs skip spaces. An apostrophe of the text's own gets another one.
    return text.lstrip("' ")[:1] in FORMULA_STARTS
