"""From step to step on the command line: reviews, frameworks, files to fill in."""

import json
import re

import pytest

from tests.forked_command import ForkedCommand
from tests.new_installations import new_installation
from waymark.coding.files.coding_file import read_coding
from waymark.coding.files.draft_file import QUOTE, draft_coding_file
from waymark.core.errors import RuleError
from waymark.frameworks.listing import framework_json, framework_text
from waymark.frameworks.schema import read_framework
from waymark.frameworks.services import builtin_frameworks
from waymark.overview.spec.template import chosen_reviews

REPORT = """Review of Child Fern

1. Introduction

The review was completed in May 2007. Child Fern died after an assault by a carer.
She was 4 months old. She was the subject of this review.
"""


@pytest.fixture(scope="module")
def framework():
    """The framework that comes with Waymark."""
    file = builtin_frameworks()[0]
    return read_framework(file.read_text("utf-8"), file=file.name)


@pytest.fixture(scope="module")
def run(django_db_blocker):
    """Runs a command in a folder on the library in it."""

    def in_folder(folder, *command):
        return ForkedCommand(django_db_blocker, folder / "library", folder)(*command)

    return in_folder


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    """A folder with a library of one report, two accounts and a framework."""
    folder = tmp_path_factory.mktemp("steps")
    new_installation(folder / "library")
    (folder / "fern.txt").write_text(REPORT, "utf-8")
    for command in (
        ["ingest", "fern.txt"],
        ["account", "create", "ann", "--role", "coder", "--role", "analyst"],
        ["account", "create", "bea", "--role", "coder"],
        ["framework", "load", "--publish"],
    ):
        assert run(folder, *command).returncode == 0
    return folder


def reference_of(run, folder):
    return json.loads(run(folder, "review", "list", "--json").stdout)["reviews"][0]["review"]


def test_taking_in_names_each_review_and_the_next_step(run, tmp_path):
    (tmp_path / "fern.txt").write_text(REPORT, "utf-8")
    new_installation(tmp_path / "library")
    done = run(tmp_path, "ingest", "fern.txt")
    assert re.search(r"^r-[0-9a-f]{12}  Review of Child Fern$", done.stdout, re.M)
    assert "waymark coding new r-" in done.stderr


def test_a_review_is_listed_and_shown_with_its_report(run, folder):
    reference = reference_of(run, folder)
    line = run(folder, "review", "list").stdout
    assert re.match(rf"{reference} +Received +\S.* +Review of Child Fern\n", line)
    shown = run(folder, "review", "show", reference)
    assert "fern.txt, 1 p., Received" in shown.stdout
    assert "Next: waymark" in shown.stderr


def test_a_review_that_is_not_there_is_told_with_the_way_to_find_others(run, folder):
    done = run(folder, "review", "show", "nothing")
    assert done.returncode == 1
    message = "there is no review nothing: waymark review list shows them all"
    assert done.stderr == f"waymark: {message}\n"


def test_a_review_is_published_and_others_are_told_with_why(run, folder):
    reference = reference_of(run, folder)
    answer = ("--all", "false", "--because", "Written for this test.")
    assert run(folder, "reports", "answer", reference, *answer).returncode == 0
    done = run(folder, "review", "publish", "nothing", reference)
    assert done.returncode == 1
    assert done.stdout == f"{reference}: published, at /reviews/{reference}/\n"
    assert done.stderr == "not published nothing: there is no review nothing\n"
    shown = json.loads(run(folder, "review", "show", reference, "--json").stdout)
    assert (shown["state"], shown["reports"][0]["state"]) == ("published", "published")


def test_a_review_is_not_published_under_the_name_of_somebody_who_may_not(run, folder):
    done = run(folder, "review", "publish", reference_of(run, folder), "--by", "ann")
    assert done.returncode == 1 or "published, at" in done.stdout  # published already: no change
    assert run(folder, "review", "publish", "x", "--by", "nobody").returncode == 1


