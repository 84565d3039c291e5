"""script/release: a version with its changelog, and a build that anybody can repeat to the byte."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = (
    *("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "sbom.cdx.json", ".gitignore"),
    *("script/release", "src/waymark/__init__.py", "src/waymark/settings.py", "src/waymark/cli"),
    "demo",
)
"""Enough of the project for a quick build: the package lists are the same."""


class Project:
    """A small copy of the project under git."""

    def __init__(self, folder):
        self.folder = folder
        for name in NEEDED:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, target)
        self.run("git", "init", "--quiet")
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", "Begin")

    def run(self, *words):
        names = ("AUTHOR", "COMMITTER")
        who = {f"GIT_{name}_NAME": "a" for name in names}
        who |= {f"GIT_{name}_EMAIL": "a@example.org" for name in names}
        environment = os.environ | who | {"PYTHON": sys.executable, "HOME": str(self.folder)}
        return subprocess.run(
            words, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300
        )

    def sums(self):
        lines = (self.folder / "dist/SHA256SUMS").read_text("ascii").splitlines()
        return {name: digest for digest, name in map(str.split, lines)}


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("release") / "project")
    run = project.run("script/release", "9.8.7")
    assert run.returncode == 0, run.stderr
    return project


def test_a_release_sets_the_version_and_closes_the_changelog_in_one_tagged_commit(released):
    folder = released.folder
    assert 'version = "9.8.7"' in (folder / "pyproject.toml").read_text("utf-8")
    assert '__version__ = "9.8.7"' in (folder / "src/waymark/__init__.py").read_text("utf-8")
    sbom = json.loads((folder / "sbom.cdx.json").read_text("utf-8"))
    assert sbom["metadata"]["component"]["version"] == "9.8.7"
    changelog = (folder / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^## Unreleased\n\n## 9\.8\.7, \d+ \w+ \d{4}\n\n### ", changelog, re.M)
    assert released.run("git", "describe").stdout.strip() == "v9.8.7"
    assert released.run("git", "status", "--porcelain").stdout == ""


def test_the_files_of_a_release_have_their_checksums_and_the_wheel_its_package(released):
    names = {"waymark-9.8.7-py3-none-any.whl", "waymark-9.8.7.tar.gz", "waymark-9.8.7.cdx.json"}
    sums = released.sums()
    assert set(sums) == names
    for name, digest in sums.items():
        content = (released.folder / "dist" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
    with zipfile.ZipFile(released.folder / "dist/waymark-9.8.7-py3-none-any.whl") as wheel:
        assert {"waymark/__init__.py", "waymark/settings.py"} <= set(wheel.namelist())
        assert not [name for name in wheel.namelist() if name.startswith(("tests", "docs"))]


def test_another_machine_builds_the_same_bytes_from_the_tag(released, tmp_path):
    assert released.run("git", "clone", "--quiet", ".", str(tmp_path / "clone")).returncode == 0
    clone = object.__new__(Project)
    clone.folder = tmp_path / "clone"
    run = clone.run("script/release", "v9.8.7")
    assert run.returncode == 0, run.stderr
    assert clone.sums() == released.sums()


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("9.8.7", "v9.8.7 exists"),
        ("v1.2.3", "there is no tag v1.2.3"),
        ("next", "which version?"),
        ("9.8.8", "CHANGELOG.md says nothing under Unreleased"),
    ],
)
def test_a_release_that_makes_no_sense_is_refused_and_changes_nothing(released, version, why):
    run = released.run("script/release", version)
    assert run.returncode != 0
    assert why in run.stderr
    assert released.run("git", "status", "--porcelain").stdout == ""


def test_what_is_not_committed_is_not_released(released):
    (released.folder / "LICENSE").write_text("changed", "utf-8")
    run = released.run("script/release", "9.9.0")
    released.run("git", "checkout", "--quiet", "LICENSE")
    assert (run.returncode, run.stderr) == (3, "script/release: commit your changes first\n")
