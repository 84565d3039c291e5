"""Imports: what a file would bring, taking it in, the same again, and undoing it."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_person, make_report
from tests.library.conftest import make_resource
from tests.written_once import written_once
from waymark.accounts.audit import broken_links
from waymark.accounts.models import AuditEntry, Role, State
from waymark.cli import main
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.documents.models import Review
from waymark.library import services as library
from waymark.library.exchange.formats import read_as
from waymark.library.exchange.oai.harvester import HarvestRequest, harvest_records, polite_fetch
from waymark.library.exchange.readers.result import CandidateRecord, ReadResult
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers import WRITINGS
from waymark.library.models import (
    CatalogueRecord,
    Import,
    ImportedRecord,
    ImportState,
    Resource,
    ReviewDetails,
)
from waymark.library.queries import search_json
from waymark.library.queries.imports import import_for, listed_imports, plan_import
from waymark.library.services import index_changed
from waymark.library.services.imports import drop_import, open_import
from waymark.library.services.resource_mapping import description_of
from waymark.library.services.resources import change_resource
from waymark.library.services.thesaurus import load_builtin
from waymark.pipeline.library.import_records import (
    ImportOptions,
    import_reading,
    import_upload,
    preview_import,
    undo_import,
)
from waymark.profiles.models import AgreedJudgement, Child

MOST_QUERIES = 0.1
"""Queries for one more record of an import: new resources are stored together."""
CSV = (
    "title,year,kind,authors,keywords,isbn\n"
    'Crossing rivers,2004,guidance,"Byrne, Aoife",Neglect; LAC; bridges,9780000000002\n'
    "Keeping watch,2005,,,,123456789X\n"
)
ABSTRACT = (
    "December 2014 - Blackmoor - Child BR\n"
    "Serious injury of a 3-year-old girl in June 2013.\n"
    "Learning: hear the child; plan moves.\n"
    "Keywords: neglect, bridges\n"
    "2017 - Anonymous - Child AB\n"
    "Death of a child of unspecified age in 2016.\n"
    "Keywords: infants\n"
)


@pytest.fixture
@written_once
def subjects(db):
    load_builtin(by=None, now=NOON)


def outcomes(text: str, name: str = "csv", *, kind: str = "research-report") -> list[str]:
    return [
        one.outcome for one in plan_import(read_as(name, text.encode()), None, kind=kind).records
    ]


def take(text: str, name: str = "csv", *, like: bool = False, by=None) -> Import:
    return import_reading(
        by=by,
        reading=read_as(name, text.encode()),
        source=f"a.{name}",
        format_name=name,
        options=ImportOptions("research-report", include_similar=like),
        now=NOON,
    )


def rows() -> tuple[int, int, int]:
    return (
        Resource.objects.count(),
        Review.objects.count(),
        CatalogueRecord.objects.count(),
    )


# ---- taking in ----


def test_looking_stores_nothing(subjects):
    made = plan_import(read_as("csv", CSV.encode()), None, kind="research-report")
    first, second = made.records
    assert (first.outcome, first.subjects) == ("new", ("neglect", "children-in-care"))
    assert first.notes == ("keywords that are not in the thesaurus: bridges",)
    assert second.notes == ()
    assert rows() == (0, 0, 0)


def test_records_come_with_their_subjects_and_wait_to_be_looked_at(subjects):
    batch = take(CSV)

    first, second = Resource.objects.order_by("year")
    assert (first.title, first.kind, first.authors) == (
        "Crossing rivers",
        "guidance",
        ["Byrne, Aoife"],
    )
    assert (first.state, second.kind) == (State.RECEIVED, "research-report")
    assert sorted(one.key for one in first.record.subjects.all()) == [
        "children-in-care",
        "neglect",
    ]
    assert first.record.came_with.place == "line 2"
    assert (batch.state, batch.report["taken"], batch.report["new"]) == (ImportState.DONE, 2, 2)
    assert AuditEntry.objects.filter(action="close import").count() == 1


@pytest.mark.django_db
def test_the_same_file_again_adds_nothing():
    take(CSV)
    before = rows()
    batch = take(CSV)
    assert rows() == before == (2, 0, 2)
    assert (batch.report["taken"], batch.report["known"]) == (0, 2)


@pytest.mark.django_db
def test_a_changed_row_is_told_as_perhaps_here_and_left_out():
    take(CSV)
    changed = CSV.replace("Crossing rivers,2004", "Crossing the rivers,2004")
    (first, second) = plan_import(read_as("csv", changed.encode()), None, kind="tool").records
    assert (first.outcome, second.outcome) == ("like", "like")
    assert "the same ISBN" in first.like[0]
    assert first.like[0].startswith("resource crossing-rivers-2004: Crossing rivers (")
    take(changed)
    assert rows() == (2, 0, 2)
    take(changed, like=True)
    assert rows() == (3, 0, 3)


@pytest.mark.django_db
def test_what_a_cataloguer_entered_is_found_too():
    make_resource("river", title="The crossing of rivers", year=2003)
    assert outcomes("title,year\nCrossing of rivers,2004\nCrossing of seas,2004\n") == [
        "like",
        "new",
    ]


@pytest.mark.django_db
def test_the_same_twice_in_one_file_is_seen():
    reading = read_as("csv", b"title,year\nA study,2004\nA study,2004\nA study!,2005\n")
    made = plan_import(reading, None, kind="tool")
    assert [one.outcome for one in made.records] == ["new", "like", "like"]
    assert made.records[2].like[0].startswith("line 2 of this file: A study")


@pytest.mark.django_db
def test_a_record_that_cannot_be_taken_is_told_and_the_rest_comes():
    batch = take(f"title\n{'x' * 301}\nShort\n")
    assert [(one.title) for one in Resource.objects.all()] == ["Short"]
    line = batch.report["records"][0]
    assert line["outcome"] == "refused"
    assert line["wrong"] == ["title: Use 300 characters or fewer. You have used 301."]


@pytest.mark.django_db
def test_a_record_that_fails_while_it_is_stored_leaves_nothing_and_stops_no_other():
    person = make_person(Role.CATALOGUER)
    content = b"title\nFirst\nSecond\nThird\n"
    batch = open_import(by=person, source="a", format_name="csv", content=content, now=NOON)
    options = ImportOptions("tool")
    import_plan = preview_import(batch, options, person)
    first, second, third = import_plan.records
    # Its subject fails last, when resource and record are already written.
    second = replace(second, subjects=("no-such-subject",))
    done = carry_out(batch, person, replace(import_plan, records=(first, second, third)))
    assert [resource.title for resource in Resource.objects.all()] == ["First", "Third"]
    assert rows() == (2, 0, 2)
    assert done.report["taken"] == 2
    assert done.report["records"][1]["wrong"] == ["the thesaurus has no subject no-such-subject"]
    entries = AuditEntry.objects.filter(action="add resource")
    assert [entry.subject for entry in entries] == ["resource first", "resource third"]
    assert broken_links() == []


@pytest.mark.django_db
def test_records_are_stored_some_at_a_time_under_one_commit_with_few_queries_each(subjects):
    def queries_of(first: int, last: int) -> list[str]:
        rows = "".join(f"Guide {number},neglect\n" for number in range(first, last))
        with CaptureQueriesContext(connection) as captured:
            batch = take(f"title,subjects\n{rows}")
        assert batch.report["taken"] == last - first
        return [query["sql"] for query in captured]

    few, many = queries_of(0, 5), queries_of(5, 25)
    assert (len(many) - len(few)) / 15 <= MOST_QUERIES
    # One for opening the import, one for its records, one for closing it: not one for each record.
    heads = [sql for sql in many if "accounts_auditentry" in sql and sql.startswith("SELECT")]
    assert len(heads) == 3


@pytest.mark.django_db
def test_a_record_without_a_kind_needs_one_to_be_chosen():
    assert outcomes("title\nA study\n", kind="") == ["refused"]


# ---- abstracts ----


def test_abstracts_become_reviews_and_nothing_of_them_is_agreed(subjects):
    take(ABSTRACT, "abstracts")

    one = Review.objects.get(reference="2014-blackmoor-child-br")
    assert (one.title, one.board, one.state) == (
        "Child BR (Blackmoor)",
        "Blackmoor",
        State.RECEIVED,
    )
    assert one.published_on is None
    assert (one.details.year, one.details.pseudonym) == (2014, "Child BR")
    assert one.details.keywords == ["neglect", "bridges"]
    assert one.details.abstract["event"]["age"] == "3 years"
    assert one.details.abstract["learning"] == ["hear the child", "plan moves"]
    assert [subject.key for subject in one.record.subjects.all()] == ["neglect"]
    other = Review.objects.get(reference="2017-child-ab")
    assert (other.board, other.details.anonymous) == ("", True)
    assert other.details.abstract["event"]["age"] == "unspecified"
    assert not Child.objects.exists()
    assert not AgreedJudgement.objects.exists()


def test_a_review_of_which_only_the_year_is_known_is_found_and_told_by_it(subjects, shelf):
    take(ABSTRACT, "abstracts")
    Review.objects.update(state=State.PUBLISHED)
    index_changed(now=NOON)
    said = search_json("year:2014", limit=5)
    assert [hit["record"] for hit in said["hits"]] == ["2014-blackmoor-child-br"]
    assert [(one["value"], one["count"]) for one in said["facets"]["year"]] == [("2014", 1)]


@pytest.mark.django_db
def test_the_same_list_again_adds_nothing_and_the_same_case_elsewhere_is_told():
    take(ABSTRACT, "abstracts")
    assert take(ABSTRACT, "abstracts").report["known"] == 2
    again = ABSTRACT.replace("hear the child", "listen")
    assert outcomes(again, "abstracts") == ["like", "known"]
    # Another board may well use the same name.
    assert outcomes(ABSTRACT.replace("Blackmoor", "Westholm"), "abstracts") == ["new", "known"]


# ---- undoing ----


@pytest.mark.django_db
def test_undoing_withdraws_what_nobody_has_touched_and_the_file_brings_it_back():
    batch = take(CSV + "Left alone,2006,tool,,,\n")
    worked_on = Resource.objects.get(title="Crossing rivers")
    Resource.objects.filter(pk=worked_on.pk).update(state=State.PUBLISHED)

    withdrawn, kept = undo_import(by=None, key=batch.key, now=NOON)

    assert (withdrawn, kept) == (2, ["resource crossing-rivers-2004"])
    assert Resource.objects.get(title="Left alone").state == State.WITHDRAWN
    with pytest.raises(RuleError, match="already been undone"):
        undo_import(by=None, key=batch.key, now=NOON)

    again = take(CSV + "Left alone,2006,tool,,,\n")
    assert (again.report["again"], again.report["known"], again.report["taken"]) == (2, 1, 2)
    assert Resource.objects.get(title="Left alone").state == State.RECEIVED
    assert Resource.objects.count() == 3


@pytest.mark.django_db
def test_a_review_with_a_file_stays():
    batch = take(ABSTRACT, "abstracts")
    review = Review.objects.get(reference="2017-child-ab")
    make_report(review, "Words.", state=State.RECEIVED)
    assert undo_import(by=None, key=batch.key, now=NOON) == (1, ["review 2017-child-ab"])


# ---- who may ----


@pytest.mark.parametrize("role", [Role.READER, Role.CODER, Role.ANALYST])
@pytest.mark.django_db
def test_only_cataloguers_import(role):
    person = make_person(role)
    batch = take(CSV)
    before = rows()
    for attempt in (
        lambda: take(CSV, by=person),
        lambda: plan_import(read_as("csv", CSV.encode()), person),
        lambda: undo_import(by=person, key=batch.key, now=NOON),
        lambda: open_import(by=person, source="x", format_name="csv", now=NOON),
        lambda: listed_imports(person),
        lambda: import_for(batch.key, person),
    ):
        with pytest.raises(NotPermitted):
            attempt()
    assert rows() == before


# ---- a file that somebody looks at first ----


def carry_out(batch, person, plan):
    options = ImportOptions("tool")
    return import_upload(by=person, key=batch.key, import_plan=plan, options=options, now=NOON)


@pytest.mark.django_db
def test_a_file_is_kept_until_it_is_decided_about():
    person = make_person(Role.CATALOGUER)
    batch = open_import(
        by=person, source="a.csv", format_name="csv", content=CSV.encode(), now=NOON
    )
    plan = preview_import(batch, ImportOptions("tool"), person)
    done = carry_out(batch, person, plan)
    assert (done.report["taken"], done.content) == (2, None)
    with pytest.raises(RuleError, match="already complete"):
        carry_out(batch, person, plan)
    with pytest.raises(RuleError, match="undo it"):
        drop_import(by=person, batch=done, now=NOON)

    other = open_import(by=person, source="b", format_name="csv", content=b"x", now=NOON)
    drop_import(by=person, batch=other, now=NOON)
    with pytest.raises(NotFound):
        import_for(other.key, person)


@pytest.mark.django_db
def test_a_run_that_was_killed_goes_on_where_it_stopped():
    person = make_person(Role.CATALOGUER)
    batch = open_import(
        by=person, source="a.csv", format_name="csv", content=CSV.encode(), now=NOON
    )
    first = read_as("csv", CSV.split("\nKeeping")[0].encode())
    done = import_reading(
        by=person, reading=first, source="a", format_name="csv", options=ImportOptions(), now=NOON
    )
    # As if the process had died after the first record of this import.
    ImportedRecord.objects.filter(batch=done).update(batch=batch)
    again = carry_out(batch, person, preview_import(batch, ImportOptions("tool"), person))
    assert (again.report["known"], again.report["taken"]) == (1, 1)
    assert rows() == (2, 0, 2)


# ---- harvesting: a real server ----

ROOT = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
PAGE = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{}
<resumptionToken>{}</resumptionToken></ListRecords></OAI-PMH>"""
RECORD = """<record><header><identifier>oai:f.example:{0}</identifier></header><metadata>
<dc xmlns="http://purl.org/dc/elements/1.1/"><title>{1}</title><date>2004</date></dc>
</metadata></record>"""
GONE = """<record><header status="deleted"><identifier>oai:f.example:{}</identifier></header>
</record>"""


