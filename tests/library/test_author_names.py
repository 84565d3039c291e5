"""Whether an author is a person or a body: stored for each name, and the same in every format."""

import importlib
import json

import bibtexparser
import pymarc
import pytest
from django.apps import apps

from tests.factories import NOON, make_person, make_review
from tests.library.conftest import make_resource, shelve
from tests.library.works import catalogued
from waymark.accounts.models import Role, State
from waymark.bodies.services import add_bodies_of_reviews
from waymark.library.catalogue.author_names import (
    author_lines,
    bodies_among,
    in_reading_order,
    looks_like_body,
    read_author_lines,
)
from waymark.library.catalogue.citation import cite_resource
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.exchange.formats import read_as
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers import WRITINGS
from waymark.library.models import Author, AuthorKind, CatalogueRecord, Resource
from waymark.library.queries.exchange import record_data
from waymark.library.services import authors as services
from waymark.library.services.authors import AuthorAbout
from waymark.library.services.resource_mapping import description_of
from waymark.library.services.resources import change_resource
from waymark.pipeline.library.import_records import ImportOptions, import_reading
from waymark.web.catalogue.resource_form import ResourceForm, initial_values

DEPARTMENT = "Department of Health, Social Services and Public Safety"
PARTNERSHIP = "Bournemouth, Christchurch and Poole Safeguarding Children Partnership"
LSCB = "Hammersmith and Fulham, Kensington and Chelsea and Westminster LSCB"
BODIES = [
    DEPARTMENT,
    PARTNERSHIP,
    LSCB,
    "Office for Standards in Education, Children's Services and Skills",
    "Department for Education, Northern Ireland",
    "Education, Department for",
    "Oak, Elm and Ash",
    "NSPCC",
]
PERSONS = [
    "Byrne, Aoife",
    "Service, Robert",
    "Board, Ann",
    "van der Berg, Jan",
    "Ó Briain, Seán",
    "Jones, Tom, Jr.",
    "Ferreira-Gómez, Ana J.",
    "Ní Dhomhnaill, N.",
]
CORPORATE_RIS = f"TY  - RPRT\nTI  - A title\nAU  - {DEPARTMENT}\nPY  - 2011\nER  - \n"
RECORD = RecordData(
    kind="guidance", title="A title", key="resource/a", authors=(DEPARTMENT, "Byrne, Aoife")
)


def written(name: str, *records: RecordData) -> bytes:
    return WRITINGS[name].write(list(records))


# ---- the look of a name ----


@pytest.mark.parametrize("name", BODIES)
def test_a_name_with_words_of_bodies_is_that_of_a_body_whatever_its_commas(name):
    assert looks_like_body(name)
    assert in_reading_order(name) == name


@pytest.mark.parametrize("name", PERSONS)
def test_a_surname_with_first_names_is_that_of_a_person(name):
    assert not looks_like_body(name)


def test_what_is_known_of_a_name_comes_before_its_look():
    known = {"bodies": ["Ash, Elm"], "persons": ["Plato", DEPARTMENT]}
    names = ["Ash, Elm", "Plato", DEPARTMENT, "NSPCC", "Byrne, Aoife"]
    assert bodies_among(names, **known) == ("Ash, Elm", "NSPCC")


def test_a_form_marks_only_the_names_that_read_otherwise_and_reads_its_marks_back():
    names, bodies = ("Ash, Elm", "Plato", DEPARTMENT, "Byrne, Aoife"), ("Ash, Elm", DEPARTMENT)
    lines = author_lines(names, bodies)
    assert lines == ("organisation: Ash, Elm", "person: Plato", DEPARTMENT, "Byrne, Aoife")
    assert read_author_lines(lines) == (names, bodies)


def test_a_citation_gives_initials_to_persons_only():
    described = ResourceDescription(
        "guidance", "A title", authors=("Ash, Elm", "Byrne, Aoife"), author_bodies=("Ash, Elm",)
    )
    assert cite_resource(described) == "Ash, Elm and Byrne, A. (no date) A title."


# ---- stored for each name ----


