"""An installation of an earlier version keeps its numbers, keys, addresses, files and ledgers."""

import json
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.databases import rows_of
from tests.forked_command import Waymark
from tests.pipeline.forked import Child
from waymark.accounts.models import User
from waymark.cli import main
from waymark.documents.queries.reader import cited_place
from waymark.mail.models import Letter

INSTALLATIONS = Path(__file__).resolve().parents[1] / "installations"
pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="opens a file of SQLite")

# Tables that a version may fill anew by itself: they say nothing about what people stored.
OWN_ROWS = frozenset({"auth_permission", "accounts_auditentry"})
WORKS = (
    """SELECT o.slug, v.slot, v.number, v.text, v.saved_at, v.saved_by_id, v.superseded_at
    FROM publishing_reportversion v {owner of the text} ORDER BY v.id""",
    """SELECT o.slug, s.snapshot_id, s.profile, s.content, s.capacity, s.signed_by_id, s.name,
    s.signed_at, s.voided_at, s.publication_id
    FROM publishing_signature s {owner of the signature} ORDER BY s.id""",
    """SELECT slug, edition, snapshot_id, title, profile, pdf, ledger, report, content,
    published_at, published_by_id, withdrawn_at FROM publishing_publication ORDER BY id""",
)
OWNERS_BEFORE = {
    "text": "JOIN overview_overview o ON o.id = v.overview_id",
    "signature": "JOIN overview_snapshot n ON n.id = s.snapshot_id"
    " JOIN overview_overview o ON o.id = n.overview_id",
}
OWNERS_NOW = {
    "text": "JOIN publishing_manuscript o ON o.id = v.manuscript_id AND o.kind = 'overview'",
    "signature": "JOIN publishing_manuscript o ON o.id = s.manuscript_id AND o.kind = 'overview'",
}
# Keys of quotations in reports that are not withdrawn: nobody can open the others.
KEYS = """SELECT q.key FROM (SELECT key, report_id FROM coding_coding
    UNION SELECT key, report_id FROM profiles_judgementquote) q
    JOIN documents_report r ON r.id = q.report_id JOIN documents_review v ON v.id = r.review_id
    WHERE r.state <> 'withdrawn' AND v.state <> 'withdrawn'"""
AGAIN = """
overview: again
title: The same children once more
subtitle: A test
about: [A table of the children.]
framework: cr-core 1.0.0
place: Northern Ireland
period: 2003 to 2005
select: {query: "year:1900-"}
disclosure:
  {profile: r5, controller: Ann Example, reason: A test, decided: 2026-01-12}
tables:
  - id: T1
    kind: crosstab
    title: Children by age and whether they died
    blocks:
      - id: age
        title: Age
        unit: child
        base: children in the reviews read and coded
        rows:
          variable: age
          bands:
            - {id: under_1, label: Under 1 year, from: 0, to: 11}
            - {id: from_1_to_5, label: 1 to 5 years, from: 12, to: 71}
            - {id: from_6_to_10, label: 6 to 10 years, from: 72, to: 131}
            - {id: from_11_to_15, label: 11 to 15 years, from: 132, to: 191}
            - {id: from_16_to_17, label: 16 to 17 years, from: 192, to: 215}
        columns:
          variable: outcome
          groups:
            - {id: died, label: Died, deaths: true}
            - {id: did_not_die, label: Did not die, rest: true}
        all_label: All children
        recodes:
          - {label: totals of ages and of deaths alone, totals: true}
"""


class Installation:
    """A data folder, commands on it, and work in a process of its own."""

    def __init__(self, blocker, data: Path) -> None:
        self.blocker, self.data = blocker, data
        self.waymark = Waymark(blocker, data)

    def printed(self, *words, code=0):
        """The output of a command that ends with this code."""
        run = self.waymark(*words, code=code)
        return run.stderr if code else run.stdout

    def work(self, function):
        """The value of a function that uses the installation's database, decoded from JSON."""
        return Child(self.blocker, self.data, function, share=False).result(seconds=120)

    def copy(self, to: Path) -> "Installation":
        """A copy that a test may change."""
        return Installation(self.blocker, shutil.copytree(self.data, to))

    def tables(self, names):
        """The tables that these names have, each as "overview/table"."""

        def printed():
            os.environ["WAYMARK_DATA"] = str(self.data)
            tables = []
            for name in names:
                with redirect_stdout(StringIO()) as output:
                    arguments = ["overview", "table", *name.split("/"), "--json"]
                    main(arguments, prog_name="waymark", standalone_mode=False)
                tables.append(json.loads(output.getvalue()))
            return tables

        return self.work(printed)


