"""Answers of one small library on a database, a search engine and an executor of choice.

Each is built in an installation of its own by tests/pipeline/answers_program.py. Those of SQLite
with the built-in engine and no cluster, built once in each run, are what all others are held to.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from tests.databases import environment_for
from tests.new_installations import built_once, run_folder
from tests.postgresql_server import new_database
from waymark.core.uk_time import uk_date

TEXTS = (
    "The heron stood in the river.",
    "Two letters were filed; nobody read the letters.",
    "The school saw herons.",
    # Held back for a name, so that visitors find less than staff.
    "Roedd y gweithiwr yn poeni am esgeulustod.",
    "Visit 3 was not written down. The father was at home.",
)
Answers = dict[str, object]


def installation(folder: Path, url: str = "") -> dict[str, str]:
    """Make an installation in a new folder; returns the environment of its programs.

    url: of an empty PostgreSQL database; "" for SQLite.
    """
    environment = {**environment_for(folder), "DJANGO_SETTINGS_MODULE": "waymark.settings"}
    environment.pop("DATABASE_URL", None)
    if url:
        environment["DATABASE_URL"] = url
    _run(environment, "waymark", "migrate")
    return environment


def copied_installation(made: Mapping[str, str], folder: Path, name: str) -> dict[str, str]:
    """A copy of a PostgreSQL installation that nothing uses, in a database of this name."""
    url = made["DATABASE_URL"]
    database = urlsplit(url).path.removeprefix("/")
    server = urlsplit(url)._replace(path="/waymark").geturl()
    copy = new_database(server, name, f"TEMPLATE {database}")
    shutil.copytree(made["WAYMARK_DATA"], folder)
    return {**made, "WAYMARK_DATA": str(folder), "DATABASE_URL": copy}


def answers_of(environment: Mapping[str, str], **settings: str) -> Answers:
    """Build the library in an installation, with further settings; returns its answers."""
    data = Path(environment["WAYMARK_DATA"])
    files, written = data.with_name(f"{data.name}-files"), data.with_name(f"{data.name}.json")
    files.mkdir()
    for number, text in enumerate(TEXTS):
        text = f"Review of case {number}\n\n{text}\n\nThe baby was seen by the health visitor.\n"
        (files / f"{number}.txt").write_text(text, "utf-8")
    program = ["tests.pipeline.answers_program", str(files), str(written)]
    _run({**environment, **settings}, *program)
    return {"day": str(uk_date(timezone.now())), **json.loads(written.read_text("utf-8"))}


def expected_answers() -> Answers:
    """Those of SQLite, the built-in engine and no cluster."""

    def build(folder: Path) -> str:
        folder.mkdir()
        return json.dumps(answers_of(installation(folder / "sqlite")))

    answers: Answers = json.loads(built_once(run_folder(), "answers", build)[1])
    return answers


def check_same(answers: Answers) -> None:
    """Fail with the parts that differ from the expected answers."""
    expected = expected_answers()
    # Citations say on which day a record was read.
    if answers["day"] != expected["day"]:
        pytest.skip("the day has changed since the expected answers were built")
    assert answers.keys() == expected.keys()
    for part, values in expected.items():
        assert answers[part] == values, part


def _run(environment: Mapping[str, str], *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
