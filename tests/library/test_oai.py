"""OAI-PMH: what harvesters are told, also of what is gone, and of what was never public nothing."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from defusedxml import ElementTree as ET
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.factories import NOON, make_review
from tests.library.conftest import make_resource, shelve
from tests.written_once import written_once
from waymark.accounts.models import State
from waymark.library.exchange.oai import provider
from waymark.library.models import CatalogueRecord
from waymark.library.services import mark_changed
from waymark.library.services.resources import set_resource_state

pytestmark = pytest.mark.django_db

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
DAY = timedelta(days=1)


def ask(**arguments: str):
    """The answer to a request, as a tree."""
    answer = Client().get("/oai/", {name.rstrip("_"): value for name, value in arguments.items()})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/xml")
    return ET.fromstring(answer.content)


def code_of(root) -> str | None:
    error = root.find(f"{OAI}error")
    return None if error is None else error.get("code")


def headers(root) -> dict[str, str | None]:
    """Identifier -> status of each header, without the repository's name."""
    return {
        header.findtext(f"{OAI}identifier").removeprefix("oai:waymark.localhost:"): header.get(
            "status"
        )
        for header in root.iter(f"{OAI}header")
    }


def listed(**arguments: str) -> dict[str, str | None]:
    return headers(ask(verb="ListIdentifiers", metadataPrefix="oai_dc", **arguments))


@pytest.fixture
@written_once
def shelves():
    """A public review and two resources, shelved on three days."""
    review = make_review("A1", title="Review of a made-up case", board="A board")
    guidance = make_resource("wise", title="Wise words", authors=["Bee, Ann"], url="https://x.test")
    tool = make_resource("hammer", kind="tool")
    for number, item in enumerate((review, guidance, tool)):
        shelve(item, now=NOON + number * DAY)
    return review, guidance, tool


def test_the_repository_says_who_it_is_and_that_it_never_forgets_what_is_gone(shelves) -> None:
    identity = ask(verb="Identify").find(f"{OAI}Identify")
    assert identity.findtext(f"{OAI}deletedRecord") == "persistent"
    assert identity.findtext(f"{OAI}earliestDatestamp") == "2026-05-04T12:00:00Z"
    assert identity.findtext(f"{OAI}granularity") == "YYYY-MM-DDThh:mm:ssZ"
    assert identity.findtext(f"{OAI}baseURL") == "http://testserver/oai/"


def test_lists_go_by_when_something_changed_and_by_set(shelves) -> None:
    assert list(listed()) == ["review/A1", "resource/wise", "resource/hammer"]
    assert list(listed(set="case-review")) == ["review/A1"]
    assert list(listed(set="resources")) == ["resource/wise", "resource/hammer"]
    assert list(listed(set="resources:tool")) == ["resource/hammer"]


def test_dates_include_their_ends_by_day_and_by_second(shelves) -> None:
    assert list(listed(from_="2026-05-05")) == ["resource/wise", "resource/hammer"]
    assert list(listed(until="2026-05-05")) == ["review/A1", "resource/wise"]
    moment = "2026-05-05T12:00:00Z"
    assert list(listed(from_=moment, until=moment)) == ["resource/wise"]
    assert list(listed(until="2026-05-05T11:59:59Z")) == ["review/A1"]


def test_a_record_is_given_as_dublin_core_and_as_marc(shelves) -> None:
    request = {"verb": "GetRecord", "identifier": "oai:waymark.localhost:resource/wise"}
    dublin = ask(metadataPrefix="oai_dc", **request)
    assert [element.text for element in dublin.iter(f"{DC}creator")] == ["Bee, Ann"]
    marc = ask(metadataPrefix="marc21", **request)
    fields = [
        element.get("tag") for element in marc.iter("{http://www.loc.gov/MARC21/slim}datafield")
    ]
    assert fields[:2] == ["100", "245"]


def test_what_is_withdrawn_is_told_as_deleted_from_that_moment_and_says_no_word_more(
    shelves,
) -> None:
    review, _, _ = shelves
    review.state = State.WITHDRAWN
    review.save(update_fields=["state"])
    mark_changed(reviews=[review], now=NOON + 9 * DAY)
    assert listed(from_="2026-05-12") == {"review/A1": "deleted"}
    root = ask(
        verb="GetRecord", identifier="oai:waymark.localhost:review/A1", metadataPrefix="oai_dc"
    )
    assert headers(root) == {"review/A1": "deleted"}
    assert root.find(f".//{OAI}metadata") is None
    assert "made-up" not in "".join(root.itertext())


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.INTERNAL])
def test_it_is_deleted_even_before_the_change_was_marked(shelves, state) -> None:
    review, _, _ = shelves
    review.state = state
    review.save(update_fields=["state"])
    assert listed()["review/A1"] == "deleted"