class Repository(ThreadingHTTPServer):
    """A repository that answers as it is told. answers: token -> (status, headers, body) list."""

    def __init__(self, answers: dict[str, list[tuple[int, dict[str, str], str]]]) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.answers, self.asked = answers, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/oai"


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked = {name: one[0] for name, one in parse_qs(urlsplit(self.path).query).items()}
        self.server.asked.append(asked)
        waiting = self.server.answers[asked.get("resumptionToken", "")]
        status, headers, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        content = body.encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *said: object) -> None:
        """Nothing."""


@pytest.fixture
def repository():
    made: list[Repository] = []

    def start(**answers):
        plain = {
            token.removeprefix("first"): [one if isinstance(one, tuple) else (200, {}, one)]
            if not isinstance(one, list)
            else one
            for token, one in answers.items()
        }
        made.append(Repository(plain))
        return made[-1]

    yield start
    for one in made:
        one.shutdown()
        one.server_close()


def quick(slept: list[float]):
    return polite_fetch(pause=0.5, sleep=slept.append)


def test_all_pages_are_harvested_with_a_pause_between(repository):
    server = repository(
        first=PAGE.format(RECORD.format(1, "One"), "t2"),
        t2=PAGE.format(RECORD.format(2, "Two") + GONE.format(9), ""),
    )
    slept: list[float] = []
    reading = harvest_records(
        HarvestRequest(server.address, "reviews", "2026-01-01"), fetch=quick(slept)
    )
    assert [one.data.title for one in reading.candidates] == ["One", "Two"]
    assert [one.place for one in reading.deleted] == ["page 2, record 2"]
    assert slept == [0.5]
    assert server.asked == [
        {
            "verb": "ListRecords",
            "metadataPrefix": "oai_dc",
            "set": "reviews",
            "from": "2026-01-01",
        },
        {"verb": "ListRecords", "resumptionToken": "t2"},
    ]


