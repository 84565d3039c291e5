"""Files that no row of the database names, moved aside and back by a person.

    DATA/quarantine/originals/<SHA-256>.pdf     with the ending of its format, so that
    DATA/quarantine/staging/<name>.docx         `waymark ingest` can read it from there
    DATA/quarantine/publications/<SHA-256>.pdf

Nothing is ever overwritten or deleted: a file moves by a second hard link and the removal of the
first.
"""

from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import FileRefused, RuleError
from waymark.core.files import flush_folder
from waymark.documents.files import originals, storage


@audit.serialized
def move_aside(*, by: Actor, path: Path, now: datetime) -> Path:
    """Move a file of originals, publications or staging to the quarantine; returns its new path.

    The caller has checked that no row names it. Raises NotPermitted, and RuleError if another file
    is in its new place.
    """
    require_permission(by, "add reports")
    folder = next(
        place
        for place in (
            storage.originals_folder(),
            storage.publications_folder(),
            storage.staging_folder(),
        )
        if path.is_relative_to(place)
    )
    aside = storage.quarantine_folder() / folder.name
    if settings.ORIGINALS and folder == storage.originals_folder():
        return _fetch_aside(by, path.name, aside, now)
    name = path.name if path.suffix else f"{path.name}{_ending_for(path)}"
    _move_file(by, path, aside / name, "move to quarantine", now)
    return aside / name


def _fetch_aside(by: Actor, sha256: str, aside: Path, now: datetime) -> Path:
    """Move an original from the address where originals are to the quarantine."""
    store = originals.original_store()
    # Not checked: a damaged file is moved too, as one in the folder is.
    with store.local_file(sha256, checked=False) as copy, copy.open("rb") as file:
        name = f"{sha256}{_ending_for(copy)}"
        if (aside / name).exists() and storage.sha256_of(aside / name) != storage.sha256_of(copy):
            raise RuleError(f"{aside / name} is a different file: move it away first")
        _note_move(by, sha256, "move to quarantine", now)
        storage.write_whole(aside, iter(partial(file.read, storage.CHUNK), b""), name=lambda: name)
    store.remove(sha256)
    return aside / name


@audit.serialized
def bring_back(*, by: Actor, path: Path, target: Path, now: datetime) -> None:
    """Move a file from the quarantine to its place. Raises as above."""
    require_permission(by, "add reports")
    action = "bring back from quarantine"
    if settings.ORIGINALS and target.is_relative_to(storage.originals_folder()):
        _note_move(by, path.name, action, now)
        originals.original_store().add(path, target.name)
        storage.remove_durably(path)
        return
    _move_file(by, path, target, action, now)


def _ending_for(path: Path) -> str:
    # Imported only here: the parsers need large libraries, and nearly no command moves a file.
    from waymark.documents import parsers

    endings = {
        parsers.pdf.read_pdf: ".pdf",
        parsers.docx.read_docx: ".docx",
        parsers.opendocument.read_odt: ".odt",
        parsers.html.read_html: ".html",
        parsers.mail.read_mail: ".eml",
        parsers.markdown.read_markdown: ".md",
    }
    with path.open("rb") as file:
        head = file.read(parsers.HEAD)
    try:
        return endings.get(parsers.parser_for(head, path.name), ".txt")
    except FileRefused:
        return ""


def _note_move(by: Actor, name: str, action: str, now: datetime) -> None:
    audit.record_entry(actor=by, action=action, subject=f"file {name}", now=now)


def _move_file(by: Actor, path: Path, target: Path, action: str, now: datetime) -> None:
    _note_move(by, path.name, action, now)
    target.parent.mkdir(parents=True, exist_ok=True)
    # A rename would replace a file at the target. A hard link fails instead; after a crash between
    # link and unlink the file has both names, and moving it again finishes the work.
    try:
        target.hardlink_to(path)
    except FileExistsError as error:
        if storage.sha256_of(target) != storage.sha256_of(path):
            raise RuleError(f"{target} is a different file: move it away first") from error
    flush_folder(target.parent)
    path.unlink()
    flush_folder(path.parent)
