"""Rarity of words, counted in all languages: one record in Welsh does not lead every search."""

import pytest

from tests.factories import NOON, make_person
from tests.library.conftest import ask, make_resource, make_subject, shelve
from tests.written_once import written_once
from waymark.accounts.models import Role, State
from waymark.library.exchange.formats import read_as
from waymark.library.models import Resource
from waymark.library.queries.search_backend import search_backend
from waymark.library.search.protocol import SearchAudience
from waymark.library.services import index_changed
from waymark.library.services.resources import set_resource_state
from waymark.pipeline.library.import_records import ImportOptions, import_reading

WELSH_FIRST = (
    "kind,title,authors,publisher,language,subjects,abstract\n"
    'guidance,"Canllawiau ar gyfer y gwasanaeth","Children\'s Commissioner for Wales",'
    '"Children\'s Commissioner for Wales",cy,Neglect; Safeguarding,'
    "\"Mae'r canllawiau hyn yn esbonio sut y dylid gweithio gyda'n gilydd.\"\n"
)


@pytest.fixture
@written_once
def library(db):
    """12 English records about neglect, 6 about safeguarding, and the Welsh one of the file."""
    make_subject("neglect", "Neglect", "cy:Esgeulustod")
    make_subject("safeguarding", "Safeguarding", "cy:Diogelu")
    titles = [
        *(f"Neglect of children, part {number}" for number in range(12)),
        *(f"Safeguarding in schools, part {number}" for number in range(6)),
    ]
    shelve(*(make_resource(f"english-{n}", title=title) for n, title in enumerate(titles)))
    import_reading(
        by=make_person(Role.CATALOGUER),
        source="welsh_first.csv",
        format_name="csv",
        reading=read_as("csv", WELSH_FIRST.encode()),
        options=ImportOptions(),
        now=NOON,
    )
    welsh = Resource.objects.get(language="cy")
    set_resource_state(by=None, resource=welsh, state=State.PUBLISHED, now=NOON)
    index_changed(now=NOON)
    assert search_backend().languages(SearchAudience(staff=False, now=NOON)) == ("en", "cy")
    return welsh.key


@pytest.mark.parametrize("query", ["neglect", "safeguarding", "neglect of children", "neglect*"])
def test_an_english_search_is_not_led_by_the_one_welsh_record(library, query):
    hits = [hit.record.reference for hit in ask(query, limit=20).hits]
    assert hits[0].startswith("english-")


def test_a_subject_of_a_welsh_record_is_an_english_word_if_its_name_is(library):
    hits = [hit.record.reference for hit in ask("subject:neglect").hits]
    assert hits == [library]
    assert library in [hit.record.reference for hit in ask("neglect", broaden=False, limit=20).hits]
    assert library in [hit.record.reference for hit in ask("esgeulustod", limit=20).hits]


def test_a_word_weighs_the_same_in_both_languages(db):
    shelve(
        *(make_resource(f"en-{n}", title=f"Babi {n} otter") for n in range(20)),
        make_resource("cy-1", title="Babi 20 otter", language="cy"),
        make_resource("cy-2", title="Mae rhywbeth arall yma", language="cy"),
    )
    scores = {hit.record.reference: hit.score for hit in ask("babi", limit=30).hits}
    assert scores["cy-1"] == pytest.approx(scores["en-0"], rel=0.02)


@pytest.mark.parametrize("query", ["otter OR heron", "otter* OR heron*", '"otter bay" OR heron'])
def test_records_that_only_staff_may_see_do_not_move_the_order_for_visitors(db, query):
    """Herons are the rarer word, so that the record with one leads; thirty internal records about
    herons make it the commoner for staff, and for nobody else."""
    shelve(
        make_resource("heron", title="A note on the heron bay"),
        *(make_resource(f"otter-{n}", title="A note on the otter bay") for n in range(6)),
        *(make_resource(f"other-{n}", title="A note on the badger bay") for n in range(20)),
    )
    before = {hit.record.reference: hit.score for hit in ask(query, limit=30).hits}
    assert next(iter(before)) == "heron"
    hidden = {"title": "A note on the heron bay", "state": State.RECEIVED}
    shelve(*(make_resource(f"hidden-{n}", **hidden) for n in range(30)))
    after = {hit.record.reference: hit.score for hit in ask(query, limit=30).hits}
    assert list(after) == list(before)
    assert list(after.values()) == pytest.approx(list(before.values()), rel=1e-3)
    staff = ask(query, person=make_person(Role.CATALOGUER), limit=60).hits
    assert staff[0].record.reference.startswith("otter")


def test_the_length_of_hidden_texts_does_not_move_the_order_for_visitors(db):
    """A long text with more of the word against a short one: how much length counts depends on the
    mean, which ten internal records of a thousand words each would raise from 80 to 700 words."""
    long_text = " ".join(["otter", "otter", *(f"word{n}" for n in range(200))])
    shelve(
        make_resource("short", title="A note on the otter bay"),
        make_resource("long", title="A note on the bay", summary=long_text),
        make_resource("other", title="A note on the badger bay"),
    )
    before = [(hit.record.reference, hit.score) for hit in ask("otter", limit=30).hits]
    assert [reference for reference, _ in before] == ["short", "long"]
    hidden = {"summary": " ".join(["badger"] * 1_000), "state": State.RECEIVED}
    shelve(*(make_resource(f"hidden-{n}", title="Bay", **hidden) for n in range(10)))
    after = [(hit.record.reference, hit.score) for hit in ask("otter", limit=30).hits]
    assert after == before
