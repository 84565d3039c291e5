"""The pages and files of data for researchers."""

import csv
import gzip
import io
import json
import os
import zipfile
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, STOPPED, hide, make_world
from tests.publishing.giving import give_out
from waymark.accounts.audit import record_entry
from waymark.accounts.models import AuditEntry, Role
from waymark.coding.services import assign_coder
from waymark.datasets.queries import request_for
from waymark.datasets.stored_tables import (
    data_table,
    missing_file,
    remove_outdated_files,
    stored_paths,
    write_file,
)
from waymark.documents.models import Review
from waymark.documents.services.reviews import change_review
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription
from waymark.overview.services import create_overview, freeze_overview
from waymark.profiles.services import add_child
from waymark.publishing.models import Publication
from waymark.recommendations.models import Recommendation
from waymark.recommendations.services import record_progress

TABLES = (
    *("reviews", "children", "judgements", "judgement_quotes"),
    *("codings", "review_codes", "recommendations", "dictionary", "values"),
)


@pytest.fixture
def world(framework):
    return make_world(framework)


def body(answer):
    return b"".join(answer) if answer.streaming else answer.content


def rows(client, table):
    answer = client.get(reverse("data-csv", args=[table]))
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(body(answer).decode(), newline="")))


def typed(client, table):
    answer = client.get(reverse("data-parquet", args=[table]))
    assert answer["Content-Disposition"] == f'attachment; filename="{table}.parquet"'
    return pq.read_table(io.BytesIO(body(answer)))


def test_the_page_says_what_is_in_each_table_its_licence_and_its_limits(client, world, settings):
    said = client.get(reverse("data")).content.decode()
    for title in ("Reviews", "Children", "Judgements", "Codings", "Recommendations"):
        assert f">{title}</h2>" in said
    assert "Silence is not absence." in said
    assert "These files have no licence" in " ".join(said.split())
    assert "<code>not_mentioned</code> Not mentioned" in said
    settings.DATA_LICENCE = "CC-BY-4.0"
    said = client.get(reverse("data")).content.decode()
    assert 'href="https://creativecommons.org/licenses/by/4.0/">CC-BY-4.0</a>' in said


def test_without_a_framework_the_page_says_that_there_is_nothing(client, db):
    said = client.get(reverse("data")).content.decode()
    assert "so there is no data to download" in said


@pytest.mark.parametrize("table", TABLES)
def test_csv_and_parquet_of_a_table_hold_the_same_rows(client, world, table):
    comma, parquet = rows(client, table), typed(client, table).to_pylist()
    assert len(comma) == len(parquet)
    for one, other in zip(comma, parquet, strict=True):
        assert list(one) == list(other)
        for name, value in other.items():
            assert one[name].removeprefix("'") == plain(value)


def plain(value):
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def test_a_visitor_is_given_no_words_of_a_closed_report_and_a_coder_is(client, world):
    hide(world.first)
    assert STOPPED not in str(rows(client, "judgement_quotes"))
    client.force_login(make_person(Role.CODER))
    assert STOPPED in str(rows(client, "judgement_quotes"))
    entry = AuditEntry.objects.get(action="export data")
    assert entry.subject == "table judgement_quotes"


def test_what_visitors_fetch_is_kept_nowhere(client, world):
    before = AuditEntry.objects.count()
    for table in TABLES:
        rows(client, table)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_there_is_not_is_not_found(client, world, ending):
    assert client.get(reverse(f"data-{ending}", args=["coders"])).status_code == 404


def test_files_are_not_listed_by_search_engines_and_the_page_is(client, world):
    assert "X-Robots-Tag" not in client.get(reverse("data"))
    answer = client.get(reverse("data-csv", args=["reviews"]))
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert body(answer)


def test_the_listing_names_every_table_with_its_types(client, world):
    made = client.get(reverse("data-listing")).json()
    assert [one["name"] for one in made["resources"]] == list(TABLES)
    assert made["framework"] == "small 1.0.0"
    assert all(one["schema"]["fields"] for one in made["resources"])


# ---- stored files ----

ADDRESS = "/data/judgement_quotes.csv"


def stored(settings):
    return sorted((settings.DATA / "data-files").iterdir())


