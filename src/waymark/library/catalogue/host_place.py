"""Place of an article in its journal, or of a chapter in its book."""

import re

_PLACE = re.compile(r"(?P<volume>\w+)(?: ?\((?P<issue>[^()]+)\))?(?:, ?(?P<pages>\w+(?:-\w+)?))?")


def parse_article_place(text: str) -> dict[str, str]:
    """Volume, issue and pages in "41(2), 242-260"; {} if the text is not of this form."""
    match = _PLACE.fullmatch(text.replace("\N{EN DASH}", "-"))
    return match.groupdict("") if match else {}


def article_place(volume: str, issue: str, pages: str) -> str:
    """Volume, issue and pages as printed in a reference: "41(2), 242-260"."""
    return ", ".join(filter(None, (f"{volume}({issue})" if issue else volume, pages)))
