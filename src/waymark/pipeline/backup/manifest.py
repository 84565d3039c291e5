"""Manifest of a backup: its files with sizes and SHA-256, and its numbers of rows."""

import json
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from waymark.core.errors import FileRefused

FORMAT = "waymark-backup 1"
MANIFEST_NAME = "manifest.json"
REBUILT = (
    "index",
    "meaning",
    "page-images",
    "data-files",
    "static",
    "before-migrating",
    "arriving",
    "receiving",
    "operation",
    "originals-address",
    "lock",
)
"""Parts of the data folder that can be rebuilt: neither copied nor restored."""
NOT_COPIED = (*REBUILT, *(f"waymark.sqlite3{ending}" for ending in ("", "-wal", "-shm", "-queue")))
DatabaseKind = Literal["sqlite", "postgresql"]
DATABASE_FILE: dict[DatabaseKind, str] = {
    "sqlite": "database.sqlite3",
    "postgresql": "database.dump",
}


def _stays_inside(path: str) -> str:
    """Check a path below the data folder, in its only accepted spelling.

    Accepted: "originals/ab/abcdef". Refused: "/etc/passwd", "../x", "a//b", "a/./b", "index/x".
    """
    parts = PurePosixPath(path).parts
    # PurePosixPath drops "." and double slashes, so a path that is not its own parts joined was
    # written in another spelling. A manifest can come from anywhere: without this check, a restore
    # could write outside the data folder.
    sound = path == "/".join(parts) and parts and path.isprintable() and "\\" not in path
    if not sound or parts[0] == "/" or ".." in parts or parts[0] in NOT_COPIED:
        raise ValueError(f"{path!r} is not a path of a data folder")
    return path


class _StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileContent(_StrictModel):
    """Size in bytes, and SHA-256 in hex."""

    size: int
    sha256: str


class BackupFile(FileContent):
    """A file. path: its place in the data folder, with slashes."""

    path: Annotated[str, AfterValidator(_stays_inside)]


class DatabaseCopy(FileContent):
    """The copy of the database. migrations: app.name of those applied; counts: table -> rows."""

    kind: DatabaseKind
    migrations: tuple[str, ...]
    counts: dict[str, int]


class BackupManifest(_StrictModel):
    """One backup.

    settings: WAYMARK_* and DATABASE_URL in force, without passwords. missing: paths of files that
    could not be copied.
    """

    format: Literal["waymark-backup 1"]
    created_at: datetime
    waymark: str
    installation: str
    database: DatabaseCopy
    files: tuple[BackupFile, ...]
    settings: dict[str, str]
    missing: tuple[str, ...]


def manifest_bytes(manifest: BackupManifest) -> bytes:
    """The bytes of a manifest file."""
    return json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1).encode()


def read_manifest(content: bytes, where: str) -> BackupManifest:
    """Read the manifest of the backup `where`. Raises FileRefused if damaged or newer."""
    try:
        values = json.loads(content)
    except ValueError:
        raise FileRefused(
            where, f"its {MANIFEST_NAME} is damaged", "Make another backup."
        ) from None
    form = values.get("format") if isinstance(values, dict) else None
    # "waymark-backup 2" is of a later version; anything else in this place is damage.
    if form != FORMAT and str(form).startswith("waymark-backup "):
        raise FileRefused(
            where,
            "it was created by a newer version of Waymark",
            "Install that version or a newer one.",
        )
    try:
        return BackupManifest.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        raise FileRefused(
            where,
            f"its {MANIFEST_NAME} is damaged ({place}: {fault['msg']})",
            "Make another backup.",
        ) from None