def test_a_busy_server_is_given_the_time_it_asks_for(repository):
    page = (200, {}, PAGE.format(RECORD.format(1, "One"), ""))
    server = repository(first=[(503, {"Retry-After": "7"}, ""), (429, {}, ""), page])
    slept: list[float] = []
    reading = harvest_records(HarvestRequest(server.address), fetch=quick(slept))
    assert [one.data.title for one in reading.candidates] == ["One"]
    assert slept == [7.0, 20.0]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, {}, ""), "answers 404"),
        ((503, {"Retry-After": "9999"}, ""), "answers 503"),
        ("<html>", "the answer cannot be read: line 1"),
        ("<html/>", "no OAI-PMH repository"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (f'{ROOT}<error code="badArgument">No</error></OAI-PMH>', "answers BadArgument: No"),
        ((302, {"Location": "ftp://a.example/"}, ""), "not a web address"),
        ((200, {"Content-Length": "9"}, ""), "cannot be reached|cannot be read"),
    ],
)
def test_what_a_server_answers_wrong_is_told(repository, answer, told):
    server = repository(first=answer)
    with pytest.raises(RuleError, match=told):
        harvest_records(HarvestRequest(server.address), fetch=quick([]))


def test_nothing_that_matches_is_no_fault(repository):
    server = repository(first=f'{ROOT}<error code="noRecordsMatch"/></OAI-PMH>')
    reading = harvest_records(HarvestRequest(server.address), fetch=quick([]))
    assert (reading.candidates, reading.faults) == ((), ())


