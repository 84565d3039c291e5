"""Facts that the documents state about the code, where a test can compare the two."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.screenshots import DOCUMENTED
from waymark.documents.ingest import IngestResult
from waymark.library.search.compiler import TITLE_BOOST
from waymark.web.middleware.navigation import WORKSPACE

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "ARCHITECTURE.md"]
PACKAGE = ROOT / "src" / "waymark"
TEMPLATES = sorted((PACKAGE / "web" / "templates").rglob("*.html"))


def named_file(path: str) -> Path | None:
    """The file that a document names, from the root of the project, the package or a stage."""
    places = [ROOT / path, PACKAGE / path, *PACKAGE.glob(f"*/{path}")]
    return next((place for place in places if place.exists()), None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page):
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|yaml))`", page.read_text("utf-8"))
    assert [path for path in named if named_file(path) is None] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_constant_that_a_page_names_is_in_its_file(page):
    text = page.read_text("utf-8")
    for name, path in re.findall(r"`([A-Z_]{3,})` in\s+`([a-z_/]+\.py)`", text):
        source = named_file(path).read_text("utf-8")
        assert re.search(rf"^{name}\b", source, re.MULTILINE), (name, path)


def test_the_folders_of_a_stage_are_pure_but_for_those_that_the_architecture_names():
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    exceptions = re.search(r"- Other folders are pure (.*?);", page, re.DOTALL)[1]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (pure,) = (
        contract["source_modules"]
        for contract in contracts["contracts"]
        if contract["name"] == "arithmetic knows nothing of Django"
    )
    layers = contracts["contracts"][0]["layers"]
    stages = {name.strip() for layer in layers for name in layer.split("|")}
    stages -= {"web", "cli", "api", "pipeline", "demo", "core"}
    for stage in sorted(stages):
        for folder in sorted((PACKAGE / stage).glob("*/__init__.py")):
            name = folder.parent.name
            if name in {"models", "services", "queries", "migrations"}:
                continue
            listed = f"waymark.{stage}.{name}" in pure
            assert listed != (f"`{stage}/{name}/`" in exceptions), f"{stage}/{name}"


def test_every_migration_says_what_it_does_to_an_earlier_installation():
    migrations = [
        path for path in PACKAGE.glob("*/migrations/[0-9]*.py") if path.name[:4] != "0001"
    ]
    assert migrations
    assert [path.name for path in migrations if not path.read_text("utf-8").startswith('"""')] == []


def test_the_head_of_a_template_names_classes_that_its_views_know():
    known = {"BoundField", "None", "True"}
    for source in PACKAGE.rglob("*.py"):
        known.update(re.findall(r"^class (\w+)", source.read_text("utf-8"), re.MULTILINE))
    unknown = []
    assert TEMPLATES
    for template in TEMPLATES:
        heads = "; ".join(re.findall(r"\{#(.*?)#\}", template.read_text("utf-8")))
        named = re.findall(r"[:(] ?(?:the current )?([A-Z]\w*[a-z]\w*)(?=[;., (]| list)", heads)
        unknown += [(template.name, name) for name in named if name not in known]
    assert unknown == []


def test_the_demo_has_as_many_reports_as_the_pages_say():
    reports = len(list((ROOT / "demo" / "reports").glob("*.md")))
    for page in (ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "docs" / "demo.md"):
        numbers = re.findall(
            r"(\d+) fictional (?:case management )?reviews", page.read_text("utf-8")
        )
        assert set(numbers) == {str(reports)}, page.name


def test_the_reference_lists_the_keys_of_an_ingest():
    reference = (ROOT / "docs" / "commands.md").read_text("utf-8")
    section = reference.partition("## `waymark ingest`")[2].partition("\n## ")[0]
    for key in (*IngestResult().as_json(), "remedy"):
        assert f'"{key}"' in section, key


def test_the_library_page_has_the_weight_of_titles():
    page = (ROOT / "docs" / "library.md").read_text("utf-8")
    assert TITLE_BOOST == 0.25
    assert "adds a quarter of its weight (`TITLE_BOOST`)" in page


def test_every_page_of_staff_that_a_text_names_is_in_the_menu_of_the_workspace():
    links = {place.label for area in WORKSPACE for place in area.places}
    assert {"Add reports", "Unsent emails"} <= links
    sources = [*PAGES, *PACKAGE.rglob("*.py")]
    # A message may be broken over two lines of its program: 'Workspace, Unsent "\n  "emails'.
    texts = [" ".join(re.sub(r'"\s*\n\s*f?"', "", p.read_text("utf-8")).split()) for p in sources]
    named = [
        name
        for text in texts
        for name in re.findall(r"Workspace(?:,| >) ([A-Z][a-z]+.*?)[*.,:]", text)
    ]
    assert len(named) > 10
    pages = [name.partition(" > ")[0] for name in named]
    assert [name for name in pages if not any(name.startswith(link) for link in links)] == []


def test_every_picture_is_shown_and_made_by_the_script():
    shown = {
        Path(path).name
        for page in PAGES
        for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text("utf-8"))
    }
    assert shown == {f"{name}.png" for name in DOCUMENTED}
    assert shown == {picture.name for picture in (ROOT / "docs" / "images").iterdir()}
