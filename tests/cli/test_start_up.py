"""A command imports what it needs: a list of accounts does not wait for the solver and the parsers.

Which modules are loaded is counted and not how long that takes, which says more of the machine.
"""

import ast
import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import environment_for
from tests.new_installations import new_installation
from waymark import pipeline
from waymark.core.extras import LaterModule

HEAVY = {"lxml", "markdown_it", "numpy", "pikepdf", "PIL", "pypdfium2", "rdflib", "scipy"}
"""Packages for reading reports, protecting tables and exchanging subjects."""
OPTIONAL = {
    "docx",
    "pandas",
    "pyarrow",
    "typst",
    "xlsxwriter",
    "s3fs",
    "fsspec",
    "botocore",
    "aiohttp",
}
RARE = {
    *("bibtexparser", "ftfy", "holidays", "icalendar", "openpyxl", "pylatexenc", "pymarc"),
    *("sklearn", "snowballstemmer", "Stemmer", "aiosmtpd", "prometheus_client"),
}
"""Packages for single formats and models."""


def packages_loaded_by(data, *words):
    """Packages in memory when a command has ended, of whatever exit code."""
    code = (
        "import atexit, sys\n"
        "from waymark.cli import main\n"
        "names = lambda: print(*sorted({name.partition('.')[0] for name in sys.modules}))\n"
        "atexit.register(names)\n"
        f"main({list(map(str, words))!r}, prog_name='waymark')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment_for(data)
    )
    assert "Traceback" not in run.stderr, run.stderr
    return set(run.stdout.splitlines()[-1].split())


def test_the_help_loads_neither_django_nor_a_package_that_checks_or_reads_files(tmp_path):
    forbidden = {*HEAVY, *OPTIONAL, "django", "pydantic", "snowballstemmer", "yaml"}
    assert packages_loaded_by(tmp_path, "--help") & forbidden == set()


def test_opening_an_installation_loads_no_package_that_reads_reports_or_protects_tables(tmp_path):
    loaded = packages_loaded_by(tmp_path, "account", "list")
    assert "django" in loaded
    assert loaded & {*HEAVY, *OPTIONAL, "snowballstemmer"} == set()


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave files of root's")
RUN = """
import os, sys
# A program that takes the place of this one: nothing is done at the end of this one.
os.execv = lambda *_: os._exit(0)
from waymark.cli import common, main
if sys.argv[1] == "dask-worker":
    # The setting itself needs PostgreSQL.
    common.set_up()
    from django.conf import settings
    settings.DASK = "tcp://127.0.0.1:9"
main(sys.argv[1:], prog_name="waymark")
"""
PR_CAPBSET_DROP, CAP_CHOWN = 24, 0


def run_by_root(data, *words, preexec_fn=None):
    """Run a command in the data folder of user 65534, who has linked a file of root's into it."""
    other = data.parent / "other"
    other.write_text("of root")
    for path in (data, *data.rglob("*")):
        os.chown(path, 65_534, 65_534)
    (data / "linked").hardlink_to(other)
    (data / "first").write_text("shared by two indexes")
    (data / "search").mkdir(exist_ok=True)
    (data / "search" / "second").hardlink_to(data / "first")
    run = subprocess.run(
        [sys.executable, "-c", RUN, *words],
        capture_output=True,
        text=True,
        env=environment_for(data),
        preexec_fn=preexec_fn,
    )
    assert "this command runs as root, but the data folder belongs to user 65534" in run.stderr
    assert "Traceback" not in run.stderr
    assert other.stat().st_uid == 0
    return run.stderr


def of_root(data):
    return {path.name for path in data.rglob("*") if path.lstat().st_uid == 0}


@as_root
def test_what_a_command_of_root_makes_belongs_to_whom_the_data_folder_belongs(tmp_path):
    """The site runs as that user. A file with a name elsewhere may be another one of root's."""
    data, report = new_installation(tmp_path / "data"), tmp_path / "report.txt"
    report.write_text("1 Findings\n\nThe visits stopped in May.\n")
    run_by_root(data, "ingest", str(report))
    assert of_root(data) == {"linked"}


@as_root
@pytest.mark.parametrize("words", [["move-database", "sqlite"], ["dask-worker"]])
def test_so_does_what_a_command_makes_that_starts_or_ends_in_its_own_way(tmp_path, words):
    data = new_installation(tmp_path / "data")
    run_by_root(data, *words)
    assert of_root(data) == {"linked"}


@as_root
def test_a_root_that_may_not_change_owners_is_asked_to_do_it_elsewhere(tmp_path):
    """As in a container without CAP_CHOWN."""
    data = new_installation(tmp_path / "data")
    libc = ctypes.CDLL(None)
    errors = run_by_root(
        data, "account", "list", preexec_fn=lambda: libc.prctl(PR_CAPBSET_DROP, CAP_CHOWN)
    )
    assert "cannot be given to the owner of the data folder (Operation not permitted)" in errors
    assert "first" in of_root(data)


def test_the_site_starts_without_the_packages_that_few_pages_need(tmp_path):
    """All pages and jobs are there; the solver, parsers and formats are loaded when first used."""
    code = (
        "import django, sys\n"
        "django.setup()\n"
        "from waymark.web.server.site import load_site\n"
        "load_site()\n"
        "import waymark.pipeline.publishing.publish\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    environment = environment_for(tmp_path) | {"DJANGO_SETTINGS_MODULE": "waymark.settings"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert run.returncode == 0, run.stderr
    loaded = set(run.stdout.split())
    assert {"gunicorn", "waymark"} <= loaded
    # What reads and writes XML is quick to load, and most exports need it.
    assert loaded & {*HEAVY, *OPTIONAL, *RARE} - {"lxml"} == set()


def test_a_package_that_is_loaded_later_is_used_as_if_it_were_loaded():
    json = LaterModule("json")
    assert json.dumps([1]) == "[1]"
    # Found without the loader from now on.
    assert "dumps" in vars(json)
    with pytest.raises(AttributeError):
        _ = json.no_such_name


def test_every_step_of_the_pipeline_is_where_its_type_is_read_from():
    """The imports that type checkers read, and the table that is used, name the same modules."""
    tree = ast.parse(Path(pipeline.__file__).read_text("utf-8"))
    read_by_checkers = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.startswith("waymark.pipeline.")
        for alias in node.names
    }
    assert set(read_by_checkers) == set(pipeline.__all__)
    for name, module in read_by_checkers.items():
        assert getattr(pipeline, name) is getattr(sys.modules[module], name)


def test_a_name_that_is_no_step_of_the_pipeline_is_an_error():
    with pytest.raises(AttributeError, match=r"'waymark\.pipeline' has no attribute 'no_step'"):
        _ = pipeline.no_step
