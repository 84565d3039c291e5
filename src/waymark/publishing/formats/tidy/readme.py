"""README.md of a folder of data, for the person who opens it."""

from collections.abc import Sequence

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.publishing.document.method_text import limits_of_reviews
from waymark.publishing.formats.tidy.package import (
    APOSTROPHE,
    NO_LICENCE,
    PackageDescription,
    PackageFile,
)

LICENCE = "Licence: {0}."
WORDS = "The words of reports belong to those who published them."
SILENCE = (
    "Silence is not absence. If a report does not mention something, the value says so"
    " (not_mentioned, not_recorded, not_found). It does not mean that it was absent. The five"
    " states of a factor are present, suspected, stated_absent, not_mentioned and unclear."
)
READING = (
    "CSV is UTF-8 with a comma between fields and a row of names; an empty field has no value, and"
    " the dictionary explains why. In a spreadsheet, open it with the menu for importing text."
    " Parquet contains the same rows with types and categories. csv-metadata.json describes the CSV"
    " files for programs that know CSV on the Web."
)
CHECK = "The size and the SHA-256 of every file are in datapackage.json."


def readme_text(about: PackageDescription, files: Sequence[PackageFile]) -> bytes:
    """Bytes of the README. The same files give the same bytes."""
    tables = {file.shape.name: file for file in files}
    lines = [f"# {about.title}", "", about.text, "", *_metadata_lines(about), "", "## Files", ""]
    for file in tables.values():
        shape = file.shape
        many = f"{file.rows:,} row{'s' * (file.rows != 1)}"
        lines.append(f"- `{shape.name}` ({many}): {shape.text}")
    lines += ["", "## How to read them", "", READING, "", APOSTROPHE, "", SILENCE, "", CHECK]
    lines += ["", "## Uses that are not allowed", "", FORBIDDEN_USES_IN_FULL]
    lines += ["", "## What these data cannot tell", ""]
    lines += [f"- {text}" for text in limits_of_reviews()]
    licence = LICENCE.format(about.licence) if about.licence else NO_LICENCE
    if about.publisher:
        lines += ["", "## Publisher", "", about.publisher]
        lines += ["", f"Contact: {about.contact}"] if about.contact else []
    return "\n".join([*lines, "", "## Licence", "", f"{licence} {WORDS}", ""]).encode()


def _metadata_lines(about: PackageDescription) -> list[str]:
    return [
        f"- {name.replace('_', ' ').capitalize()}: {value}"
        for name, value in about.metadata.items()
    ]
