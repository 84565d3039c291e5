"""Codings come from and go to other programs, by permission, with every loss listed."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest
from lxml import etree

from tests.coding.refi_projects import ATLAS_8, DIALECTS, QUALCODER, Project, note
from tests.factories import NOON, answer_identifiers, make_person, make_report, make_review
from waymark.accounts.models import AuditEntry, Role, State
from waymark.coding import services as coding
from waymark.coding.files.coding_file import find_quote
from waymark.coding.models import Assignment, Coding
from waymark.coding.queries.coded_places import ExportRequest
from waymark.core.errors import NotPermitted, RuleError
from waymark.documents.anchors import ReportAnchors
from waymark.documents.files.storage import original_path
from waymark.documents.models import Original, Report
from waymark.documents.parsers.qda.project import schema_faults
from waymark.documents.queries.reader import text_of
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of
from waymark.frameworks.services import publish_framework
from waymark.library.models import OriginalDecision
from waymark.library.services.originals import offer_original
from waymark.pipeline.coding.settling import settle_review
from waymark.pipeline.coding_exchange import project_export
from waymark.pipeline.coding_exchange.frameworks import export_codebook, import_codebook
from waymark.pipeline.coding_exchange.project_export import case_values, export_project
from waymark.pipeline.coding_exchange.project_import import import_project, read_project
from waymark.pipeline.coding_exchange.project_plan import ProjectChoices, plan_project
from waymark.pipeline.coding_exchange.row_files import export_codings
from waymark.profiles import services as profiles
from waymark.profiles.models import Judgement

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)
WORDS = "The visits stopped 😀 in May.", "Nobody asked why.", "The file held two letters."


@pytest.fixture
def report(framework):
    return make_report(make_review("T1"), *WORDS)


@pytest.fixture
def coder(framework, report):
    return assigned("coder", framework, report)


def assigned(name, framework, report, *roles):
    person = make_person(*(roles or (Role.CODER,)), name=name)
    coding.assign_coder(
        by=person, review=report.review, framework=framework, coder=person, now=NOON
    )
    return person


def code(person, framework, report, quote, name="a", memo="", **qualifiers):
    anchors = ReportAnchors(report)
    return coding.record_coding(
        by=person,
        anchors=anchors,
        span=find_quote(anchors.text, quote),
        code=framework.codes.get(code=name),
        qualifiers=qualifiers,
        memo=memo,
        now=NOON,
    )


def project_of(report, *rows, dialect=QUALCODER, **values):
    """A project with a text of a report, and (quote, code) as codings."""
    text = text_of(report)
    project = Project(dialect, **values)
    spans = [(text.index(quote), text.index(quote) + len(quote), name) for quote, name in rows]
    project.add_text("interview 1", text, spans)
    return project


def reading(content, folder):
    path = folder / "study.qdpx"
    path.write_bytes(content)
    return read_project(path, path.name)


def imported(content, coder, folder, *, by=None, **choices):
    return import_project(
        project=reading(content, folder),
        by=by or coder,
        coder=coder,
        choices=ProjectChoices(**choices),
        file="study.qdpx",
        now=LATER,
    )


def current(coder):
    rows = Coding.objects.filter(coder=coder, superseded_at=None).order_by("start", "code__code")
    return [(row.exact, row.code.code, row.memo, row.qualifiers) for row in rows]


# ---- import ----


@pytest.mark.parametrize("dialect", DIALECTS)
def test_codings_of_another_program_become_the_coders_own(dialect, coder, report, tmp_path):
    project = project_of(report, ("Nobody asked", "A"), ("letters", "B"), dialect=DIALECTS[dialect])
    done = imported(project.package(), coder, tmp_path)
    remark = f"Coded by Anna on 2024-05-03, imported from {DIALECTS[dialect].origin}"
    assert current(coder) == [("Nobody asked", "a", remark, {}), ("letters", "a.b", remark, {})]
    assert done.report["codings"] == {"new": 2, "changed": 0, "unchanged": 0, "refused": 0}
    assert done.report["sources"] == [
        {"source": "interview 1", "report": report.key, "review": "T1", "matched_by": "text"}
    ]
    assert done.report["positions"]["score"] == 1.0
    assert [loss["kind"] for loss in done.report["losses"]] == ["time"]


def test_importing_again_changes_nothing(coder, report, tmp_path):
    content = project_of(report, ("Nobody asked", "A")).package()
    imported(content, coder, tmp_path)
    again = imported(content, coder, tmp_path)
    assert again.report["codings"]["unchanged"] == 1
    assert Coding.objects.count() == 1


def test_an_import_withdraws_nothing(coder, framework, report, tmp_path):
    code(coder, framework, report, "two letters")
    imported(project_of(report, ("Nobody asked", "A")).package(), coder, tmp_path)
    assert [row[0] for row in current(coder)] == ["Nobody asked", "two letters"]


def test_a_plan_stores_nothing(coder, report, tmp_path):
    project = reading(project_of(report, ("Nobody asked", "A")).package(), tmp_path)
    plan = plan_project(project, by=coder, coder=coder, choices=ProjectChoices(), now=NOON)
    assert [(row.words, row.code, row.how) for row in plan.codings] == [
        ("Nobody asked", "a", "checked")
    ]
    assert not Coding.objects.exists()


def test_a_text_that_is_no_report_is_listed_and_never_guessed(coder, report, tmp_path):
    project = project_of(report, ("Nobody asked", "A"))
    # One word more, under the same name: another text.
    project.add_text("T1", text_of(report) + " Really.", [(0, 10, "A")])
    done = imported(project.package(), coder, tmp_path)
    (loss,) = (loss for loss in done.report["losses"] if loss["kind"] == "source")
    assert loss["name"] == "T1"
    assert "not a report here" in loss["reason"]


def test_line_breaks_and_spaces_of_a_text_may_differ(coder, report, tmp_path):
    text = text_of(report).replace("\n", "\n\n  ")
    project = Project(ATLAS_8)
    start = text.index("Nobody asked why.")
    project.add_text("x", text, [(start, start + 24, "A")])
    imported(project.package(), coder, tmp_path)
    assert [row[0] for row in current(coder)] == ["Nobody asked why.\nThe"]


def test_a_source_with_the_same_file_is_ours_and_its_words_are_looked_for(coder, report, tmp_path):
    # The program read the file in its own way: the words are found, unless they are not certain.
    project = project_of(report)
    project.sources.clear()
    text = "PAGE 1\nNobody asked why. The letters, the letters."
    project.add_text("x", text, [(7, 19, "A"), (29, 36, "B")])
    project.sources[0] = project.sources[0].replace("<TextSource", "<PDFSource", 1)
    original = b"the file"
    done = imported(with_file(project, report, original), coder, tmp_path)
    assert [row[0] for row in current(coder)] == ["Nobody asked", "letters"]
    assert done.report["sources"][0]["matched_by"] == "file"


def with_file(project, report, content):
    """The project with a PDF of which the bytes are those of the report."""
    from hashlib import sha256

    from waymark.documents.models import Original, Report

    digest = sha256(content).hexdigest()
    stored = Original.objects.create(
        sha256=digest, media_type="application/pdf", size=len(content), stored_at=NOON
    )
    Report.objects.filter(pk=report.pk).update(original=stored)
    guid = project.guid("pdf")
    inner = project.sources[0]
    begin, end = inner.index(">") + 1, inner.rindex("<")
    head = inner[:begin].replace("<PDFSource", "<Representation")
    project.sources[0] = (
        f'<PDFSource guid="{guid}" name="x" path="internal://{guid}.pdf">{head}'
        f"{inner[begin:end]}</Representation></PDFSource>"
    )
    project.files[f"sources/{guid}.pdf"] = content
    return project.package()


def test_unknown_codes_are_listed_until_the_person_names_them(coder, report, tmp_path):
    content = project_of(report, ("Nobody asked", "Curiosity"), ("letters", "X::B")).package()
    done = imported(content, coder, tmp_path)
    assert [row[:2] for row in current(coder)] == [("letters", "a.b")]
    assert {
        "kind": "code",
        "name": "Curiosity",
        "reason": ("small 1.0.0 has no such code: 1 coding not imported"),
    } in done.report["losses"]
    imported(content, coder, tmp_path, codes={"Curiosity": "a"})
    assert [row[1] for row in current(coder)] == ["a", "a.b"]
    with pytest.raises(RuleError, match="has no code nothing"):
        imported(content, coder, tmp_path, codes={"Curiosity": "nothing"})


def test_a_review_that_is_not_assigned_is_listed_or_assigned_when_asked(
    framework, report, tmp_path
):
    person = make_person(Role.CODER, name="new")
    content = project_of(report, ("Nobody asked", "A")).package()
    assert imported(content, person, tmp_path).report["codings"]["new"] == 0
    assert not Assignment.objects.exists()
    imported(content, person, tmp_path, assign=True)
    assert len(current(person)) == 1


def test_a_coder_cannot_join_a_review_that_others_code(coder, report, tmp_path):
    """One more coder would stop the round of the review, and count in its agreement."""
    person = make_person(Role.CODER, name="new")
    content = project_of(report, ("Nobody asked", "A")).package()
    done = imported(content, person, tmp_path, assign=True)
    assert not Assignment.objects.filter(coder=person).exists()
    (loss,) = (loss for loss in done.report["losses"] if loss["kind"] == "report")
    assert loss["reason"] == "others code it: ask an analyst to assign it to you"
    analyst = make_person(Role.ANALYST, name="analyst")
    imported(content, analyst, tmp_path, assign=True)
    assert len(current(analyst)) == 1


def test_selections_of_the_same_words_become_one_coding_with_each_note_once(
    coder, report, tmp_path
):
    content = with_descriptions(report, ["First.", "Second.", "First."])
    imported(content, coder, tmp_path)
    memo = "First.\n\nCoded by Anna on 2024-05-03, imported from QualCoder 3.8\n\nSecond."
    assert current(coder) == [("Nobody asked", "a", memo, {})]


def test_a_memo_that_is_too_long_is_listed(coder, framework, report, tmp_path):
    done = imported(with_descriptions(report, ["x" * 20_001]), coder, tmp_path)
    assert current(coder) == []
    assert {
        "kind": "coding",
        "name": "a: Nobody asked",
        "reason": "its memo has more than 20,000 characters: shorten it",
    } in done.report["losses"]
    with pytest.raises(RuleError, match="a memo has 20,000 characters at most"):
        code(coder, framework, report, "letters", memo="x" * 20_001)


def with_descriptions(report, descriptions):
    """A project with a selection of "Nobody asked" for each description."""
    project = project_of(report, *[("Nobody asked", "A")] * len(descriptions))
    parts = project.sources[0].split("<Coding ")
    for number, words in enumerate(descriptions):
        parts[number] += f"<Description>{words}</Description>"
    project.sources[0] = "<Coding ".join(parts)
    return project.package()


def test_a_finished_review_is_listed_and_keeps_its_codings(coder, framework, report, tmp_path):
    coding.finish_coding(by=coder, review=report.review, framework=framework, now=NOON)
    content = project_of(report, ("Nobody asked", "A")).package()
    done = imported(content, coder, tmp_path)
    assert done.report["codings"]["new"] == 0
    (loss,) = (loss for loss in done.report["losses"] if loss["kind"] == "report")
    assert loss["reason"] == "coder has finished it: ask an analyst to reopen it"


def test_work_that_equals_that_of_a_finished_review_is_no_loss(
    worked, coder, framework, report, tmp_path
):
    content = exported(coder, worked).content
    coding.finish_coding(by=coder, review=report.review, framework=framework, now=NOON)
    done = imported(content, coder, tmp_path)
    assert done.report["codings"]["unchanged"] == 3
    assert [loss["kind"] for loss in done.report["losses"]] == ["time"]


def test_a_report_that_the_person_may_not_see_is_no_report(coder, report, tmp_path):
    report.state = State.WITHDRAWN
    report.save()
    done = imported(project_of(report, ("Nobody asked", "A")).package(), coder, tmp_path)
    assert done.report["sources"] == []
    assert done.report["codings"]["new"] == 0


def test_only_the_operator_imports_for_another_coder(coder, framework, report, tmp_path):
    """A preview compares with stored codings: an analyst who codes would see those of others."""
    other = assigned("other", framework, report)
    content = project_of(report, ("Nobody asked", "A")).package()
    with pytest.raises(NotPermitted):
        imported(content, coder, tmp_path, users={"Anna": "other"})
    with pytest.raises(NotPermitted):
        imported(content, other, tmp_path, by=coder)
    assert not Coding.objects.exists()
    analyst = assigned("analyst", framework, report, Role.ANALYST)
    with pytest.raises(NotPermitted, match="only your own codings"):
        imported(content, analyst, tmp_path, users={"Anna": "other"})
    import_project(
        project=reading(content, tmp_path),
        by=None,
        coder=analyst,
        choices=ProjectChoices(users={"Anna": "other"}),
        file="study.qdpx",
        now=LATER,
    )
    # The account is Anna's own: her name need not be kept beside it.
    assert current(other) == [("Nobody asked", "a", "", {})]
    assert current(analyst) == []


def test_nobody_without_the_role_of_a_coder_gets_codings(report, tmp_path):
    reader = make_person(Role.EDITOR)
    with pytest.raises(NotPermitted):
        imported(project_of(report, ("Nobody asked", "A")).package(), reader, tmp_path)


def test_notes_become_the_memo_and_an_import_is_in_the_audit_log(coder, report, tmp_path):
    project = project_of(report, ("Nobody asked", "A"))
    guid = project.guid("note")
    project.notes.append(note(guid, "Idea", "Ask the school."))
    project.sources[0] = project.sources[0].replace(
        "</Coding>", f'<NoteRef targetGUID="{guid}"/></Coding>'
    )
    imported(project.package(), coder, tmp_path)
    assert current(coder)[0][2].startswith("Idea: Ask the school.\n\nCoded by Anna")
    entry = AuditEntry.objects.get(action="import codings")
    assert (entry.detail["new"], entry.detail["file"]) == (1, "s….qdpx (10 characters)")


def test_what_has_no_place_here_is_listed(coder, report, tmp_path):
    project = project_of(report, ("Nobody asked", "A"))
    whole = project.coding("whole document", "A")
    project.sources[0] = project.sources[0].replace("</TextSource>", f"{whole}</TextSource>")
    project.rest = (
        f'<Sets><Set guid="{project.guid("set")}" name="Mine"/></Sets>'
        f'<Graphs><Graph guid="{project.guid("graph")}" name="Map"/></Graphs>'
    )
    losses = imported(project.package(), coder, tmp_path).report["losses"]
    assert [loss["kind"] for loss in losses] == ["coding", "graph", "set", "time"]
    assert "a whole document cannot be coded" in losses[0]["reason"]


# ---- export ----


@pytest.fixture
def worked(coder, framework, report):
    """A coder's work with everything that a project can contain."""
    code(coder, framework, report, "stopped 😀 in", memo="=1+1\nsecond line", valence="concern")
    code(coder, framework, report, "stopped 😀 in", "a.b")
    code(coder, framework, report, "The file held two letters.", memo="e\u0301 & <b>")
    child = profiles.add_child(by=coder, review=report.review, number=1, name="Child A", now=NOON)
    anchors = ReportAnchors(report)
    for about, name, value, quote in (
        (None, "year", 2008, "in May"),
        (None, "drink", "not_mentioned", ""),
        (child, "sex", "female", "two letters"),
    ):
        profiles.record_judgement(
            by=coder,
            review=report.review,
            child=about,
            variable=framework.variables.get(variable=name),
            value=value,
            anchors=anchors,
            spans=[find_quote(anchors.text, quote)] if quote else [],
            memo="",
            now=NOON,
        )
    return ExportRequest(framework, coder)


