"""Files of trained models in the data folder, each under its SHA-256.

DATA/suggesters/abcdef...   a model, as learned/model_file.py writes it
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from waymark.core.errors import FileRefused
from waymark.core.extras import LaterModule
from waymark.documents.files.storage import sha256_of, write_whole

if TYPE_CHECKING:
    from waymark.coding.learned import model_file
    from waymark.coding.learned.text_model import TextModel
else:
    model_file = LaterModule("waymark.coding.learned.model_file")

FOLDER = "suggesters"


def suggesters_folder() -> Path:
    """The folder of trained models."""
    return Path(settings.DATA) / FOLDER


def store_model(model: TextModel) -> str:
    """Write a model; returns the SHA-256 that it is stored under. Call it before its row exists."""
    content = model_file.dump_model(model)
    sha256 = hashlib.sha256(content).hexdigest()
    if not (suggesters_folder() / sha256).exists():
        write_whole(suggesters_folder(), [content], name=lambda: sha256)
    return sha256


def stored_model(sha256: str) -> TextModel:
    """The model of a hash. Raises FileRefused if it is missing, changed or of another version."""
    path = suggesters_folder() / sha256
    if fault := model_fault(sha256):
        raise FileRefused(path.name, fault, "Restore it from a backup, or train another")
    return _loaded(path)


def erase_model(sha256: str) -> None:
    """Erase the file of a model, and what this process has loaded of it."""
    (suggesters_folder() / sha256).unlink(missing_ok=True)
    _loaded.cache_clear()


@lru_cache(maxsize=1)
def _loaded(path: Path) -> TextModel:
    # A round has many reports, and the file may be large. It is named by its content.
    return model_file.load_model(path.read_bytes(), file=path.name)


def model_fault(sha256: str) -> str:
    """Problem with the file of a model, as the end of a sentence; "" if there is none."""
    try:
        same = sha256_of(suggesters_folder() / sha256) == sha256
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return "" if same else "has changed"
