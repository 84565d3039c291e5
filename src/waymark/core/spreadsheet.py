"""Text for the cells of spreadsheets."""

FORMULA_STARTS = frozenset({"=", "+", "-", "@", "\t", "\r"})


def without_formula(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it as a formula."""
    # Known as CSV injection: "=HYPERLINK(...)" in a title would be run when the file is opened.
    return f"'{text}" if text[:1] in FORMULA_STARTS else text