def judgements(coder):
    rows = Judgement.objects.filter(coder=coder, superseded_at=None)
    return sorted(
        (
            row.variable.variable,
            row.child and row.child.number,
            row.value,
            [quote.exact for quote in row.quotes.all()],
        )
        for row in rows
    )


def exported(person, request):
    return export_project(person=person, request=request, now=NOON)


def test_a_project_is_valid_and_its_text_is_that_of_the_report(worked, coder, report):
    content = exported(coder, worked).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        root = etree.fromstring(archive.read("project.qde"))
        assert archive.read(names[1]).decode() == text_of(report)
    assert schema_faults(root) == ()
    assert exported(coder, worked).content == content


def test_the_round_trip_of_a_coders_work_loses_nothing(worked, coder, framework, report, tmp_path):
    content = exported(coder, worked).content
    before, values = current(coder), judgements(coder)
    same = imported(content, coder, tmp_path)
    assert same.report["codings"] == {"new": 0, "changed": 0, "unchanged": 3, "refused": 0}
    assert same.report["values"] == {"unchanged": 3}
    for row in Coding.objects.filter(superseded_at=None):
        coding.withdraw_coding(by=coder, coding=row, now=NOON)
    for row in Judgement.objects.filter(superseded_at=None):
        profiles.withdraw_judgement(by=coder, judgement=row, now=NOON)
    back = imported(content, coder, tmp_path)
    assert (current(coder), judgements(coder)) == (before, values)
    assert [loss["kind"] for loss in back.report["losses"]] == ["time"]


