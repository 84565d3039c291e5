"""The command: what it prints where, and with which exit code it ends, partly as a process."""

import errno
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests import forked_command
from tests.databases import environment_for
from tests.new_installations import new_installation
from waymark.cli.errors import report_errors

SPEC = """\
overview: mine
title: One report
subtitle: A trial
framework: cr-core 1.0.0
place: Nowhere
period: "2026"
select: {reviews: [%s]}
disclosure: {profile: open, controller: Ann, reason: a trial, decided: 2026-11-22}
tables:
- {id: T10, kind: themes, title: Themes, of: {themes: true}}
"""
CODING = """\
format: waymark-coding 1
framework: cr-core 1.0.0
review: %s
report: overview-report
coder: ann
judgements:
- {variable: fac.neglect, value: not_mentioned}
codings:
- {code: prac.recording, quote: "%s"}
"""


class Waymark:
    """Runs the command on one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def __call__(self, *words, code=0):
        run = subprocess.run(
            [sys.executable, "-m", "waymark", "--data", str(self.data), *map(str, words)],
            capture_output=True,
            text=True,
            timeout=120,
            env=environment_for(self.data),
        )
        assert run.returncode == code, run.stderr
        return run


@pytest.fixture(scope="module")
def waymark(tmp_path_factory):
    return Waymark(tmp_path_factory.mktemp("data") / "new")


@pytest.fixture(scope="module")
def quick(django_db_blocker, waymark):
    """Commands on the same folder that begin at once, in copies of this process."""
    return forked_command.Waymark(django_db_blocker, waymark.data)


@pytest.fixture
def quick_alone(django_db_blocker, tmp_path):
    """The same on a new installation."""
    return forked_command.Waymark(django_db_blocker, new_installation(tmp_path / "data"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("reports")
    text = "1 Findings\n\nThe file held no chronology.\n\nNobody asked why the visits ended.\n"
    (made / "one.txt").write_text(text)
    (made / "two.html").write_text("<h1>A report</h1><p>Two letters were lost.</p>")
    (made / "broken.pdf").write_bytes(b"%PDF-1.7 broken off")
    return made


def test_ingest_stores_what_it_can_lists_the_rest_and_ends_with_1(waymark, folder):
    run = waymark("ingest", folder, "--publish", "--json", code=1)
    said = json.loads(run.stdout)
    assert (said["stored"], said["already"]) == (2, 0)
    assert [refused["file"] for refused in said["refused"]] == ["broken.pdf"]
    assert set(said) >= {"stored", "already", "refused", "pages", "passages", "seconds"}


def test_each_refused_file_is_listed_with_the_reason_and_what_to_do(quick_alone, tmp_path):
    (tmp_path / "a.rtf").write_bytes(b"{\\rtf1 words}")
    for words, begins in (((), "refused"), (("--dry-run",), "would be refused")):
        refused = quick_alone("ingest", tmp_path / "a.rtf", *words, code=1).stderr
        assert f"{begins} a.rtf: is an RTF document. Save it as PDF or DOCX" in refused


def test_publishing_is_the_next_step_only_of_what_is_not_published(quick_alone, tmp_path):
    for words, is_next in ((("a.txt",), True), (("b.txt", "--publish"), False)):
        file = tmp_path / words[0]
        file.write_text(f"The file {words[0]} held no chronology.\n")
        steps = quick_alone("ingest", file, *words[1:]).stderr
        assert "Next: waymark review show" in steps
        assert ("waymark review publish" in steps) is is_next


def test_the_next_step_of_a_report_that_is_held_back_is_to_answer_what_was_found(
    quick_alone, tmp_path
):
    file = tmp_path / "a.txt"
    file.write_text("1 Findings\n\nThe social worker spoke to Siobhan at home.\n")
    (key,) = json.loads(quick_alone("ingest", file, "--json").stdout)["reports"]
    file.write_text("1 Findings\n\nThe social worker spoke to Tomasz at home.\n")
    steps = quick_alone("ingest", file).stderr
    assert "or to publish it, first waymark reports answer" in steps
    assert "waymark review publish r-" not in steps
    answer = quick_alone("review", "publish", f"r-{key}", "--json", code=1)
    (refused,) = json.loads(answer.stdout)["refused"]
    assert [reason["kind"] for reason in refused["reasons"]] == ["anonymity"]
    assert f"waymark reports answer {key}" in answer.stderr
    assert "Siobhan" not in answer.stderr


def test_a_second_ingest_stores_nothing_again(waymark, folder):
    said = json.loads(waymark("ingest", folder, "--json", code=1).stdout)
    assert (said["stored"], said["already"]) == (0, 2)


def test_a_dry_run_names_what_is_new_stored_or_refused_and_stores_nothing(quick, folder, tmp_path):
    (tmp_path / "new.txt").write_text("A report that is not stored yet.")
    words = ("ingest", folder, tmp_path / "new.txt", "--dry-run")
    for _ in range(2):
        outcome = json.loads(quick(*words, "--json", code=1).stdout)
        assert outcome["new"] == [str(tmp_path / "new.txt")]
        assert [Path(name).name for name in outcome["already"]] == ["one.txt", "two.html"]
        assert [refusal["file"] for refusal in outcome["refused"]] == ["broken.pdf"]
    assert f"new {tmp_path / 'new.txt'}" in quick(*words, code=1).stdout


def test_search_gives_places_whose_highlights_are_the_words(waymark, folder):
    said = json.loads(waymark("search", "chronology", "--json").stdout)
    (hit,) = said["hits"]
    (passage,) = hit["passages"]
    assert [passage["text"][a:b] for a, b in passage["highlights"]] == ["chronology"]


def test_what_of_a_query_was_not_understood_is_told_beside_what_was_found(waymark, folder):
    run = waymark("search", "(chronology")
    assert run.stdout.startswith("1 result\n")
    assert "bracket is not closed" in run.stderr


def test_text_needs_no_data_folder_and_its_passages_slice_its_text(tmp_path, folder):
    fresh = Waymark(tmp_path / "never")
    said = json.loads(fresh("text", folder / "one.txt", "--json").stdout)
    words = [said["text"][passage["start"] : passage["end"]] for passage in said["passages"]]
    assert "The file held no chronology." in words
    assert not fresh.data.exists()


def test_the_way_from_ones_own_report_to_a_published_number(quick, folder, tmp_path):
    # The tutorial has these commands as programs: tests/docs/test_tutorial.py.
    quick("account", "create", "ann", "--role", "coder", "--role", "analyst", "--role", "editor")
    quick("framework", "load", "--publish")
    (hit,) = json.loads(quick("search", "chronology", "--json").stdout)["hits"]
    review, file = hit["record"], tmp_path / "coding.yaml"

    file.write_text(CODING % (review, "The file held a chronology."))
    wrong = quick("coding", "import", file, code=1)
    assert wrong.stderr.strip().startswith("waymark: coding.yaml, line 9: the quote is not in")
    assert len(wrong.stderr.strip().splitlines()) == 1

    file.write_text(CODING % (review, "The file held no chronology."))
    quick("coding", "import", file)
    quick("coding", "settle", review, "--by", "ann")
    spec = tmp_path / "overview.yaml"
    spec.write_text(SPEC % review)
    frozen = json.loads(quick("overview", "freeze", spec, "--by", "ann", "--json").stdout)
    assert (frozen["overview"], frozen["snapshot"], len(frozen["sha256"])) == ("mine", 1, 64)
    created = quick("account", "create", "ed", "--role", "editor", "--json")
    assert set(json.loads(created.stdout)) == {"account", "password"}
    chapters = tmp_path / "chapters"
    chapters.mkdir()
    (chapters / "introduction.md").write_text("### Why\n\nIn {T10/prac.recording/m} reviews.")
    wrong = quick("overview", "write", "mine", chapters, "--by", "ed", code=1)
    assert "introduction: version 1" in wrong.stdout
    assert "introduction, line 3: T10 has no such column" in wrong.stderr
    (chapters / "introduction.md").write_text(
        "### Why\n\nIn {T10/prac.recording/n} reviews.\n\nHard to reach."
    )
    advised = quick("overview", "write", "mine", chapters, "--by", "ed")
    assert "advice: introduction, line 5: “Hard to reach”. It is services" in advised.stderr
    alone = quick("overview", "publish", "mine", "--by", "ann", code=1)
    assert "needs the signatures of two people" in alone.stderr
    other = quick(
        *("overview", "publish", "mine", "--by", "ann", "--by", "ed", "--profile", "k5"), code=1
    )
    assert "decided on the profile open, not k5" in other.stderr
    signed = ("--by", "ann", "--by", "ed")
    published = json.loads(quick("overview", "publish", "mine", *signed, "--json").stdout)
    assert published == {"overview": "mine", "edition": 1, "address": "/overviews/mine/"}
    rendered = quick("overview", "render", "mine", "--to", tmp_path / "r", "--formats", "json")
    assert rendered.stdout == f"{tmp_path / 'r' / 'overview.json'}\n"
    said = json.loads(quick("overview", "table", "mine", "T10", "--json").stdout)
    cells = {row["label"]: row["cells"][0] for row in said["rows"]}
    assert cells["Recording and record keeping"]["value"] == 1
    (key,) = cells["Recording and record keeping"]["evidence"]
    assert key == hit["passages"][0]["id"]
    quick("work", "--once")
    quick("doctor")


def test_a_decision_is_the_default_and_looking_against_it_needs_a_name(quick):
    """After the way to a published number: ann may see what is withheld, ed may not."""
    table = ("overview", "table", "mine", "T10")
    decide = ("overview", "decide", "mine", "--profile", "k3", "--role", "Chair", "--by", "ed")
    why = ("--controller", "Ann Ash", "--decided", "2026-11-22")
    wrong = quick(*decide, *why, "--reason", "TODO", code=1)
    assert "“TODO” is a placeholder" in wrong.stderr
    quick(*decide, *why, "--reason", "A small county.")
    assert json.loads(quick(*table, "--json").stdout)["profile"] == "k3"
    wrong = quick(*table, "--profile", "open", code=1)
    assert "the profile open can show what k3, the one that Ann Ash decided on" in wrong.stderr
    against = (*table, "--profile", "open", "--against-decision")
    quick(*against, code=2)
    quick(*table, "--by", "ann", code=2)
    assert "you need the role analyst" in quick(*against, "--by", "ed", code=1).stderr
    assert "DO NOT SHARE" in quick(*against, "--by", "ann").stdout
    quick("doctor")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["search"], 2),
        (["ingest", "no-such-file.pdf"], 2),
        (["overview", "table", "nothing", "T1"], 1),
        (["account", "create", "bob", "--role", "king"], 2),
        (["coding", "settle", "nothing", "--by", "ann"], 1),
    ],
)
def test_wrong_use_ends_with_2_and_what_is_refused_with_1_and_no_traceback(waymark, words, code):
    run = waymark(*words, code=code)
    assert "Traceback" not in run.stderr
    assert run.stderr
    assert not run.stdout


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://ann:secret@db/way", "DATABASE_URL must begin with postgresql://"),
        ("postgresql://ann:secret@/way?host=/no-such-folder", "the database cannot be used"),
    ],
)
def test_a_database_that_cannot_be_had_is_told_in_one_line(tmp_path, url, why):
    run = subprocess.run(
        [sys.executable, "-m", "waymark", "doctor"],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment_for(tmp_path) | {"DATABASE_URL": url},
    )
    assert run.returncode == 3
    assert why in run.stderr
    assert "secret" not in run.stderr
    assert len(run.stderr.splitlines()) == 1


# ---- hidden text ----


@pytest.fixture(scope="module")
def hiding(tmp_path_factory):
    """A folder with one page that hides words and one that does not."""
    folder = tmp_path_factory.mktemp("hiding")
    page = "<h1>A report</h1><p>Words to read.</p>"
    (folder / "hides.html").write_text(f"{page}<p hidden>Her name was secret</p>")
    (folder / "plain.html").write_text(page)
    return folder


def test_publishing_files_says_what_was_held_back_and_what_to_do_next(waymark, hiding):
    run = waymark("ingest", hiding, "--publish", code=1)
    assert "held back hides.html: it has hidden text" in run.stderr
    assert "waymark reports check" in run.stderr
    assert "secret" not in run.stdout + run.stderr


def test_hidden_text_is_listed_shown_and_answered_for(waymark, quick, hiding):
    outcome = json.loads(waymark("reports", "check", "--json").stdout)
    (held,) = outcome["held"]
    assert (held["file"], held["public"], held["state"]) == ("hides.html", False, "received")
    shown = quick("reports", "answer", held["report"]).stdout
    assert "  invisible  page 1  no decision\n  Her name was secret" in shown
    quick("reports", "answer", held["report"], "--harmless", "--class", "invisible", code=1)
    answer = ("--class", "invisible", "--harmless", "--because", "A menu of the site")
    quick("reports", "answer", held["report"], *answer)
    assert json.loads(quick("reports", "check", "--all", "--json").stdout)["held"] == []


# ---- anonymity ----


def test_possible_identifiers_are_listed_shown_and_answered_for(quick, tmp_path):
    file = tmp_path / "names.html"
    file.write_text(
        "<h1>A review</h1><p>A nurse spoke to Siobhan. They moved to Brackenthwaite.</p>"
    )
    run = quick("ingest", file, "--publish", code=1)
    assert "held back names.html: it may identify people" in run.stderr
    assert "waymark reports answer REPORT --all false" in run.stderr
    held = json.loads(quick("reports", "check", "--json").stdout)["held"]
    key = next(report["report"] for report in held if report["file"] == "names.html")
    shown = quick("reports", "answer", key).stdout
    assert "person  1 on page 1  no decision\n  Siobhan" in shown
    quick("reports", "answer", key, "--all", "false", code=1)
    answer = ("--because", "A big town", "--future", "--not-a-name", "--json")
    run = quick("reports", "answer", key, "--all", "false", "--type", "place", *answer)
    assert json.loads(run.stdout)["decided"] == 1
    quick("reports", "answer", key, "--all", "kept", "--because", "The author of the review")
    again = ("--type", "person", "--because", "Another answer for a whole type")
    run = quick("reports", "answer", key, "--all", "false", *again, code=1)
    assert "no possible identifier without an answer" in run.stderr
    rows = json.loads(quick("reports", "answer", key, "--json").stdout)["alerts"]
    assert [(row["words"], row["verdict"]) for row in rows] == [
        ("Siobhan", "kept"),
        ("Brackenthwaite", "false"),
    ]
    assert quick("reports", "words").stdout == "never  Brackenthwaite\n"
    words = ("--remove", "brackenthwaite", "--always", "blue caravan", "--json")
    listed = json.loads(quick("reports", "words", *words).stdout)
    assert listed == {"words": [{"words": "blue caravan", "rule": "always", "reason": ""}]}
    quick("reports", "words", "--remove", "blue caravan")
    assert json.loads(quick("reports", "check", key, "--json").stdout)["held"] == []


def test_a_full_disk_is_named_with_the_remedy(capsys):
    with pytest.raises(SystemExit) as ended, report_errors(as_json=False):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert ended.value.code == 3
    assert capsys.readouterr().err == (
        "waymark: No space left on device: free some disk space and try again\n"
    )


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ("PRAGMA max_page_count = 2", "database or disk is full: free some disk space"),
        ("PRAGMA query_only = on", "attempt to write a readonly database: let this user write"),
    ],
)
def test_a_database_that_cannot_be_written_is_named_with_the_remedy(capsys, limit, reason):
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE file (bytes)")
        database.execute(limit)
        with pytest.raises(SystemExit) as ended, report_errors(as_json=True):
            database.execute("INSERT INTO file VALUES (zeroblob(100000))")
    printed = capsys.readouterr()
    assert ended.value.code == 3
    assert printed.err.startswith(f"waymark: the database cannot be used: {reason}")
    assert len(printed.err.splitlines()) == 1
    assert json.loads(printed.out)["error"]["kind"] == "system"


def test_a_database_error_of_the_program_itself_is_reported_with_its_details(capsys):
    with (
        closing(sqlite3.connect(":memory:")) as database,
        pytest.raises(SystemExit) as ended,
        report_errors(as_json=False),
    ):
        database.execute("SELECT * FROM no_such_table")
    assert ended.value.code == 3
    assert "Traceback" in capsys.readouterr().err