def test_a_file_is_written_once_and_a_visitor_who_has_it_gets_none(client, world, settings):
    first = client.get(ADDRESS)
    content, files = body(first), [(path, path.stat().st_mtime_ns) for path in stored(settings)]
    assert first["Cache-Control"] == "private, no-cache"
    again = client.get(ADDRESS, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert body(client.get(ADDRESS)) == content
    assert [(path, path.stat().st_mtime_ns) for path in stored(settings)] == files


def test_a_file_is_sent_compressed_and_in_ranges_of_the_plain_file(client, world):
    content = body(client.get(ADDRESS))
    packed = client.get(ADDRESS, HTTP_ACCEPT_ENCODING="gzip, br")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(body(packed)) == content
    plain = client.get(ADDRESS, HTTP_ACCEPT_ENCODING="gzip;q=0")
    assert (body(plain), plain.has_header("Content-Encoding")) == (content, False)
    part = client.get(ADDRESS, HTTP_RANGE="bytes=3-9", HTTP_ACCEPT_ENCODING="gzip")
    assert (part.status_code, body(part)) == (206, content[3:10])
    assert part["Content-Range"] == f"bytes 3-9/{len(content)}"
    # A client that has a part of another encoding begins again.
    other = client.get(ADDRESS, HTTP_RANGE="bytes=3-9", HTTP_IF_RANGE=packed["ETag"])
    assert (other.status_code, body(other)) == (200, content)
    beyond = client.get(ADDRESS, HTTP_RANGE=f"bytes={len(content)}-")
    assert beyond.status_code == 416


def test_a_stored_file_is_gone_at_once_with_the_report_and_then_deleted(client, world, settings):
    before = client.get(ADDRESS)
    assert STOPPED in body(before).decode()
    files = stored(settings)
    hide(world.first)
    answer = client.get(ADDRESS, HTTP_IF_NONE_MATCH=before["ETag"])
    assert STOPPED not in body(answer).decode()
    assert remove_outdated_files(timezone.now)
    assert not set(files) & set(stored(settings))
    assert stored(settings)
    assert not remove_outdated_files(timezone.now)


def test_a_change_by_a_service_starts_new_files_and_a_coders_own_work_does_not(client, world):
    def tag():
        answer = client.get(ADDRESS)
        assert body(answer)
        return answer["ETag"]

    first = tag()
    record_entry(actor=None, action="judge", subject="review R1", now=NOON)
    record_entry(actor=None, action="export data", subject="records", now=NOON)
    assert tag() == first
    record_entry(actor=None, action="settle judgements", subject="review R1", now=NOON)
    assert tag() != first


def tables_written_again(change):
    """Names of the tables that have another file after a change."""

    def paths():
        return stored_paths(request_for(AnonymousUser(), NOON + timedelta(hours=1)))

    before = paths()
    change()
    return {name for (name, _), path in paths().items() if path != before[name, _]}


FACTS = {*TABLES} - {"dictionary", "values"}
OF_CODES = {"codings", "review_codes", "recommendations"}


def test_a_change_has_only_the_tables_written_again_that_read_its_stage(world):
    """Of a large library each table takes a minute, and most changes are of none of them."""
    review, place = world.second.review, {"framework": world.framework, "now": NOON}
    topic = TopicDescription("Letters", "Letters to families.", words="letters")
    title = {"title": "Another title", "now": NOON}
    progress = {"status": "in_progress", "impact": "no_evidence", "due": None}
    coder, third = make_person(Role.CODER), Review.objects.get(reference="S3")
    Recommendation.objects.create(
        report=world.second,
        review=review,
        number=1,
        start=0,
        end=8,
        key=f"{world.second.key}-0-8",
        exact="The file",
        page=1,
        smart=[],
        recorded_at=NOON,
        recorded_by=coder,
    )
    changes = {
        "topic": (lambda: add_topic(by=None, key="letters", description=topic, now=NOON), set()),
        "work to do": (lambda: assign_coder(by=coder, coder=coder, review=third, **place), set()),
        "child": (
            lambda: add_child(by=coder, review=third, number=1, name="Child B", now=NOON),
            FACTS - OF_CODES,
        ),
        "progress": (
            lambda: record_progress(by=world.editor, review=review, number=1, now=NOON, **progress),
            {"recommendations"},
        ),
        "title": (lambda: change_review(by=None, review=review, **title), FACTS),
        "withdrawal": (lambda: hide(world.first), FACTS),
    }
    for name, (change, tables) in changes.items():
        assert tables_written_again(change) == tables, name


def test_facts_that_an_overview_begins_to_withhold_have_all_tables_of_records_written_again(
    world, given_out
):
    assert tables_written_again(lambda: given_out("r5")) == FACTS


def test_the_day_is_named_only_in_the_file_that_is_written_again_on_the_next_day(world):
    """Other files outlive the day, so they must not say on which one they were written."""
    requests = [request_for(AnonymousUser(), NOON + timedelta(days=days)) for days in (0, 1)]
    today, tomorrow = map(stored_paths, requests)
    for table in TABLES:
        path = today[table, "parquet"]
        write_file(data_table(requests[0], table), path)
        kept = path == tomorrow[table, "parquet"]
        assert kept is (table != "recommendations")
        assert (b"waymark.overdue_as_at" in pq.read_schema(path).metadata) is not kept, table


def test_the_rows_of_people_who_get_more_are_stored_nowhere(client, world, settings):
    client.force_login(make_person(Role.CODER))
    answer = client.get(ADDRESS)
    assert STOPPED in body(answer).decode()
    assert not answer.has_header("ETag")
    assert answer["Cache-Control"] == "private, no-store"
    assert not (settings.DATA / "data-files").exists()


def test_the_worker_writes_the_files_once_nothing_has_changed_for_a_minute(client, world, settings):
    assert missing_file(lambda: NOON + timedelta(minutes=2)) is None
    assert body(client.get(ADDRESS))
    assert missing_file(lambda: NOON + timedelta(seconds=59)) is None
    while missing := missing_file(lambda: NOON + timedelta(minutes=2)):
        write_file(*missing)
    # Each table as CSV, as compressed CSV and as Parquet.
    assert len(stored(settings)) == 3 * len(TABLES)


def test_files_of_a_killed_writer_are_deleted_and_one_in_writing_stays(settings, world):
    folder = settings.DATA / "data-files"
    folder.mkdir()
    (folder / "a.part").touch()
    os.utime(folder / "a.part", (0, 0))
    (folder / "b.part").touch()
    assert remove_outdated_files(timezone.now)
    assert [path.name for path in stored(settings)] == ["b.part"]


# ---- overviews ----


@pytest.fixture
def given_out(world):
    """An edition of the small overview under a profile; its tables are about the process."""

    def give(profile):
        spec = SPEC.replace("profile: open", f"profile: {profile}")
        spec = spec.replace("kind: crosstab", "kind: crosstab\n    process: true")
        made = create_overview(by=world.analyst, spec=spec, file="s.yaml", now=NOON)
        snapshot = freeze_overview(by=world.analyst, overview=made, now=NOON)
        return give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot)

    return give


