"""Fixtures that several stages share: a small published framework, a report with two paragraphs."""

import gc
import os
import shutil
from collections import Counter
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from tests.earlier_tables import empty_database, migrate_to_last, move_tables
from tests.factories import NOON, make_report, make_review
from tests.frameworks.test_schema import GOOD
from tests.new_installations import migrated_database, share_with_run
from tests.slowest import SLOWEST
from tests.written_once import written_once
from waymark.accounts.content_state import ContentCache
from waymark.frameworks.services import load_framework, publish_framework
from waymark.web.middleware.pacing import LIMITERS

# How long an example takes says something of the machine and nothing of the law that is tested.
untimed = hypothesis.settings(
    deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
# The same examples in every run: what passed once passes again. script/soak looks for new ones.
hypothesis.settings.register_profile("repeated", untimed, derandomize=True)
hypothesis.settings.register_profile("searching", untimed, max_examples=1_000)
hypothesis.settings.load_profile("repeated")


def pytest_configure() -> None:
    """The test database is a file in the data folder, so the folder must exist."""
    # A process of xdist for itself: what one test withdraws is in the folder's journal.
    settings.DATA = settings.DATA / os.environ.get("PYTEST_XDIST_WORKER", "alone")
    settings.STATIC_ROOT = settings.DATA / "static"
    # No address on the internet is contacted, neither here nor by servers that tests start.
    settings.LINK_CHECKS, os.environ["WAYMARK_LINK_CHECKS"] = False, "0"
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    # Modules and collected tests stay to the end: looking among them for what could be freed costs
    # a quarter of the time of collecting, and a twentieth of that of the tests.
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on Python looks for unused objects among those alone that a test creates."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slowest files where several processes share the files.

    Started last, a file of a minute would keep one process at work after the others have ended.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = {file: number for number, file in enumerate(SLOWEST)}
        root = Path(__file__).parent
        items.sort(key=lambda item: place.get(str(item.path.relative_to(root)), len(place)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what was measured, and what was not checked."""
    _print_measures(terminalreporter)
    # A run that skips is not a run that passes.
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("NOT CHECKED", sep="=", yellow=True)
        reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
        terminalreporter.line(f"{len(skipped)} tests were skipped, so what they guard is unknown:")
        for reason, number in reasons.most_common():
            terminalreporter.line(f"{number:>5}  {reason}")


def _print_measures(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    rows = [
        row
        for report in reports
        for name, value in report.user_properties
        if name == "anonymity"
        for row in value
    ]
    if rows:
        terminalreporter.section("ANONYMITY: SHARE OF PLANTED IDENTIFIERS FOUND", sep="=")
        for row in rows:
            terminalreporter.line(row)


@pytest.fixture(scope="session", autouse=True)
def share_new_installations(tmp_path_factory):
    """Whoever needs a new installation copies what this run has migrated once."""
    share_with_run(tmp_path_factory)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings, share_new_installations, tmp_path_factory):
    """Begin with a copy of the migrated database; pytest-django applies what it still lacks."""
    if connection.vendor != "sqlite":
        return False
    place = Path(connection.creation._get_test_db_name())
    for path in place.parent.glob(f"{place.name}*"):
        path.unlink()
    migrated = migrated_database(tmp_path_factory.mktemp("migrated"))
    shutil.copyfile(migrated / "waymark.sqlite3", place)
    return True


@pytest.fixture
def tables_at(request, django_db_setup, django_db_blocker, tmp_path):
    """Moves an app to one of its migrations; returns the models of the tables that are then there.

    PostgreSQL changes tables within the transaction of the test, and goes back from the last ones.
    """
    if connection.vendor == "postgresql":
        request.getfixturevalue("db")
        yield move_tables
        migrate_to_last()
        return
    with empty_database(django_db_blocker, tmp_path / "earlier.sqlite3"):
        yield move_tables


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Slow hashing is for real passwords; these protect nobody."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def no_removals(settings):
    """A test begins without what the one before wrote of its database, as its database does."""
    for name in ("removals.jsonl", "installation.json", "audit-position"):
        (settings.DATA / name).unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def nothing_cached(settings):
    """Tests write rows without services at one fixed time, so two may have the same mark."""
    shutil.rmtree(settings.DATA / "data-files", ignore_errors=True)
    ContentCache.clear_all()
    for limiter in LIMITERS:
        limiter.forget()


@pytest.fixture
@written_once
def framework(db):
    made = load_framework(by=None, source=GOOD, file="small.yaml", now=NOON)
    publish_framework(by=None, framework=made, now=NOON)
    return made


@pytest.fixture
@written_once
def report(db):
    words = "The visits stopped in May. Nobody asked why.", "The file held two letters."
    return make_report(make_review("T1"), *words)
