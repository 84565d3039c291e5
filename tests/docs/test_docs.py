"""The documents say what the program does."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest

from waymark.cli import main

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
STAGES = [
    "documents",
    "frameworks",
    "bodies",
    "coding",
    "profiles",
    "recommendations",
    "overview",
    "publishing",
    "library",
]


def commands(group=main, path="waymark"):
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_the_architecture_is_told_in_a_thousand_words():
    assert len((ROOT / "ARCHITECTURE.md").read_text("utf-8").split()) <= 1_000


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_its_page(stage):
    assert (DOCS / f"{stage}.md").read_text("utf-8").startswith("# ")


def test_every_command_and_option_is_in_the_reference_and_nothing_else():
    reference = (DOCS / "commands.md").read_text("utf-8")
    sections = dict(re.findall(r"^## `(waymark [^`]+)`\n(.*?)(?=^## |\Z)", reference, re.M | re.S))
    assert sorted(sections) == [name for name, _ in sorted(commands())]
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert f"`{parameter.opts[-1]}" in sections[name], (name, parameter.opts)


SETTINGS = (
    "src/waymark/core/data_folder.py",
    "src/waymark/setting_values.py",
    "src/waymark/settings.py",
)


def test_every_setting_is_documented_and_every_documented_setting_is_read():
    read = set(
        re.findall(
            r'"(WAYMARK_[A-Z_]+|DATABASE_URL)"',
            "".join((ROOT / file).read_text("utf-8") for file in SETTINGS),
        )
    )
    told = set(re.findall(r"^\| `([A-Z_]+)`", (DOCS / "settings.md").read_text("utf-8"), re.M))
    assert read == told


def test_rows_are_locked_without_those_of_other_tables():
    """PostgreSQL refuses to lock a row that an outer join may lack; SQLite locks no rows at all."""
    locking = re.compile(r"select_for_update\(([^()]*(?:\([^()]*\))?[^()]*)\)")
    words = [
        (file.name, match[1])
        for file in (ROOT / "src").rglob("*.py")
        for match in locking.finditer(file.read_text("utf-8"))
    ]
    assert len(words) > 50
    assert [one for one in words if 'of=("self",)' not in one[1]] == []


def test_only_the_settings_read_the_environment():
    reading = re.compile(r"os\.environ(\.get|\[[^]]+\](?! =))|getenv")
    readers = [
        str(file.relative_to(ROOT))
        for file in (ROOT / "src").rglob("*.py")
        if reading.search(file.read_text("utf-8"))
    ]
    assert sorted(readers) == sorted(SETTINGS)


def test_every_dependency_has_its_line():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    told = (DOCS / "dependencies.md").read_text("utf-8").lower()
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for lines in extras.values() for line in lines)]
    for line in wanted:
        name = re.match(r"[A-Za-z0-9_-]+", line)[0].lower()
        assert re.search(rf"\b{re.escape(name)}\b", told), name


USED_BY_OTHERS = {"pystemmer"}
"""snowballstemmer looks for it and works without it, much slower."""


def test_the_product_uses_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    source = "\n".join(file.read_text("utf-8") for file in (ROOT / "src").rglob("*.py"))
    modules: dict[str, set[str]] = {}
    for module, packages in packages_distributions().items():
        for package in packages:
            modules.setdefault(package.lower().replace("_", "-"), set()).add(module)
    unused = []
    for line in project["dependencies"]:
        name = re.match(r"[A-Za-z0-9._-]+", line)[0].lower().replace("_", "-")
        if name in USED_BY_OTHERS:
            continue
        # Some are named in settings or on a command line instead of imported.
        use = "|".join(
            rf"import {module}\b|from {module}\b|\"{module}\b" for module in modules[name]
        )
        if not re.search(use, source):
            unused.append(name)
    assert unused == []


def test_every_package_is_pinned_with_hashes_and_without_an_address():
    for name in ("requirements.lock", "requirements-build.lock", "requirements-dev.lock"):
        lock = (ROOT / name).read_text("utf-8")
        assert "://" not in lock
        packages = re.split(r"\n(?=[a-z])", lock.strip())
        assert all("==" in one and "--hash=sha256:" in one for one in packages)


@pytest.mark.parametrize("file", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_link_to_a_file_leads_somewhere(file):
    text = (ROOT / file).read_text("utf-8")
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / link).exists(), link
    for link in re.findall(r"`((?:src|docs|demo|script|tests|benchmarks)/[\w./-]+)`", text):
        assert (ROOT / link).exists(), link


DOCUMENTS = [
    *sorted(DOCS.rglob("*.md")),
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")),
]
SOURCE = ROOT / "src/waymark"
NOT_IN_THE_SOURCE = {
    "originals",
    "suggesters",
    "index",
    "meaning",
    "page-images",
    "static",
    "publications",
    "staging",
    "arriving",
    "receiving",
    "quarantine",
    "before-migrating",
    "backups",
    "files",
    "data",
}
"""First folders of paths in a data folder, a backup or an export."""


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_every_source_file_and_folder_that_a_document_names_exists(file):
    for line in file.read_text("utf-8").splitlines():
        # A row of a table about a stage names paths inside it.
        row = re.match(r"\| `(\w+)`", line)
        places = [ROOT, ROOT / "src", SOURCE, SOURCE / "web", SOURCE / (row[1] if row else "")]
        for path in re.findall(r"`([\w-][\w./-]*(?:\.py|/))`", line):
            if row or path.split("/")[0] not in NOT_IN_THE_SOURCE:
                assert any((place / path).exists() for place in places), f"{file.name}: {path}"


def exists_in_source(parts):
    """True of a module or package, and of a word in the module or in a package's __init__."""
    place = SOURCE
    for number, part in enumerate(parts):
        if (place / part).is_dir():
            place /= part
            continue
        module = place / f"{part}.py"
        names = parts[number + 1 :] if module.is_file() else parts[number:]
        source = (module if module.is_file() else place / "__init__.py").read_text("utf-8")
        return all(re.search(rf"\b{name}\b", source) for name in names)
    return True


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_every_module_and_function_that_a_document_names_exists(file):
    stages = "|".join(path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists())
    name_of_ours = rf"(?<![\w/.@-])(?:waymark\.)?((?:{stages}|api)(?:\.[a-z_]\w*)+)(?![\w./-]*/)"
    for words in re.findall(r"`[^`\n]+`|^    \S.*$", file.read_text("utf-8"), re.M):
        for name in re.findall(name_of_ours, words):
            if name.rpartition(".")[2] not in {"md", "py", "json", "yaml", "csv", "html"}:
                assert exists_in_source(name.split(".")), f"{file.name}: {name}"


def test_the_architecture_names_every_folder_of_the_source():
    architecture = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    common = {"models", "services", "queries", "migrations", "builtin", "templatetags"}
    for folder in {file.parent for file in SOURCE.glob("*/*/__init__.py")}:
        assert folder.name in common or f"{folder.name}/`" in architecture, folder