def test_an_imported_body_with_commas_is_stored_as_one(db):
    import_reading(
        by=make_person(Role.CATALOGUER),
        source="corporate_comma.ris",
        format_name="ris",
        reading=read_as("ris", CORPORATE_RIS.encode()),
        options=ImportOptions(kind="guidance"),
        now=NOON,
    )
    stored = Resource.objects.get()
    assert (stored.authors, stored.author_bodies) == ([DEPARTMENT], [DEPARTMENT])


def test_a_publisher_a_board_or_an_authors_record_makes_a_name_that_of_a_body(db):
    make_resource("a", publisher="Ash, Elm")
    make_review("R1", board="Oak, Lime")
    add_bodies_of_reviews(by=None, now=NOON)
    services.add_author(by=None, about=AuthorAbout("Fir, Yew", AuthorKind.BODY), now=NOON)
    services.add_author(by=None, about=AuthorAbout("Plato"), now=NOON)
    stored = catalogued("Ash, Elm", "Oak, Lime", "Fir, Yew", "Plato", "Byrne, Aoife")
    assert stored.author_bodies == ["Ash, Elm", "Oak, Lime", "Fir, Yew"]


def test_what_the_record_says_is_stored_though_the_name_looks_different(db):
    resource = catalogued("Plato", DEPARTMENT)
    described = ResourceDescription(
        "guidance", "A work", authors=("Plato", "Byrne, Aoife"), author_bodies=("Byrne, Aoife",)
    )
    change_resource(by=None, resource=resource, description=described, now=NOON)
    assert description_of(Resource.objects.get()).author_bodies == ("Byrne, Aoife",)


def test_the_kind_of_an_authors_record_is_stored_on_its_works(db):
    resource = catalogued("Ash, Elm", "Byrne, Aoife")
    shelve(resource)
    author = services.add_author(by=None, about=AuthorAbout("Ash, Elm"), now=NOON)
    about = AuthorAbout("Ash, Elm", AuthorKind.BODY)
    services.change_author(by=None, author=author, about=about, now=NOON)
    resource.refresh_from_db()
    assert resource.author_bodies == ["Ash, Elm"]
    about = AuthorAbout("Ash, Elm", AuthorKind.PERSON)
    services.change_author(by=None, author=author, about=about, now=NOON)
    resource.refresh_from_db()
    assert resource.author_bodies == []


def test_a_record_of_an_author_has_the_kind_that_its_works_have(db):
    catalogued(DEPARTMENT, "Byrne, Aoife")
    services.add_authors_of_works(by=None, now=NOON)
    assert dict(Author.objects.values_list("name", "kind")) == {
        DEPARTMENT: AuthorKind.BODY,
        "Byrne, Aoife": AuthorKind.PERSON,
    }


def test_the_form_of_a_record_says_which_of_its_authors_are_bodies(db):
    stored = catalogued("Plato", "Byrne, Aoife", DEPARTMENT)
    change = ResourceDescription(
        "guidance", "A work", authors=tuple(stored.authors), author_bodies=(DEPARTMENT,)
    )
    values = initial_values(change)
    assert values["authors"] == ("person: Plato", "Byrne, Aoife", DEPARTMENT)
    typed = {"kind": "guidance", "title": "A work", "language": "en", "nation": ""}
    form = ResourceForm({**typed, "authors": "\n".join(values["authors"]), "seen": ""})
    assert form.is_valid(), form.errors
    assert form.description.authors == ("Plato", "Byrne, Aoife", DEPARTMENT)
    assert form.description.author_bodies == (DEPARTMENT,)


def test_records_of_an_earlier_installation_get_the_bodies_among_their_authors(db):
    work = make_resource(
        "a", authors=["Byrne, Aoife", DEPARTMENT, "Ash, Elm", "Plato"], publisher="Ash, Elm"
    )
    for name, kind in ((DEPARTMENT, "person"), ("Byrne, Aoife", "person"), ("Plato", "person")):
        services.add_author(by=None, about=AuthorAbout(name, kind), now=NOON)
    migration = importlib.import_module("waymark.library.migrations.0030_authors_that_are_bodies")
    migration.set_author_bodies(apps, None)
    work.refresh_from_db()
    assert work.author_bodies == [DEPARTMENT, "Ash, Elm"]
    kinds = dict(Author.objects.values_list("name", "kind"))
    assert kinds == {DEPARTMENT: "body", "Byrne, Aoife": "person", "Plato": "person"}