def test_what_breaks_half_way_keeps_what_came_before(repository):
    server = repository(
        first=PAGE.format(RECORD.format(1, "One"), "t2"),
        t2=(500, {}, ""),
    )
    reading = harvest_records(HarvestRequest(server.address), fetch=quick([]))
    assert [one.data.title for one in reading.candidates] == ["One"]
    assert [fault.place for fault in reading.faults] == ["page 2"]


def test_a_server_that_goes_round_in_a_circle_is_left(repository):
    again = PAGE.format(RECORD.format(1, "One"), "again")
    server = repository(first=again, again=again)
    reading = harvest_records(HarvestRequest(server.address), fetch=quick([]))
    assert "same resumption token" in reading.faults[0].message
    assert len(server.asked) == 2


def test_an_answer_that_is_too_large_is_refused(repository):
    server = repository(first="<a>" + "x" * 200_000 + "</a>")
    with pytest.raises(RuleError, match="larger than"):
        harvest_records(HarvestRequest(server.address), fetch=polite_fetch(most_bytes=100_000))


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://a.example/", "x", "http://[::"])
def test_only_web_addresses_are_asked(address):
    with pytest.raises(RuleError, match="not a web address"):
        harvest_records(HarvestRequest(address))


def test_nobody_there_is_told():
    with pytest.raises(RuleError, match="cannot be reached"):
        harvest_records(HarvestRequest("http://127.0.0.1:9/oai"), fetch=quick([]))


