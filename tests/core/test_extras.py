"""A small installation: without the packages of the extras, most works and the rest names one."""

import subprocess
import sys

import pytest

from tests.databases import environment_for

HIDE = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""
OPTIONAL = {"pandas", "pyarrow", "typst", "docx", "xlsxwriter"}


def run_without(absent, source, data, **settings):
    """Run Python source in a process that cannot import some packages."""
    return subprocess.run(
        [sys.executable, "-c", HIDE.format(absent=absent) + source],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment_for(data) | settings,
    )


def command_without(absent, data, *words, **settings):
    source = f"from waymark.cli import main\nmain({list(map(str, words))!r}, prog_name='waymark')"
    return run_without(absent, source, data, **settings)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A data folder that was filled without any of the optional packages."""
    data = tmp_path_factory.mktemp("small") / "data"
    report = tmp_path_factory.mktemp("reports") / "one.txt"
    report.write_text("1 Findings\n\nThe file held no chronology.\n", "utf-8")
    run = command_without(OPTIONAL, data, "ingest", report, "--publish")
    assert run.returncode == 0, run.stderr
    return data


def test_the_version_needs_no_optional_package(tmp_path):
    run = command_without(OPTIONAL, tmp_path, "--version")
    assert run.returncode == 0, run.stderr


def test_ingest_and_search_need_no_optional_package(small):
    run = command_without(OPTIONAL, small, "search", "chronology")
    assert (run.returncode, run.stdout.splitlines()[0]) == (0, "1 result"), run.stderr


def test_the_site_starts_and_answers_without_an_optional_package(small):
    source = (
        "from waymark.wsgi import application\n"
        "from django.test import Client\n"
        "print(Client(SERVER_NAME='localhost').get('/').status_code)\n"
    )
    run = run_without(OPTIONAL, source, small, DJANGO_SETTINGS_MODULE="waymark.settings")
    assert run.stdout.strip() == "200", run.stderr


def test_a_file_that_needs_a_missing_package_is_answered_by_a_page_that_says_so(small):
    command_without(OPTIONAL, small, "framework", "load", "--publish")
    source = (
        "from waymark.wsgi import application\n"
        "from django.test import Client\n"
        "answer = Client(SERVER_NAME='localhost').get('/data/reviews.parquet')\n"
        "print(answer.status_code, 'is not installed' in answer.content.decode())\n"
    )
    run = run_without(OPTIONAL, source, small, DJANGO_SETTINGS_MODULE="waymark.settings")
    assert run.stdout.strip() == "503 True", run.stdout + run.stderr


@pytest.mark.parametrize(
    ("extra", "package", "words"),
    [("data", "pyarrow", ("data", "export", "--to")), ("report", "typst", ("demo", "--no-serve"))],
)
def test_a_missing_package_is_named_with_the_extra_that_brings_it(
    small, tmp_path, extra, package, words
):
    folder = [tmp_path / "new"] if words[-1] == "--to" else []
    place = ["--data", tmp_path / "demo"] if words[0] == "demo" else []
    command_without(OPTIONAL, small, "framework", "load", "--publish")
    run = command_without(OPTIONAL, small, *place, *words, *folder)
    assert run.returncode == 3
    assert "Traceback" not in run.stderr
    assert f"this needs the package {package}, which is not installed" in run.stderr
    assert f"pip install 'waymark[{extra}]'" in run.stderr
    # A demo is refused before its first step.
    assert "Accounts" not in run.stderr


@pytest.mark.parametrize("package", ["typst", "docx", "xlsxwriter"])
def test_an_extra_is_complete_only_with_each_of_its_packages(tmp_path, package):
    source = "from waymark.core.extras import require_extra\nrequire_extra('report')"
    assert run_without(set(), source, tmp_path).returncode == 0
    run = run_without({package}, source, tmp_path)
    assert f"MissingExtra: this needs the package {package}, which is not installed" in run.stderr


def test_postgresql_without_its_package_names_the_extra(tmp_path):
    address = {"DATABASE_URL": "postgresql://ann@localhost/way"}
    run = command_without({"psycopg"}, tmp_path, "doctor", **address)
    assert run.returncode == 3
    assert "Traceback" not in run.stderr
    assert "pip install 'waymark[postgres]'" in run.stderr