@pytest.fixture(scope="module", params=sorted(path.name for path in INSTALLATIONS.glob("*/")))
def installation(request, tmp_path_factory, django_db_blocker):
    """(the installation after migrate, what the earlier version said)."""
    folder = INSTALLATIONS / request.param
    data = tmp_path_factory.mktemp("earlier")
    with tarfile.open(folder / "data.tar.xz") as archive:
        archive.extractall(data, filter="data")
    made = Installation(django_db_blocker, data)
    made.printed("migrate")
    made.printed("index", "rebuild")
    facts = json.loads((folder / "facts.json").read_text("utf-8"))
    return made, facts | {"archive": folder / "data.tar.xz"}


def test_the_doctor_finds_nothing_wrong_with_it(installation):
    made, _ = installation
    assert "FAULT" not in made.printed("doctor")


def test_no_row_is_lost(installation):
    made, facts = installation
    with closing(sqlite3.connect(made.data / "waymark.sqlite3")) as database:
        for table, number in facts["counts"].items():
            if table not in OWN_ROWS:
                (rows,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
                assert rows == number, table


def published_works(data, owners):
    """Rows of texts, signatures and editions, each with the overview that it is of."""
    queries = WORKS
    for name, join in owners.items():
        queries = [query.replace(f"{{owner of the {name}}}", join) for query in queries]
    return [rows_of(data, query) for query in queries]


def test_its_texts_signatures_and_editions_stay_with_their_overviews(installation, tmp_path):
    """There and back: the migrations lose nothing, as there are overviews alone."""
    made, facts = installation
    with tarfile.open(facts["archive"]) as archive:
        archive.extractall(tmp_path / "before", filter="data")
    before = published_works(tmp_path / "before", OWNERS_BEFORE)
    assert [len(rows) for rows in before] == [
        facts["counts"][f"publishing_{table}"]
        for table in ("reportversion", "signature", "publication")
    ]
    made = made.copy(tmp_path / "data")
    assert published_works(made.data, OWNERS_NOW) == before
    manuscripts = "SELECT count(*) FROM publishing_manuscript"
    assert rows_of(made.data, manuscripts) == [(facts["counts"]["overview_overview"],)]
    for name, owners in (("0003", OWNERS_BEFORE), ("0006", OWNERS_NOW)):
        made.work(partial(call_command, "migrate", "publishing", name, verbosity=0))
        assert published_works(made.data, owners) == before


def test_its_emails_are_in_the_outbox(installation):
    made, facts = installation
    emails = made.work(lambda: [email.key for email in Letter.objects.all()])
    assert len(emails) == facts["counts"]["library_letter"]
    assert all(key.endswith(" received") for key in emails)


def test_every_table_shows_the_numbers_it_showed(installation):
    made, facts = installation
    tables = made.tables(facts["tables"])
    shown = {
        name: {row["id"]: [cell["shown"] for cell in row["cells"]] for row in table["rows"]}
        for name, table in zip(facts["tables"], tables, strict=True)
    }
    # The mark of what is not available was [u]; agreement has two more rows.
    marks = {"[u]": "[x]"}
    expected = {
        name: {row: [marks.get(cell, cell) for cell in cells] for row, cells in rows.items()}
        for name, rows in facts["tables"].items()
    }
    assert {
        name: {row: cells for row, cells in rows.items() if row in expected[name]}
        for name, rows in shown.items()
    } == expected
    added = {
        (name, row) for name, rows in shown.items() for row in rows.keys() - expected[name].keys()
    }
    assert {row for _, row in added} <= {"within", "mean"}


def test_a_search_finds_the_same_passages_under_the_same_keys(installation):
    made, facts = installation
    found = json.loads(made.printed("search", "visits", "--json"))
    assert found["total"] == facts["search"]["total"]
    for before, now in zip(facts["search"]["hits"], found["hits"], strict=True):
        assert now["record"] == before["record"]
        for passage, was in zip(now["passages"], before["passages"], strict=True):
            assert passage | was == passage  # a later version may say more of it


def test_the_snapshots_and_the_edition_are_those_that_were_signed(installation):
    made, facts = installation
    with closing(sqlite3.connect(made.data / "waymark.sqlite3")) as database:
        hashes = database.execute(
            "SELECT o.slug || '/' || s.number, s.sha256 FROM overview_snapshot s"
            " JOIN overview_overview o ON o.id = s.overview_id"
        ).fetchall()
        edition = database.execute("SELECT content, pdf FROM publishing_publication").fetchone()
    assert dict(hashes) == facts["snapshots"]
    assert edition == (facts["edition"]["content"], facts["edition"]["pdf"])


def test_the_old_ledger_still_holds_a_new_release_of_the_same_reviews(installation, tmp_path):
    made, facts = installation
    spec = tmp_path / "again.yaml"
    spec.write_text(AGAIN, "utf-8")
    made.printed("overview", "freeze", spec, "--by", "ann")
    (again,) = made.tables(["again/T1"])
    shown = {row["id"]: [cell["shown"] for cell in row["cells"]] for row in again["rows"]}
    assert shown == facts["tables"]["guarded/T5"]
    # What was rounded once is not withheld instead: the difference would tell the number.
    spec.write_text(AGAIN.replace("r5", "k3").replace("again", "other"), "utf-8")
    made.printed("overview", "freeze", spec, "--by", "ann")
    refused = made.printed("overview", "table", "other", "T1", code=1)
    assert "guarded, edition 1 was rounded" in refused


def test_every_address_leads_where_it_led(installation):
    made, facts = installation
    passage = facts["search"]["hits"][0]["passages"][0]["id"]
    expected = {
        "/library/?q=visits": 301,
        "/find/?q=visits": 200,
        "/reviews/r-eec494d6593f/": 200,
        f"/p/{passage}/": 200,
        f"/reports/{passage.split('-')[0]}/pages/3/": 200,
        "/overviews/guarded/": 200,
        "/overviews/guarded.pdf": 200,
        "/overviews/guarded/T3/": 200,
        "/overviews/guarded/T3.csv": 200,
        "/overviews/learning/": 404,
        "/reviews/r-20d2f3910434/": 410,
        "/resources/": 301,
        "/subjects/thesaurus.ttl": 200,
        "/oai/?verb=Identify": 200,
        "saved search": 200,
    }

    def answers():
        client = Client(headers={"host": "localhost"})
        codes = {
            address: client.get(address).status_code for address in expected if address[0] == "/"
        }
        client.force_login(User.objects.get(username="ann"))
        saved = client.get("/account/searches/1/", follow=True)
        return codes | {"saved search": saved.status_code}

    assert made.work(answers) == expected


def test_its_reports_are_read_again_and_every_quotation_keeps_its_words(installation, tmp_path):
    """Release test: what this version of the readers does to a library made before."""
    made, facts = installation
    made = made.copy(tmp_path / "data")
    tables = made.tables(facts["tables"])
    keys = {
        key
        for table in tables
        for row in table["rows"]
        for cell in row["cells"]
        for key in cell["evidence"]
    }
    keys |= {key for (key,) in rows_of(made.data, KEYS)}
    assert len(keys) >= 80

    def quotes():
        ann, now = User.objects.get(username="ann"), timezone.now()
        return {key: cited_place(key, ann, now).quote for key in keys}

    quoted = made.work(quotes)
    outcome = json.loads(made.printed("reports", "reread", "--all", "--json"))
    assert (outcome["read"], outcome["lost"], outcome["failed"]) == (7, 0, [])
    assert outcome["unsure"] <= 0.02 * max(1, outcome["moved"])
    for report in outcome["reports"]:
        if report["state"] == "pending":
            made.printed("reports", "accept", report["report"])
    assert made.work(quotes) == quoted
    assert made.tables(facts["tables"]) == tables
    assert "FAULT" not in made.printed("doctor")
