"""Backups: what is in them, while others write, and whatever moment they are killed at."""

import hashlib
import json
import random
import shutil
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.utils import timezone

from tests.factories import NOON, make_report, make_review
from tests.pipeline.forked import Child, Failed
from tests.pipeline.installation import ON_POSTGRESQL
from waymark.accounts import audit
from waymark.accounts.models import State
from waymark.core.errors import Refused
from waymark.documents.models import Original, Report
from waymark.documents.storage import keep_original, original_path, stage
from waymark.library.services import catalogue_review, index_changed
from waymark.pipeline import change_state, examine
from waymark.pipeline.backup import back_up, check_backup, restore
from waymark.pipeline.opening import open_installation
from waymark.pipeline.schema import migrate

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="compares SQLite's files")

KILLS = 20
CHANGED_BY_RESTORE = {"accounts_installation", "accounts_auditentry", "library_cataloguerecord"}
"""Emails are paused, that is written down, and the index is made anew."""


def fill(data: Path):
    """Two reviews with their originals, an upload that waits, an installation opened once."""

    def work():
        migrate()
        open_installation(now=NOON)
        for number in range(2):
            store(data, f"R{number}", f"The visits stopped in May {number}.")
        stage([b"an upload that waits"])
        (data / "secret-key").write_text("secret")
        index_changed(now=NOON)

    return work


def store(data: Path, reference: str, text: str) -> Report:
    review = make_review(reference, state=State.PUBLISHED)
    report = make_report(review, text)
    keep_bytes(data, report.original_id, text.encode())
    catalogue_review(by=None, review=review, now=NOON)
    return report


def keep_bytes(data: Path, key: str, content: bytes) -> None:
    """An original whose row make_report() wrote, with the name that its bytes give it."""
    path = original_path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture(scope="session")
def filled(tmp_path_factory, django_db_blocker):
    data = tmp_path_factory.mktemp("filled") / "data"
    data.mkdir()
    Child(django_db_blocker, data, fill(data)).result()
    return data
