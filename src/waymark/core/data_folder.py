"""Where the data folder is, for code that runs without Django."""

import os
from contextlib import suppress
from pathlib import Path


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
