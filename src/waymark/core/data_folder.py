"""Where the data folder is, and on what file system, for code that runs without Django."""

import os
from contextlib import suppress
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")


def data_folder() -> Path:
    """The data folder that WAYMARK_DATA names, else ./waymark-data."""
    return Path(os.environ.get("WAYMARK_DATA") or "waymark-data").resolve()


def data_folders() -> list[Path]:
    """The data folder, and those beside it that a restore put aside under a longer name."""
    folder = data_folder()
    with suppress(OSError):
        beside = folder.parent.iterdir()
        return [folder, *sorted(path for path in beside if path.name.startswith(f"{folder.name}."))]
    return [folder]


def file_system_of(folder: Path) -> str:
    """Kind of the file system that holds a resolved folder, such as "ext4" or "nfs4".

    "" where the system does not say.
    """
    try:
        rows = [line.split() for line in MOUNTS.read_text("utf-8", "replace").splitlines()]
    except OSError:
        return ""
    kinds = {Path(row[1].replace(r"\040", " ")): row[2] for row in rows}
    return next((kinds[place] for place in (folder, *folder.parents) if place in kinds), "")
