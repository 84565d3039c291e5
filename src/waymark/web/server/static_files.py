"""Static files with names that contain their hash, so that browsers can keep them for a year."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from whitenoise.compress import Compressor


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
    """
    call_command("collectstatic", interactive=False, verbosity=0)
    compressor = Compressor(quiet=True)
    for file in Path(settings.STATIC_ROOT).rglob("*.*"):
        if file.is_file() and compressor.should_compress(file.name):
            compressor.compress(str(file))
