"""Facts that the documents state about the code, where a test can compare the two."""

import re
from pathlib import Path

import pytest

from tests.screenshots import DOCUMENTED
from waymark.documents.ingest import IngestResult
from waymark.library.search.tantivy.compiler import TITLE_BOOST

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "ARCHITECTURE.md"]
PACKAGE = ROOT / "src" / "waymark"


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


def test_every_page_of_staff_that_a_text_names_is_a_link_of_the_staff_page():
    template = PACKAGE / "web" / "templates" / "staff" / "list.html"
    links = set(re.findall(r"<a [^>]*>([A-Z][^<{]+)</a>", template.read_text("utf-8")))
    assert {"Add reports", "Unsent emails"} <= links
    sources = [*PAGES, *PACKAGE.rglob("*.py")]
    # A message may be broken over two lines of its program: 'Staff, Unsent "\n  "emails'.
    texts = [" ".join(re.sub(r'"\s*\n\s*f?"', "", p.read_text("utf-8")).split()) for p in sources]
    named = [
        name for text in texts for name in re.findall(r"Staff(?:,| >) ([A-Z][a-z]+.*?)[*.,:]", text)
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
