"""The pages and files of data for researchers."""

import csv
import io
import json
import zipfile

import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, STOPPED, hide, make_world
from tests.publishing.giving import give_out
from waymark.accounts.models import AuditEntry, Role
from waymark.overview.services import create_overview, freeze_overview
from waymark.publishing.models import Publication

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


def test_the_listing_names_every_table_with_its_types(client, world):
    made = client.get(reverse("data-listing")).json()
    assert [one["name"] for one in made["resources"]] == list(TABLES)
    assert made["framework"] == "small 1.0.0"
    assert all(one["schema"]["fields"] for one in made["resources"])


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
