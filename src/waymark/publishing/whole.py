"""A new folder that is there when all of it is written, and not before."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waymark.core.errors import Refused


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A folder to write to, which takes the place of `folder` in the end.

    Raises Refused where that holds anything already. What fails in between leaves nothing behind.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(str(folder), "it is there already and not empty", "Name a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        yield temporary
        temporary.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
