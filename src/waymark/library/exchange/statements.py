"""Fields of a record that a format of references has no place for, as statements in its notes.

RIS has no field for the board of a review: "N1  - Board: Otter Board" is written and read again.
Pure.
"""

import re

ORGANISATION, PERSON = "organisation", "person"
"""Authors that are not what their names look like: a body called "Ash, Ann"."""
LABELS = {
    "kind": "Kind",
    "board": "Board",
    "review_type": "Type of review",
    "pseudonym": "Name of the child or family in the report",
    "period": "Period",
    "nation": "Nation",
    "audience": "Audience",
    "conducted_by": "Work done by",
    "series": "Series",
    "report_number": "Report number",
    "issn": "ISSN",
    "key_points": "Key point",
    "contents": "Contents",
    "transcript_url": "Transcript",
    "accessed_on": "Date accessed",
    "published_on": "Published on",
    ORGANISATION: "Organisation among the authors",
    PERSON: "Person among the authors",
}
"""Field of RecordData -> its label in a statement."""
CONTENTS = "contents"
LISTS = frozenset({"key_points", CONTENTS, ORGANISATION, PERSON})
"""Fields with several values, each of which is a statement."""
_ENTRY = re.compile(r"(.*?)(?: \(page (\d{1,6})\))?")


def entry_of_contents(title: str, page: int | None) -> str:
    """An entry of a table of contents: "Foreword (page 5)"."""
    return title if page is None else f"{title} (page {page})"


def title_and_page(entry: str) -> tuple[str, int | None]:
    """Title and page of an entry that entry_of_contents() wrote."""
    match = _ENTRY.fullmatch(entry)
    if match is None:
        return entry, None
    return match[1], int(match[2]) if match[2] else None
