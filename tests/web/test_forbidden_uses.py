"""Every download says what it must not be used for, in the way of its format."""

import io
import json
import zipfile

import pyarrow.parquet as pq
import pymarc
import pypdfium2
import pytest
import rispy
from bibtexparser import parse_string
from defusedxml import ElementTree
from django.urls import reverse
from docx import Document as read_word

from tests.factories import make_review
from tests.library.conftest import make_resource, shelve
from tests.overview.world import make_world
from tests.publishing.small_release import small_document, small_release
from waymark.core.data_use import FORBIDDEN_USES, FORBIDDEN_USES_IN_FULL
from waymark.datasets.frames import data_frame
from waymark.overview.tables.export import table_csv, table_json
from waymark.publishing.formats.excel import render_excel
from waymark.publishing.formats.html import render_page
from waymark.publishing.formats.opendocument import render_opendocument
from waymark.publishing.formats.package import data_package
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.formats.tidy.shape import DICTIONARY
from waymark.publishing.formats.word import render_word

SENTENCE = (
    "This information must not be used for screening or scoring families or children, or for"
    " training models on families."
)
RELATIONS = f'</data/#uses>; rel="license terms-of-service"; title="{SENTENCE}"'
DC = "{http://purl.org/dc/elements/1.1/}"


@pytest.fixture
def shelves(db, settings, tmp_path):
    settings.DATA = tmp_path
    shelve(make_review("A1", title="Review of care"))
    shelve(make_resource("wise", title="Wise words"))


def part(archive: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        return members.read(name)


def test_the_text_names_each_use_and_gives_the_reason():
    assert FORBIDDEN_USES == SENTENCE
    assert FORBIDDEN_USES_IN_FULL.startswith(f"{SENTENCE} Reviews describe only families")


# ---- editions ----


def test_a_word_file_says_it_before_the_contents():
    paragraphs = [
        item.text for item in read_word(io.BytesIO(render_word(small_document()))).paragraphs
    ]
    assert FORBIDDEN_USES_IN_FULL in paragraphs[:5]


def test_a_pdf_says_it_on_its_first_page():
    first, *_ = pdf_pages(render_pdf(small_document()))
    assert SENTENCE in first


def pdf_pages(content: bytes) -> list[str]:
    pages = pypdfium2.PdfDocument(content)
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pages]


def test_a_page_in_one_file_says_it_under_the_title():
    before, _ = render_page(small_document()).split("<h2", 1)
    assert FORBIDDEN_USES_IN_FULL in before


def test_the_first_sheet_and_the_properties_of_a_workbook_say_it():
    workbook = render_excel(small_document())
    assert SENTENCE in part(workbook, "docProps/core.xml").decode()
    strings = ElementTree.fromstring(part(workbook, "xl/sharedStrings.xml"))
    assert FORBIDDEN_USES_IN_FULL in ["".join(item.itertext()) for item in strings][:8]


def test_the_first_sheet_and_the_properties_of_an_opendocument_spreadsheet_say_it():
    spreadsheet = render_opendocument(small_document())
    meta = ElementTree.fromstring(part(spreadsheet, "meta.xml"))
    assert next(meta.iter(f"{DC}description")).text == FORBIDDEN_USES_IN_FULL
    cover, _ = part(spreadsheet, "content.xml").decode().split("Contents", 1)
    assert FORBIDDEN_USES_IN_FULL in cover


# ---- data ----


def test_a_data_package_says_it_in_three_places_and_its_csv_still_begins_with_the_columns():
    package = data_package(small_release(), small_document(), licence="")
    assert FORBIDDEN_USES_IN_FULL in part(package, "README.md").decode()
    described = json.loads(part(package, "datapackage.json"))
    assert described["forbidden_uses"] == FORBIDDEN_USES_IN_FULL
    metadata = pq.read_schema(io.BytesIO(part(package, "data/cells.parquet"))).metadata
    assert metadata[b"waymark.forbidden_uses"].decode() == FORBIDDEN_USES_IN_FULL
    assert part(package, "data/cells.csv").startswith(b"table,")


def test_a_frame_in_a_notebook_says_it():
    assert data_frame(DICTIONARY, []).attrs["forbidden_uses"] == FORBIDDEN_USES_IN_FULL


def test_the_json_of_a_table_says_it_and_its_csv_has_rows_alone():
    protected = small_release().tables[0]
    assert table_json(protected)["forbidden_uses"] == FORBIDDEN_USES_IN_FULL
    assert SENTENCE not in table_csv(protected)


# ---- the site ----


@pytest.mark.parametrize("name", ["reviews.csv", "reviews.parquet", "datapackage.json"])
def test_data_of_the_site_link_to_their_terms(client, framework, name):
    make_world(framework)
    answer = client.get(f"/data/{name}")
    assert (answer.status_code, answer["Link"]) == (200, RELATIONS)
    b"".join(answer) if answer.streaming else answer.content


@pytest.mark.parametrize(
    "ending", ["ris", "bib", "csl.json", "marc.xml", "mrc", "dc.xml", "jsonld"]
)
def test_an_exported_record_links_to_its_terms_and_says_them_in_the_words_of_its_format(
    client, shelves, ending
):
    answer = client.get(f"/reviews/A1/record.{ending}")
    assert answer["Link"] == RELATIONS
    assert STATED[ending](answer.content) == FORBIDDEN_USES_IN_FULL


STATED = {
    "ris": lambda content: rispy.loads(content.decode())[0]["notes"][0],
    "bib": lambda content: parse_string(content.decode()).comments[0].comment,
    "csl.json": lambda content: json.loads(content)[0]["note"],
    "marc.xml": lambda content: pymarc.parse_xml_to_array(io.BytesIO(content))[0]["540"]["a"],
    "mrc": lambda content: next(iter(pymarc.MARCReader(content)))["540"]["a"],
    "dc.xml": lambda content: next(ElementTree.fromstring(content).iter(f"{DC}rights")).text,
    "jsonld": lambda content: json.loads(content)["usageInfo"]["text"],
}


def test_answers_of_the_search_for_programs_say_it(client, shelves):
    found = client.get("/library/results.json")
    assert found["Link"] == RELATIONS
    assert found.json()["forbidden_uses"] == FORBIDDEN_USES_IN_FULL
    for feed in ("feed-atom", "feed-rss"):
        assert SENTENCE in client.get(reverse(feed)).content.decode()


def test_pages_say_it_before_the_links_and_have_no_link_header(client, shelves):
    page = client.get(reverse("resource", args=["wise"]))
    assert "Link" not in page
    text = page.content.decode()
    assert text.index(SENTENCE) < text.index("This record:")
    text = client.get(reverse("find")).content.decode()
    assert text.index(SENTENCE) < text.index("Save these results for Zotero")
    text = client.get(reverse("data")).content.decode()
    assert text.index(FORBIDDEN_USES_IN_FULL.removeprefix(SENTENCE).strip()) < text.index(
        'id="before"'
    )