def test_the_work_of_another_coder_gets_no_values_and_keeps_the_name(
    worked, coder, framework, report, tmp_path
):
    other = assigned("other", framework, report)
    done = imported(exported(coder, worked).content, other, tmp_path)
    assert judgements(other) == []
    assert current(other)[1][2].startswith("Coded by coder on 2026-05-04, imported from Waymark")
    assert {"kind": "value", "name": "3 values", "reason": "other did not export them"} in (
        done.report["losses"]
    )


def test_a_text_that_changed_since_we_exported_it_is_no_report(worked, coder, tmp_path):
    content = exported(coder, worked).content
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(changed, "w") as copy,
    ):
        for name in archive.namelist():
            copy.writestr(name, archive.read(name).replace(b"Nobody asked", b"They asked"))
    done = imported(changed.getvalue(), coder, tmp_path)
    assert done.report["sources"] == []
    (loss,) = (loss for loss in done.report["losses"] if loss["kind"] == "source")
    assert "not a report here" in loss["reason"]


def test_a_qualifier_that_the_framework_does_not_have_stays_in_the_memo(worked, coder, tmp_path):
    content = exported(coder, worked).content
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(changed, "w") as copy,
    ):
        for name in archive.namelist():
            copy.writestr(name, archive.read(name).replace(b"valence: concern", b"tone: dark"))
    done = imported(changed.getvalue(), coder, tmp_path)
    assert current(coder)[0][2:] == ("=1+1\nsecond line\n\ntone: dark", {})
    assert {
        "kind": "qualifier",
        "name": "tone: dark",
        "reason": ("small 1.0.0 does not have it: in the memo"),
    } in done.report["losses"]