def test_the_package_of_an_edition_is_offered_and_is_the_same_each_time(client, world, given_out):
    given_out("open")
    address = reverse("overview-package", args=["small"])
    assert f'href="{address}"' in client.get(reverse("data")).content.decode()
    first, second = client.get(address), client.get(address)
    assert first.content == second.content
    assert first["Content-Disposition"].endswith('filename="small-edition-1-data.zip"')
    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        assert "data/cells.csv" in archive.namelist()
        said = json.loads(archive.read("provenance.json"))["as_printed"]
    assert world.editor.username in said["Signed by"]
    assert world.analyst.username in said["Signed by"]


def test_the_page_says_whose_facts_are_withheld_and_why(client, world, given_out):
    given_out("r5")
    said = client.get(reverse("data")).content.decode()
    assert "2 reviews are listed without coded data" in said
    assert "there are no rows about single reviews" in said
    assert rows(client, "children") == []
    client.force_login(world.analyst)
    assert "listed without" not in client.get(reverse("data")).content.decode()
    assert len(rows(client, "children")) == 1


def test_pages_of_codes_neither_list_nor_count_reviews_whose_numbers_are_protected(
    client, world, framework, given_out
):
    version = [framework.name, framework.version]
    code_page, codebook = reverse("code", args=[*version, "a"]), reverse("framework", args=version)

    def shown():
        page, book = client.get(code_page), client.get(codebook).content.decode()
        is_explained = "withholds small numbers" in page.content.decode()
        assert ("withholds small numbers" in book) == is_explained
        return page.context["total"], "1 review</span>" in book.replace("\n", ""), is_explained

    assert shown() == (1, True, False)
    given_out("r5")
    assert shown() == (0, False, True)
    client.force_login(world.analyst)
    assert shown() == (1, True, False)


def test_a_withdrawn_edition_has_no_package(client, given_out):
    made = given_out("open")
    Publication.objects.filter(pk=made.pk).update(withdrawn_at=made.published_at)
    assert client.get(reverse("overview-package", args=["small"])).status_code == 404
