"""What many tests look at and none changes is made once for a file of them, and rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker


@contextmanager
def made_once(blocker: DjangoDbBlocker, folder: Path) -> Iterator[None]:
    """The database is open, with a data folder of its own and quick passwords, until the end."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        blocker.unblock(),
        override_settings(DATA=folder, PASSWORD_HASHERS=hashers),
        transaction.atomic(),
    ):
        yield
        transaction.set_rollback(True)