@pytest.fixture
def offered(coder, report, settings, tmp_path):
    """The report with a PDF that is offered for download; its bytes."""
    content = b"%PDF-1.7 for this test"
    settings.DATA = str(tmp_path / "data")
    path = original_path(report.original_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    Original.objects.update(media_type="application/pdf")
    answer_identifiers(report)
    report = Report.objects.get()
    offer_original(by=None, report=report, terms="permission", reason="Ours.", now=NOON)
    return content


def packed(coder, framework, **options):
    request = ExportRequest(framework, coder, **options)
    done = export_project(person=coder, request=request, now=LATER)
    return done, zipfile.ZipFile(io.BytesIO(done.content))


def test_a_project_contains_an_offered_original_if_asked_and_comes_back(
    worked, coder, framework, report, offered, tmp_path
):
    _, plain = packed(coder, framework)
    assert not [name for name in plain.namelist() if name.endswith(".pdf")]
    done, package = packed(coder, framework, originals=True)
    (name,) = [name for name in package.namelist() if name.endswith(".pdf")]
    assert package.read(name) == offered
    assert "page images and the original files" not in done.losses
    root = etree.fromstring(package.read("project.qde"))
    assert schema_faults(root) == ()
    (source,) = root.iter("{*}PDFSource")
    assert source.get("path") == f"internal://{name.partition('/')[2]}"
    assert len(list(source.iter("{*}PlainTextSelection"))) == len(
        list(etree.fromstring(plain.read("project.qde")).iter("{*}PlainTextSelection"))
    )
    before = current(coder)
    imported(done.content, coder, tmp_path)
    assert current(coder) == before


def test_an_original_that_is_not_offered_or_is_protected_stays_out(
    worked, coder, framework, report, offered, monkeypatch
):
    monkeypatch.setattr(
        project_export, "reviews_with_protected_numbers", lambda: {"T1": "overview"}
    )
    done, package = packed(coder, framework, originals=True)
    assert not [name for name in package.namelist() if name.endswith(".pdf")]
    assert "the original files of 1 report, not offered" in done.losses
    monkeypatch.undo()
    OriginalDecision.objects.update(superseded_at=LATER)
    done, package = packed(coder, framework, originals=True)
    assert not [name for name in package.namelist() if name.endswith(".pdf")]


def test_a_project_says_what_it_cannot_contain(worked, coder):
    assert exported(coder, worked).losses == (
        "cues of 1 code",
        "page images and the original files",
    )


def test_coders_export_their_own_work_alone(worked, coder, framework, report):
    other = assigned("other", framework, report)
    analyst = make_person(Role.ANALYST)
    for person in (other, analyst):
        with pytest.raises(RuleError, match="only your own codings"):
            exported(person, worked)
    with pytest.raises(RuleError, match="nothing to export"):
        exported(other, ExportRequest(framework, other))
    assert exported(None, worked).codings == 3


def test_settled_work_needs_the_permission_and_names_nobody(worked, coder, framework, report):
    request = ExportRequest(framework, None)
    with pytest.raises(NotPermitted):
        exported(coder, request)
    analyst = make_person(Role.ANALYST)
    with pytest.raises(RuleError, match="nothing to export"):
        exported(analyst, request)
    coding.finish_coding(by=coder, review=report.review, framework=framework, now=NOON)
    coding.settle_codes(
        by=analyst,
        adjudicator=analyst,
        review=report.review,
        framework=framework,
        decisions={},
        now=NOON,
    )
    content = exported(analyst, request).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("project.qde").decode()
    assert "Agreed codings" in xml
    assert "coder" not in xml.replace("Agreed codings", "")
    assert "second line" not in xml


def test_an_export_has_no_words_of_a_report_that_was_withdrawn(worked, coder, framework, report):
    withdrawn = make_report(report.review, "The school wrote twice.")
    profiles.record_judgement(
        by=coder,
        review=report.review,
        child=None,
        variable=framework.variables.get(variable="drink"),
        value="present",
        anchors=ReportAnchors(withdrawn),
        spans=[find_quote(text_of(withdrawn), "wrote twice")],
        memo="",
        now=NOON,
    )
    about = {"review": report.review, "framework": framework, "now": NOON}
    coding.finish_coding(by=coder, **about)
    settle_review(by=None, adjudicator=make_person(Role.ANALYST), codes={}, judgements={}, **about)
    type(withdrawn).objects.filter(pk=withdrawn.pk).update(state=State.WITHDRAWN)
    for person, request in ((coder, worked), (None, ExportRequest(framework, None))):
        values = case_values(person, request, NOON)
        assert "drink" in {value.variable for value in values}
        assert {quote.report_id for value in values for quote in value.quotes} == {report.pk}


def test_rows_are_safe_in_a_spreadsheet(worked, coder):
    done = export_codings("csv", person=coder, request=worked, now=NOON)
    rows = list(csv.DictReader(io.StringIO(done.content.decode("utf-8-sig"))))
    assert [(row["review"], row["code"], row["words"], row["memo"]) for row in rows] == [
        ("T1", "a", "stopped 😀 in", "'=1+1\nsecond line"),
        ("T1", "a.b", "stopped 😀 in", ""),
        ("T1", "a", "The file held two letters.", "e\u0301 & <b>"),
    ]
    assert (rows[0]["section"], rows[0]["page"], rows[0]["qualifiers"]) == (
        "Findings",
        "1",
        "valence: concern",
    )
    assert rows[0]["coder"] == "coder"


def test_a_matrix_counts_codings_by_code_and_review(worked, coder):
    done = export_codings("matrix.csv", person=coder, request=worked, now=NOON)
    assert done.content.decode("utf-8-sig") == "review,a,a.b\r\nT1,2,1\r\n"
    values = export_codings("values.csv", person=coder, request=worked, now=NOON).content
    assert "T1,child 1,sex,Sex,female,two letters," in values.decode("utf-8-sig")


def test_a_workbook_has_a_sheet_for_each_table_and_no_formula(worked, coder):
    openpyxl = pytest.importorskip("openpyxl")
    done = export_codings("xlsx", person=coder, request=worked, now=NOON)
    book = openpyxl.load_workbook(io.BytesIO(done.content))
    assert book.sheetnames == ["codings", "codes_by_review", "values"]
    cells = [cell for row in book["codings"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert "=1+1\nsecond line" in {cell.value for cell in cells}


def test_annotations_quote_the_words_with_their_position(worked, coder, report):
    done = export_codings("jsonld", person=coder, request=worked, now=NOON)
    collection = json.loads(done.content)
    assert collection["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert collection["total"] == 3
    first = collection["first"]["items"][0]
    quote, position = first["target"]["selector"]
    assert quote["exact"] == "stopped 😀 in"
    assert text_of(report)[position["start"] : position["end"]] == quote["exact"]
    assert first["target"]["source"] == f"urn:sha256:{report.original_id}"
    values = [body.get("value") for body in first["body"]]
    assert values == [None, "A", "valence: concern", "=1+1\nsecond line"]
    with pytest.raises(RuleError, match=r"\.pdf is not a format"):
        export_codings("pdf", person=coder, request=worked, now=NOON)


# ---- codebooks ----


def test_a_framework_goes_out_as_a_codebook_and_comes_back_as_a_draft(framework, tmp_path):
    done = export_codebook(framework)
    assert schema_faults(etree.fromstring(done.content)) == ()
    path = tmp_path / "codes.qdc"
    path.write_bytes(done.content)
    back = import_codebook(by=None, project=read_project(path, path.name), name="again", now=NOON)
    codes = file_of(back.framework).codes
    assert back.framework.published_at is None
    assert [(code.name, code.definition, code.parent) for code in codes] == [
        ("A", "About a.", None),
        ("B", "About b.", "a"),
    ]


def test_the_codes_that_are_not_in_a_framework_extend_it_as_a_draft(
    coder, framework, report, tmp_path
):
    content = project_of(report, ("Nobody asked", "Curiosité"), ("letters", "B")).package()
    project = reading(content, tmp_path)
    plan = plan_project(project, by=coder, coder=coder, choices=ProjectChoices(), now=NOON)
    missing = [row.guid for row in plan.codes if not row.code]
    draft = import_codebook(
        by=None, project=project, name="local", base=framework, only=missing, now=NOON
    ).framework
    assert [(row.code, row.name) for row in draft.codes.all()][2:] == [("curiosite", "Curiosité")]
    assert draft.variables.count() == 3
    publish_framework(by=None, framework=draft, now=NOON)
    imported(content, coder, tmp_path, framework="local 1.0.0", assign=True)
    assert [row[1] for row in current(coder)] == ["curiosite", "a.b"]
    with pytest.raises(NotPermitted):
        import_codebook(by=coder, project=project, name="mine", now=NOON)
    assert not Framework.objects.filter(name="mine").exists()
