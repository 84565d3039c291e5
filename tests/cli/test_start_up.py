"""A command imports what it needs: a list of accounts does not wait for the solver and the parsers.

Which modules are loaded is counted and not how long that takes, which says more of the machine.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import environment_for
from waymark import pipeline

HEAVY = {"lxml", "markdown_it", "numpy", "pikepdf", "PIL", "pypdfium2", "rdflib", "scipy"}
"""Packages for reading reports, protecting tables and exchanging subjects."""
OPTIONAL = {"docx", "pandas", "pyarrow", "typst", "xlsxwriter"}


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


@pytest.mark.parametrize("module", ["waymark.pipeline.state_changes", "waymark.pipeline.publish"])
def test_the_solver_and_the_stemmers_are_loaded_when_they_are_first_used(tmp_path, module):
    code = (
        "import django, importlib, sys\n"
        "django.setup()\n"
        f"importlib.import_module({module!r})\n"
        "print({'scipy.optimize', 'scipy.sparse', 'snowballstemmer'} & set(sys.modules))"
    )
    environment = environment_for(tmp_path) | {"DJANGO_SETTINGS_MODULE": "waymark.settings"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert (run.stdout, run.stderr) == ("set()\n", "")


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
