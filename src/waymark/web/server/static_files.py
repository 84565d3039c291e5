"""Static files with names that contain their hash, so that browsers can keep them for a year."""

import fcntl
import hashlib
from operator import itemgetter
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from whitenoise.compress import Compressor

LOCK, COLLECTED = "lock", "collected"
"""Files in the folder of static files: while it is written, and of which sources it is."""


class HashedStaticFiles(ManifestStaticFilesStorage):
    """Names with a hash for files that were collected, plain names for others.

    Plain names keep pages whole where nobody collected, such as under another server.
    """

    def stored_name(self, name: str) -> str:
        """Name of the file as it is served."""
        return self.hashed_files.get(self.hash_key(name)) or name


def collect_static_files() -> None:
    """Copy the static files into the data folder, with hashed names, and compress them.

    Files of earlier versions stay, because a page that is open in a browser may still ask for them.
    Nothing is written where the files of this version are there already: another host may be
    serving them from the same folder.
    """
    root = Path(settings.STATIC_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with (root / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # hosts that start at the same moment take turns
        version = _version_of_sources()
        collected = root / COLLECTED
        if collected.exists() and collected.read_text("ascii") == _state(root, version):
            return
        collected.unlink(missing_ok=True)
        _collect(root)
        collected.write_text(_state(root, version), "ascii")


def _state(root: Path, version: str) -> str:
    """Hashes of the sources and of the list of hashed names.

    An earlier version that is put back writes the list anew and does not know the file COLLECTED.
    """
    names = root / ManifestStaticFilesStorage.manifest_name
    digest = hashlib.sha256(names.read_bytes()).hexdigest() if names.exists() else ""
    return f"{version} {digest}"


def _version_of_sources() -> str:
    """Hash of the names and contents of all static files before they are collected."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=itemgetter(0)):
            content = Path(storage.path(name)).read_bytes()
            digest.update(f"{name} {len(content)} ".encode() + content)
    return digest.hexdigest()


def _collect(root: Path) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    compressor = Compressor(quiet=True)
    for file in root.rglob("*.*"):
        if file.is_file() and compressor.should_compress(file.name):
            compressor.compress(str(file))