def test_a_new_coding_file_needs_nothing_but_its_quotes(run, folder):
    reference = reference_of(run, folder)
    assert run(folder, "coding", "new", reference, "--coder", "ann").returncode == 0
    file = folder / f"{reference}.ann.yaml"
    as_it_is = run(folder, "coding", "import", file.name)
    assert as_it_is.returncode == 1
    source = file.read_text("utf-8")
    lines = enumerate(source.splitlines(), start=1)
    quotes = [str(number) for number, line in lines if line == f'  quotes: ["{QUOTE}"]']
    assert re.findall(r"line (\d+): the quote is not in the report", as_it_is.stderr) == quotes
    assert len(quotes) == 5
    for quote in (
        "completed in May 2007",
        "died after an assault by a carer",
        "Child Fern died after",
        "the subject of this review",
        "a carer",
    ):
        source = source.replace(f'quotes: ["{QUOTE}"]', f'quotes: ["{quote}"]', 1)
    file.write_text(source, "utf-8")
    assert run(folder, "coding", "import", file.name).returncode == 0
    assert run(folder, "coding", "settle", reference, "--by", "ann").returncode == 0
    assert "coding: settled" in run(folder, "review", "show", reference).stdout


def test_no_empty_file_is_written_over_work_that_is_stored(run, folder):
    done = run(
        folder, "coding", "new", reference_of(run, folder), "--coder", "ann", "--to", "again.yaml"
    )
    assert done.returncode == 1
    assert "ann has already coded" in done.stderr
    assert not (folder / "again.yaml").exists()


def test_a_file_that_is_there_is_left_as_it_is(run, folder):
    (folder / "mine.yaml").write_text("mine", "utf-8")
    reference = reference_of(run, folder)
    for command in (
        ["coding", "new", reference, "--coder", "bea", "--to", "mine.yaml"],
        ["overview", "new", "mine"],
    ):
        done = run(folder, *command)
        assert done.returncode == 1
        assert "mine.yaml already exists and was not changed" in done.stderr
    assert (folder / "mine.yaml").read_text("utf-8") == "mine"


def test_a_new_overview_can_be_frozen_as_it_is(run, folder):
    title = "Learning: what one review says"
    assert run(folder, "overview", "new", "one", "--title", title).returncode == 0
    done = run(folder, "overview", "freeze", "one.yaml", "--by", "ann")
    assert done.returncode == 0
    assert done.stdout.startswith("one: snapshot 1, ")
    # The template proposes k3: facts that would undo it are public no more.
    assert "the agreed facts of the 1 counted review leave the public data" in done.stderr
    assert "run waymark work --once" in done.stderr


def test_freezing_under_open_takes_nothing_from_the_public(run, folder):
    source = (folder / "one.yaml").read_text("utf-8")
    (folder / "open.yaml").write_text(
        re.sub(r"profile: \w+", "profile: open", source).replace("overview: one", "overview: open"),
        "utf-8",
    )
    done = run(folder, "overview", "freeze", "open.yaml", "--by", "ann")
    assert (done.returncode, done.stderr) == (0, "")


def test_files_that_were_stored_before_are_named_by_the_reference_that_a_coding_file_needs(
    run, folder
):
    done = run(folder, "ingest", "fern.txt")
    assert f"{reference_of(run, folder)}  Review of Child Fern (stored before)" in done.stdout


def test_a_framework_that_is_a_draft_is_said_to_need_publishing(run, folder):
    source = builtin_frameworks()[0].read_text("utf-8")
    (folder / "mine.yml").write_text(source.replace("version: 1.0.0", "version: 7.0.0", 1), "utf-8")
    done = run(folder, "framework", "load", "mine.yml")
    assert done.returncode == 0
    again = "waymark framework load mine.yml --publish"
    assert done.stderr == (
        f"Draft, so nobody can code with it yet: cr-core 7.0.0. Publish it: {again}\n"
    )
    options = ("--coder", "bea", "--framework", "cr-core 7.0.0", "--to", "draft.yaml")
    refused = run(folder, "coding", "new", reference_of(run, folder), *options)
    assert "the framework cr-core 7.0.0 is a draft: publish it first" in refused.stderr
    assert run(folder, *again.split()[1:]).stderr == ""


FEW = """format: waymark-coding 1
framework: cr-core 1.0.0
review: {reference}
report: overview-report
coder: bea
children:
- {{number: 1, name: Child Ivy}}
judgements:
- {{variable: review_year, value: 2007, quotes: [completed in May 2007]}}
- {{variable: nature, value: {nature}, quotes: [died after an assault by a carer]}}
- {{variable: fac.domestic_violence, value: not_mentioned}}
- {{variable: age, child: 1, value: 4 months, quotes: [4 months old]}}
codings:
- {{code: {code}, quote: died after an assault, qualifiers: {{valence: {valence}}}}}
"""


