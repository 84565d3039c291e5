"""Files of attachments in the data folder, by the hash of their bytes."""

from pathlib import Path

from django.conf import settings


def attachments_folder() -> Path:
    """Folder of the files. It is part of each backup."""
    return Path(settings.DATA) / "enquiry-files"


def attachment_path(sha256: str) -> Path:
    """File of an attachment. Its name says nothing of its content."""
    return attachments_folder() / sha256[:2] / sha256
