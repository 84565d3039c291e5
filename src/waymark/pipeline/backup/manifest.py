"""The manifest of a backup: what it holds, with sizes, SHA-256 and numbers of rows."""

import json
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from waymark.core.errors import Refused

FORMAT = "waymark-backup 1"
NAME = "manifest.json"
MADE_AGAIN = ("index", "page-images", "before-migrating", "arriving", "receiving", "lock")
"""What the data folder holds beside what it owns: it is neither copied nor restored."""
NOT_COPIED = (*MADE_AGAIN, "waymark.sqlite3", "waymark.sqlite3-wal", "waymark.sqlite3-shm")
Kind = Literal["sqlite", "postgresql"]
DATABASE_FILE: dict[Kind, str] = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


def _stays_inside(path: str) -> str:
    """A path below the data folder, written in one way only."""
    parts = PurePosixPath(path).parts
    sound = path == "/".join(parts) and parts and path.isprintable() and "\\" not in path
    if not sound or parts[0] == "/" or ".." in parts or parts[0] in NOT_COPIED:
        raise ValueError(f"{path!r} is no place in a data folder")
    return path


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Content(_Strict):
    """Size in bytes, and SHA-256 in hex."""

    size: int
    sha256: str


class File(Content):
    """A file. path: where it lies in the data folder, with slashes."""

    path: Annotated[str, AfterValidator(_stays_inside)]


class Database(Content):
    """The copy of the database. migrations: app.name of those applied; counts: table -> rows."""

    kind: Kind
    migrations: tuple[str, ...]
    counts: dict[str, int]


class Manifest(_Strict):
    """One backup.

    settings: WAYMARK_* and DATABASE_URL in force, without passwords. missing: files that were not
    there to be copied: SHA-256 of originals.
    """

    format: Literal["waymark-backup 1"]
    created_at: datetime
    waymark: str
    installation: str
    database: Database
    files: tuple[File, ...]
    settings: dict[str, str]
    missing: tuple[str, ...]


def written(manifest: Manifest) -> bytes:
    """The manifest as it is stored."""
    return json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1).encode()


def read_manifest(content: bytes, where: str) -> Manifest:
    """The manifest of the backup `where`. Raises Refused for what is damaged or of a newer form."""
    try:
        said = json.loads(content)
    except ValueError:
        raise Refused(where, f"its {NAME} is damaged", "Take another backup.") from None
    form = said.get("format") if isinstance(said, dict) else None
    if form != FORMAT and str(form).startswith("waymark-backup "):
        raise Refused(
            where, "it was made by a newer version of Waymark", "Install that version, or newer."
        )
    try:
        return Manifest.model_validate(said)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        raise Refused(
            where, f"its {NAME} is damaged ({place}: {fault['msg']})", "Take another backup."
        ) from None