@pytest.mark.parametrize("state", [State.RECEIVED, State.IN_CHECK, State.INTERNAL, State.EMBARGOED])
def test_what_was_never_public_does_not_exist(state) -> None:
    later = timezone.now() + DAY if state == State.EMBARGOED else None
    shelve(make_review("B1", state=state, public_from=later), make_resource("open"))
    assert listed() == {"resource/open": None}
    root = ask(
        verb="GetRecord", identifier="oai:waymark.localhost:review/B1", metadataPrefix="oai_dc"
    )
    assert code_of(root) == "idDoesNotExist"


def test_the_earliest_datestamp_counts_what_is_deleted(shelves) -> None:
    review, _, _ = shelves
    review.state = State.WITHDRAWN
    review.save(update_fields=["state"])
    identity = ask(verb="Identify").find(f"{OAI}Identify")
    assert identity.findtext(f"{OAI}earliestDatestamp") == "2026-05-04T12:00:00Z"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "listrecords"}, "badVerb"),
        ({"verb": "Identify", "set": "a"}, "badArgument"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "rdf"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "none"}, "noRecordsMatch"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-02-30"}, "badArgument"),
        (
            {
                "verb": "ListRecords",
                "metadataPrefix": "oai_dc",
                "from": "2026-01-01",
                "until": "2026-01-02T00:00:00Z",
            },
            "badArgument",
        ),
        (
            {
                "verb": "ListRecords",
                "metadataPrefix": "oai_dc",
                "from": "2026-02-01",
                "until": "2026-01-01",
            },
            "badArgument",
        ),
        ({"verb": "ListRecords", "resumptionToken": "x", "set": "a"}, "badArgument"),
        ({"verb": "ListRecords", "resumptionToken": "x"}, "badResumptionToken"),
        ({"verb": "ListSets", "resumptionToken": "x"}, "badResumptionToken"),
        (
            {"verb": "GetRecord", "identifier": "oai:a:b", "metadataPrefix": "oai_dc"},
            "idDoesNotExist",
        ),
        ({"verb": "ListMetadataFormats", "identifier": "x"}, "idDoesNotExist"),
    ],
)
def test_what_is_wrong_with_a_request_has_the_code_of_the_protocol(
    shelves, arguments, code
) -> None:
    answer = Client().get("/oai/", arguments)
    assert code_of(ET.fromstring(answer.content)) == code


def test_an_argument_sent_twice_is_refused() -> None:
    query = urlencode([("verb", "ListSets"), ("verb", "ListSets")])
    assert code_of(ET.fromstring(Client().get(f"/oai/?{query}").content)) == "badVerb"


def test_a_request_may_come_by_post(shelves) -> None:
    answer = Client(enforce_csrf_checks=True).post("/oai/", {"verb": "Identify"})
    assert code_of(ET.fromstring(answer.content)) is None


@pytest.fixture
def small_pages(monkeypatch):
    """Lists of two at a time."""
    monkeypatch.setattr(provider, "PAGE", 2)


def harvest(**arguments: str) -> list[dict[str, str | None]]:
    """The pages of a list, each as identifier -> status."""
    root = ask(verb="ListIdentifiers", metadataPrefix="oai_dc", **arguments)
    pages = [headers(root)]
    while token := root.findtext(f".//{OAI}resumptionToken"):
        root = ask(verb="ListIdentifiers", resumptionToken=token)
        assert code_of(root) is None
        pages.append(headers(root))
    return pages


def test_a_long_list_comes_in_pages_that_keep_its_set(shelves, small_pages) -> None:
    shelve(make_resource("third"), now=NOON + 3 * DAY)
    assert [list(page) for page in harvest(set="resources")] == [
        ["resource/wise", "resource/hammer"],
        ["resource/third"],
    ]


def test_the_last_page_ends_with_an_empty_token_that_counts_the_whole(shelves, small_pages) -> None:
    first = ask(verb="ListIdentifiers", metadataPrefix="oai_dc").find(f".//{OAI}resumptionToken")
    assert (first.get("cursor"), first.get("completeListSize")) == ("0", "3")
    last = ask(verb="ListIdentifiers", resumptionToken=first.text).find(f".//{OAI}resumptionToken")
    assert (last.text, last.get("cursor"), last.get("completeListSize")) == (None, "2", "3")


