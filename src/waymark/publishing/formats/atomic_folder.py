"""Write a folder atomically: it appears when all of it is written, and not before."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waymark.core.errors import FileRefused


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Temporary folder that replaces `folder` at the end; an error leaves nothing behind.

    Raises FileRefused if `folder` is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileRefused(
            str(folder), "this folder already exists and is not empty", "Name a new folder."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the folder and not in /tmp: renaming is atomic only within one file system.
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        yield temporary
        # mkdtemp makes folders that only the owner can open.
        temporary.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