# ---- every format ----


def test_marc_enters_a_body_under_110_and_a_person_under_100():
    [marc] = pymarc.MARCReader(written("mrc", RECORD))
    assert [marc["110"].indicator1, marc["110"]["a"]] == ["2", DEPARTMENT]
    assert marc["700"]["a"] == "Byrne, Aoife"
    assert "100" not in marc


def test_csl_gives_a_body_as_a_literal():
    [item] = json.loads(written("csl.json", RECORD))
    assert item["author"] == [{"literal": DEPARTMENT}, {"family": "Byrne", "given": "Aoife"}]


def test_bibtex_puts_a_body_in_braces():
    text = written("bib", RECORD).decode()
    [entry] = bibtexparser.parse_string(text).entries
    assert entry["author"] == f"{{{DEPARTMENT}}} and Byrne, Aoife"


def test_json_ld_calls_a_body_an_organization():
    node = json.loads(written("jsonld", RECORD))
    assert [author["@type"] for author in node["author"]] == ["Organization", "Person"]
    assert node["author"][0]["name"] == DEPARTMENT


def test_a_table_of_boards_gives_boards_with_their_commas():
    rows = "".join(f'case-review,A review,"{board}",2021\n' for board in (PARTNERSHIP, LSCB))
    read = read_as("csv", f"kind,title,board,year\n{rows}".encode()).candidates
    assert [row.data.board for row in read] == [PARTNERSHIP, LSCB]
    assert [row.data.is_body(row.data.board) for row in read] == [True, True]


@pytest.mark.parametrize("board", [PARTNERSHIP, LSCB])
def test_the_board_of_a_review_is_a_body_in_every_format(db, board):
    review = make_review("R1", board=board, state=State.PUBLISHED)
    shelve(review)
    number = CatalogueRecord.objects.get().pk
    [record] = record_data(
        [number], person=None, now=NOON, page_of=lambda kind, name: f"https://x.test/{name}"
    )
    [marc] = pymarc.MARCReader(written("mrc", record))
    assert marc["110"]["a"] == board
    [item] = json.loads(written("csl.json", record))
    assert item["author"] == [{"literal": board}]
    [entry] = bibtexparser.parse_string(written("bib", record).decode()).entries
    assert entry["author"] == f"{{{board}}}"
    assert json.loads(written("jsonld", record))["author"] == [
        {"@type": "Organization", "name": board}
    ]


def test_a_publisher_is_a_body_though_its_name_looks_like_a_persons():
    record = RecordData(kind="guidance", title="A title", publisher="Ash, Elm")
    assert json.loads(written("csl.json", record))[0]["author"] == [{"literal": "Ash, Elm"}]


def test_marc_and_bibtex_say_which_names_are_bodies_when_they_are_read():
    unusual = RecordData(
        kind="guidance",
        title="A title",
        authors=("Ash, Elm", "Byrne, Aoife"),
        author_bodies=("Ash, Elm",),
    )
    for name, ending in (("marc", "mrc"), ("marcxml", "marc.xml"), ("bibtex", "bib")):
        [read] = read_as(name, written(ending, unusual)).candidates
        assert (name, read.data.authors) == (name, unusual.authors)
        assert (name, read.data.author_bodies) == (name, unusual.author_bodies)


def test_bibtex_without_braces_is_a_body_if_a_word_says_so():
    entry = "@report{a, title={T}, author={Department of Health and Jan Berg and {Ash, Elm}}}"
    [read] = read_as("bibtex", entry.encode()).candidates
    assert read.data.authors == ("Department of Health", "Berg, Jan", "Ash, Elm")
    assert read.data.author_bodies == ("Department of Health", "Ash, Elm")


def test_a_table_may_mark_a_name():
    table = 'title,authors\nT,"organisation: Ash, Elm; Byrne, Aoife"\n'
    [read] = read_as("csv", table.encode()).candidates
    assert read.data.authors == ("Ash, Elm", "Byrne, Aoife")
    assert read.data.author_bodies == ("Ash, Elm",)