def test_a_token_of_one_verb_is_none_of_another(shelves, small_pages) -> None:
    token = ask(verb="ListIdentifiers", metadataPrefix="oai_dc").findtext(
        f".//{OAI}resumptionToken"
    )
    assert code_of(ask(verb="ListRecords", resumptionToken=token)) == "badResumptionToken"


def test_a_record_that_changes_during_a_harvest_is_not_missed(shelves, small_pages) -> None:
    review, _, _ = shelves
    root = ask(verb="ListIdentifiers", metadataPrefix="oai_dc")
    assert list(headers(root)) == ["review/A1", "resource/wise"]
    mark_changed(reviews=[review], now=NOON + 5 * DAY)
    rest = ask(verb="ListIdentifiers", resumptionToken=root.findtext(f".//{OAI}resumptionToken"))
    assert list(headers(rest)) == ["resource/hammer", "review/A1"]


def test_records_of_one_moment_are_told_apart(small_pages) -> None:
    shelve(*(make_resource(f"r{number}") for number in range(5)))
    CatalogueRecord.objects.update(harvest_at=NOON)
    pages = harvest()
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({name for page in pages for name in page}) == 5


NAMES = st.sampled_from(
    ["verb", "metadataPrefix", "identifier", "set", "from", "until", "resumptionToken", "x"]
)
VALUES = st.sampled_from([*provider.ARGUMENTS, "oai_dc", "2026-01-01", "resources"]) | st.text(
    max_size=20
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(NAMES, VALUES), max_size=5))
def test_nothing_that_is_sent_makes_the_repository_fail(sent) -> None:
    try:
        query = urlencode(sent)
    except UnicodeEncodeError:
        return
    answer = Client().get(f"/oai/?{query}")
    assert answer.status_code == 200
    root = ET.fromstring(answer.content)
    assert root.findtext(f"{OAI}responseDate")


# ---- the schema of the protocol ----

SCHEMA = Path(__file__).with_name("OAI-PMH.xsd")
"""The schema of the protocol, from openarchives.org, as pyoai has it among its tests."""


@pytest.fixture(scope="module")
def protocol() -> etree.XMLSchema:
    """The schema; it skips what is inside a record, which is of other schemas."""
    return etree.XMLSchema(etree.parse(SCHEMA))


A1 = "oai:waymark.localhost:review/A1"
REQUESTS = (
    {"verb": "Identify"},
    {"verb": "ListMetadataFormats"},
    {"verb": "ListSets"},
    {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"},
    {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
    {"verb": "ListRecords", "metadataPrefix": "marc21"},
    {"verb": "ListRecords", "metadataPrefix": "mods"},
    {
        "verb": "GetRecord",
        "metadataPrefix": "mods",
        "identifier": "oai:waymark.localhost:review/A1",
    },
    {
        "verb": "GetRecord",
        "metadataPrefix": "none",
        "identifier": "oai:waymark.localhost:review/A1",
    },
    {"verb": "ListRecords", "resumptionToken": "none"},
    {"verb": "Nothing"},
    {},
)


@pytest.mark.parametrize("arguments", REQUESTS)
def test_every_answer_is_valid_by_the_schema_of_the_protocol(shelves, protocol, arguments) -> None:
    answer = Client().get("/oai/", arguments)
    protocol.assertValid(etree.fromstring(answer.content))


def test_an_answer_with_a_deleted_record_is_valid_too(shelves, protocol) -> None:
    _, guidance, _ = shelves
    set_resource_state(by=None, resource=guidance, state=State.WITHDRAWN, now=NOON)
    answer = Client().get("/oai/", {"verb": "ListRecords", "metadataPrefix": "mods"})
    root = etree.fromstring(answer.content)
    protocol.assertValid(root)
    assert "deleted" in root.xpath("//*/@status")


def test_records_are_given_in_mods(shelves) -> None:
    root = ask(verb="ListRecords", metadataPrefix="mods", set="resources:guidance")
    mods = "{http://www.loc.gov/mods/v3}"
    (record,) = root.iter(f"{mods}mods")
    assert record.findtext(f"{mods}titleInfo/{mods}title") == "Wise words"
    assert record.findtext(f"{mods}name/{mods}namePart") == "Bee"