def test_a_coding_that_judges_few_of_the_variables_is_settled_with_a_warning(run, folder):
    (folder / "ivy.txt").write_text(REPORT.replace("Fern", "Ivy"), "utf-8")
    reference = run(folder, "ingest", "ivy.txt").stdout.splitlines()[1].split()[0]
    parts = {
        "reference": reference,
        "nature": "assault",
        "code": "prac.early",
        "valence": "concern",
    }

    def imported(**other):
        (folder / "few.yaml").write_text(FEW.format(**(parts | other)), "utf-8")
        return run(folder, "coding", "import", "few.yaml")

    # Misspelt names are told with those that are near.
    wrong = imported(nature="asault", valence="concerns").stderr
    assert "nature cannot be 'asault'; did you mean assault? It is one of assault, " in wrong
    assert "valence cannot be 'concerns'; did you mean concern?" in wrong
    assert "did you mean prac.early" in imported(code="prac.erly").stderr
    near = imported(reference=reference[:-1] + "x").stderr
    assert f"there is no review {reference[:-1]}x; did you mean {reference}?" in near
    assert imported().returncode == 0
    done = run(folder, "coding", "settle", reference, "--by", "ann")
    assert done.returncode == 0
    # 25 variables about reviews and 5 about children.
    assert f"Only 4 of 30 variables of cr-core 1.0.0 are judged for {reference}." in done.stderr


def test_reviews_are_chosen_in_one_way():
    assert chosen_reviews(query="", collection="", reviews=[]) is None
    assert chosen_reviews(query="", collection="", reviews=["a", "b"]) == {"reviews": ["a", "b"]}
    assert chosen_reviews(query="year:2003", collection="", reviews=[]) == {"query": "year:2003"}
    with pytest.raises(RuleError, match="in one way only, not by query and collection"):
        chosen_reviews(query="x", collection="y", reviews=[])


def test_a_draft_has_every_variable_once_with_a_value_that_it_may_have(framework):
    source = draft_coding_file(
        framework, review="r-1", report="overview-report", coder="12", title="Line\nbreak"
    )
    read, _ = read_coding(source, file="draft.yaml")
    assert [one.variable for one in read.judgements] == [
        *(one.id for one in framework.variables if one.level == "review"),
        *(one.id for one in framework.variables if one.level == "child"),
    ]
    for entry in read.judgements:
        variable = framework.variable(entry.variable)
        stored = variable.stored(entry.value)
        assert bool(entry.quotes) == variable.needs_quote(stored)
        assert (entry.child == 1) == (variable.level == "child")
    assert read.coder == "12"
    assert all(f"#   {code.id}: {code.name}" in source for code in framework.codes)


def test_a_draft_for_a_scanned_report_says_that_its_words_were_recognised(framework):
    draft = draft_coding_file(
        framework, review="r-1", report="response", coder="a", title="T", scan="Text from a scan"
    )
    assert "#    Text from a scan. Compare each quote with the image of its page." in draft
    assert read_coding(draft, file="draft.yaml")[0].coder == "a"


def test_a_framework_is_shown_with_all_that_can_be_coded(run, folder, framework):
    shown = run(folder, "framework", "show", "cr-core 1.0.0").stdout
    for one in (*framework.codes, *framework.variables):
        assert f"  {one.id}  " in shown
    listed = json.loads(run(folder, "framework", "show", "cr-core 1.0.0", "--json").stdout)
    assert len(listed["codes"]) == len(framework.codes) == 82
    assert listed["variables"][1]["values"] == [v.value for v in framework.variables[1].values]


def test_one_code_or_variable_is_shown_as_json(framework):
    of_code = framework_json(framework, of="prac.recording")
    assert [code["code"] for code in of_code["codes"]] == ["prac.recording"]
    assert of_code["variables"] == []
    of_variable = framework_json(framework, of="ag.police")
    assert [variable["variable"] for variable in of_variable["variables"]] == ["ag.police"]
    with pytest.raises(RuleError, match="has no code or variable nothing"):
        framework_json(framework, of="nothing")


def test_one_code_or_variable_is_shown_with_its_definition(framework):
    assert "Exclude: record good but not sent" in framework_text(framework, of="prac.recording")
    assert "Values: in_contact, no_contact" in framework_text(framework, of="ag.police")
    with pytest.raises(RuleError, match="has no code or variable nothing"):
        framework_text(framework, of="nothing")
