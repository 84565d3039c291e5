"""What a person can do about an error of the database or the disk, from its message."""

import errno

FREE_SPACE = "free some disk space and try again"
_WRITE = "let this user write to the data folder and try again"
_DAMAGED = "restore a backup with waymark restore"
_REMEDIES = (
    ("disk is full", FREE_SPACE),
    ("no space left", FREE_SPACE),
    ("disk i/o error", "free some disk space, or check the disk, and try again"),
    ("readonly database", _WRITE),
    ("unable to open database file", _WRITE),
    ("database is locked", "another command is writing: wait, then try again"),
    ("malformed", _DAMAGED),
    ("not a database", _DAMAGED),
    ("connection", "check that PostgreSQL is running and that DATABASE_URL is right"),
)
"""Words of a message of SQLite or PostgreSQL, in lower case, and what to do."""


_OF_DISK = ("disk is full", "no space left", "disk i/o error", "readonly database")
"""Words of messages of the database that are about the disk."""
_DISK_ERRORS = {
    errno.ENOSPC: FREE_SPACE,
    errno.EDQUOT: FREE_SPACE,
    errno.EROFS: _WRITE,
    errno.EACCES: _WRITE,
    errno.EIO: "check the disk and try again",
}


def database_remedy(message: str) -> str:
    """The remedy; "" for an error that is a fault of the program."""
    words = message.lower()
    return next((remedy for part, remedy in _REMEDIES if part in words), "")


def disk_failure(error: Exception) -> str:
    """An error of the disk, which no other file would escape, with its remedy; else ""."""
    if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
        return f"{error.strerror}: {_DISK_ERRORS[error.errno]}"
    message = " ".join(str(error).split())
    if not any(part in message.lower() for part in _OF_DISK):
        return ""
    return f"{message}: {database_remedy(message)}"


def unusable_database(error: Exception) -> str:
    """An error of the database in one line, with its remedy if there is one."""
    message = " ".join(str(error).split())
    parts = ("the database cannot be used", message, database_remedy(message))
    return ": ".join(part for part in parts if part)