@pytest.mark.django_db
def test_harvesting_again_tells_what_changed_and_what_was_deleted_there(repository):
    server = repository(
        first=[
            (200, {}, PAGE.format(RECORD.format(1, "One") + RECORD.format(2, "Two"), "")),
            (200, {}, PAGE.format(RECORD.format(1, "One more") + GONE.format(2), "")),
        ]
    )

    def come() -> Import:
        return import_reading(
            by=None,
            reading=harvest_records(HarvestRequest(server.address), fetch=quick([])),
            source=server.address,
            format_name="oai",
            options=ImportOptions("tool"),
            now=NOON,
        )

    assert come().report["taken"] == 2
    report = come().report
    assert (report["taken"], report["changed"]) == (0, 1)
    assert report["deleted_at_source"] == [
        {"place": "page 1, record 2", "record": "resource two-2004"}
    ]
    assert Resource.objects.get(title="Two").state == State.RECEIVED


# ---- the command ----


@pytest.mark.django_db
def test_the_command_looks_takes_and_undoes(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(f"{CSV}Wrong,20l4,,,,\n", "utf-8")

    def run(*words: str):
        return CliRunner().invoke(main, ["catalogue", *words], catch_exceptions=False)

    looked = run("import", str(file), "--kind", "tool", "--dry-run", "--json")
    assert looked.exit_code == 1
    said = json.loads(looked.stdout)
    assert (said["new"], said["dry_run"]) == (2, True)
    assert said["faults"] == [{"place": "line 4", "message": "year: '20l4' is not a year"}]
    assert Resource.objects.count() == 0

    took = run("import", str(file), "--kind", "tool", "--json")
    said = json.loads(took.stdout)
    assert (said["taken"], Resource.objects.count()) == (2, 2)
    assert run("undo", said["import"]).stdout == "withdrawn 2, kept 0\n"
    assert run("import", str(file), "--format", "nonsense").exit_code == 2
    assert run("import", str(file), "--kind", "poem").exit_code == 2
    assert run("harvest", "http://127.0.0.1:9/", "--from", "May").exit_code == 2
    assert run("harvest", "file:///etc/passwd").exit_code == 1


# ---- the source has changed ----


def marc_of(title: str):
    record = RecordData(
        kind="guidance", kind_label="Guidance", title=title, key="x/1", page=ADDRESS
    )
    return read_as("marc", WRITINGS["mrc"].write([record]))


ADDRESS = "https://library.test/resources/x/"


def import_marc(title: str, *, update: bool = False) -> Import:
    return import_reading(
        by=None,
        reading=marc_of(title),
        source="x.mrc",
        format_name="marc",
        options=ImportOptions(update=update),
        now=NOON,
    )


@pytest.mark.django_db
def test_a_publication_is_updated_from_its_source_if_nobody_changed_it_here():
    import_marc("Crossing rivers")
    assert import_marc("Crossing two rivers").report["changed"] == 1
    assert Resource.objects.get().title == "Crossing rivers"
    report = import_marc("Crossing two rivers", update=True).report
    assert (report["updated"], report["taken"]) == (1, 0)
    assert Resource.objects.get().title == "Crossing two rivers"
    assert import_marc("Crossing two rivers", update=True).report["known"] == 1


@pytest.mark.django_db
def test_what_somebody_changed_here_is_not_updated():
    import_marc("Crossing rivers")
    resource = Resource.objects.get()
    described = replace(description_of(resource), nation="Wales")
    change_resource(by=None, resource=resource, description=described, now=NOON + timedelta(1))
    report = import_marc("Crossing two rivers", update=True).report
    assert report["updated"] == 0
    assert report["records"][0]["notes"][-1] == "not updated: it was changed here after the import"
    assert Resource.objects.get().title == "Crossing rivers"


def import_review(board: str, *, update: bool = False, **more: object) -> Import:
    data = RecordData(
        kind="case-review", title="Review of Child X", board=board, nation="England", year=2011,
        abstract="What happened.", **more,
    )  # fmt: skip
    candidate = CandidateRecord(data, "record 1", identity="source:1")
    return import_reading(
        by=None,
        reading=ReadResult((candidate,)),
        source="x",
        format_name="marc",
        options=ImportOptions(update=update),
        now=NOON,
    )


@pytest.mark.django_db
def test_a_review_is_updated_from_its_source_if_nobody_changed_it_here():
    import_review("Oak Board")
    reference = Review.objects.get().reference
    assert import_review("Elm Board").report["changed"] == 1
    report = import_review("Elm Board", update=True, pseudonym="Child X", keywords=("a",)).report
    assert (report["updated"], report["taken"]) == (1, 0)
    review = Review.objects.get()
    details = ReviewDetails.objects.get()
    assert (review.reference, review.board, review.state) == (reference, "Elm Board", "received")
    assert (details.pseudonym, details.keywords, details.year) == ("Child X", ["a"], 2011)
    again = import_review("Elm Board", update=True, pseudonym="Child X", keywords=("a",))
    assert again.report["known"] == 1


@pytest.mark.django_db
def test_undoing_an_import_withdraws_no_record_that_it_only_updated():
    first = import_review("Ash Board")
    second = import_review("Elm Board", update=True)
    assert second.report["updated"] == 1
    assert ImportedRecord.objects.get().batch == first
    assert undo_import(by=None, key=second.key, now=NOON)[0] == 0
    assert Review.objects.get().state == State.RECEIVED
    assert import_review("Elm Board", update=True).report["known"] == 1


@pytest.mark.django_db
def test_a_review_that_was_changed_here_or_whose_source_is_faulty_is_not_updated():
    import_review("Oak Board")
    report = import_review("B" * 201, update=True).report
    assert (report["updated"], report["records"][0]["wrong"]) == (
        *(0, ["board: use 200 characters or fewer"]),
    )
    review = Review.objects.get()
    library.set_details(by=None, review=review, keywords=("ours",), now=NOON)
    library.catalogue_review(by=None, review=review, now=NOON + timedelta(1))
    report = import_review("Elm Board", update=True).report
    assert report["records"][0]["notes"][-1] == "not updated: it was changed here after the import"
    assert Review.objects.get().board == "Oak Board"


@pytest.mark.django_db
def test_free_keywords_stay_with_the_publication():
    take(CSV)
    assert [one.keywords for one in Resource.objects.order_by("year")] == [
        ["Neglect", "LAC", "bridges"],
        [],
    ]


@pytest.mark.django_db
def test_fields_that_a_kind_has_no_place_for_are_told():
    review, guidance = plan_import(
        read_as("csv", b"title,kind,isbn,board\nA,case-review,9780000000002,B\nC,guidance,,B\n"),
        None,
    ).records
    assert review.notes == ("fields not taken for this kind of record: isbn",)
    assert guidance.notes == ("fields not taken for this kind of record: board",)


@pytest.mark.django_db
def test_the_key_of_an_import_is_known_at_its_beginning():
    begun: list[tuple[str, int]] = []
    batch = import_reading(
        by=None,
        reading=marc_of("Crossing rivers"),
        source="x.mrc",
        format_name="marc",
        options=ImportOptions(),
        now=NOON,
        on_begin=lambda one: begun.append((one.key, Resource.objects.count())),
    )
    assert begun == [(batch.key, 0)]


ARTICLE_AND_REPORT = """TY  - JOUR
TI  - Crossing rivers
AU  - Byrne, Aoife
PY  - 2013
JO  - Journal of Otters
VL  - 41
IS  - 2
SP  - 242
EP  - 260
SN  - 1234-5679
ER  -
TY  - RPRT
TI  - Bridges
AU  - Ash, Ann
PY  - 2011
PB  - Otter Press
CY  - Otterton
ET  - 2nd
ER  -
"""
AS_HASHED_BEFORE = (
    "57d4269d628ec36767e7477106d9cc9eede3d6a1c763118ba1ebcb77cb42cb29",
    "91564274d7ab803056637d56427d71d3c45d193bbe0672c96714ead818461045",
)
"""By the version before journals, editions and places were read."""


def test_references_that_an_earlier_version_imported_are_known_again(subjects):
    take(ARTICLE_AND_REPORT, "ris")
    stored = ImportedRecord.objects.order_by("place")
    assert [row.identity for row in stored] != list(AS_HASHED_BEFORE)
    for row, identity in zip(stored.order_by("pk"), AS_HASHED_BEFORE, strict=True):
        ImportedRecord.objects.filter(pk=row.pk).update(identity=identity, content=identity)
    assert outcomes(ARTICLE_AND_REPORT, "ris") == ["known", "known"]
    take(ARTICLE_AND_REPORT, "ris")
    assert Resource.objects.count() == 2
