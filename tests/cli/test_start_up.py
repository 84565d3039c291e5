"""A command imports what it needs: a list of accounts does not wait for the solver and the parsers.

Which modules are loaded is counted and not how long that takes, which says more of the machine.
"""

import ast
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
OPTIONAL = {"docx", "pandas", "pyarrow", "typst", "xlsxwriter"}
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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave files of root's")
def test_what_a_command_of_root_makes_belongs_to_whom_the_data_folder_belongs(tmp_path):
    """The site runs as that user. A file with a second name may be one of root's from elsewhere."""
    data, other = new_installation(tmp_path / "data"), tmp_path / "other"
    other.write_text("of root")
    for path in (data, *data.rglob("*")):
        os.chown(path, 65_534, 65_534)
    (data / "linked").hardlink_to(other)
    report = tmp_path / "report.txt"
    report.write_text("1 Findings\n\nThe visits stopped in May.\n")
    run = subprocess.run(
        [sys.executable, "-m", "waymark", "ingest", report],
        capture_output=True,
        text=True,
        env=environment_for(data),
    )
    assert run.returncode == 0, run.stderr
    assert "this command runs as root, but the data folder belongs to user 65534" in run.stderr
    of_root = [path.name for path in data.rglob("*") if path.lstat().st_uid == 0]
    assert of_root == ["linked"]
    assert other.stat().st_uid == 0


def test_the_site_starts_without_the_packages_that_few_pages_need(tmp_path):
    """All pages and jobs are there; the solver, parsers and formats are loaded when first used."""
    code = (
        "import django, sys\n"
        "django.setup()\n"
        "from waymark.web.server.site import load_site\n"
        "load_site()\n"
        "import waymark.pipeline.publish\n"
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
