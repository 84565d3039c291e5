"""Manifest of a backup: its files with sizes and SHA-256, and its numbers of rows."""

import json
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from waymark.core.errors import Refused

FORMAT = "waymark-backup 1"
NAME = "manifest.json"
MADE_AGAIN = ("index", "page-images", "before-migrating", "arriving", "receiving", "lock")
"""Parts of the data folder that can be rebuilt: neither copied nor restored."""
NOT_COPIED = (*MADE_AGAIN, "waymark.sqlite3", "waymark.sqlite3-wal", "waymark.sqlite3-shm")
Kind = Literal["sqlite", "postgresql"]
DATABASE_FILE: dict[Kind, str] = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


def _stays_inside(path: str) -> str:
    """Check a path below the data folder, in its only accepted spelling.

    Accepted: "originals/ab/abcdef". Refused: "/etc/passwd", "../x", "a//b", "a/./b", "index/x".
    """
    parts = PurePosixPath(path).parts
    sound = path == "/".join(parts) and parts and path.isprintable() and "\\" not in path
    if not sound or parts[0] == "/" or ".." in parts or parts[0] in NOT_COPIED:
        raise ValueError(f"{path!r} is not a path of a data folder")
    return path


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Content(_Strict):
    """Size in bytes, and SHA-256 in hex."""

    size: int
    sha256: str


class File(Content):
    """A file. path: its place in the data folder, with slashes."""

    path: Annotated[str, AfterValidator(_stays_inside)]


class Database(Content):
    """The copy of the database. migrations: app.name of those applied; counts: table -> rows."""

    kind: Kind
    migrations: tuple[str, ...]
    counts: dict[str, int]


class Manifest(_Strict):
    """One backup.

    settings: WAYMARK_* and DATABASE_URL in force, without passwords. missing: paths of files that
    could not be copied.
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
    """The bytes of a manifest file."""
    return json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1).encode()


def read_manifest(content: bytes, where: str) -> Manifest:
    """Read the manifest of the backup `where`. Raises Refused if damaged or of a newer format."""
    try:
        values = json.loads(content)
    except ValueError:
        raise Refused(where, f"its {NAME} is damaged", "Make another backup.") from None
    form = values.get("format") if isinstance(values, dict) else None
    if form != FORMAT and str(form).startswith("waymark-backup "):
        raise Refused(
            where,
            "it was created by a newer version of Waymark",
            "Install that version or a newer one.",
        )
    try:
        return Manifest.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        raise Refused(
            where, f"its {NAME} is damaged ({place}: {fault['msg']})", "Make another backup."
        ) from None
