"""The next version of a framework: made from a table, compared, published, coded again."""

import csv
import io
import re
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.factories import make_report
from tests.web.coding_rounds import double_coding
from waymark.accounts.models import State
from waymark.coding.models import Assignment, Coding
from waymark.core.errors import RuleError
from waymark.documents.models import Report
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of
from waymark.frameworks.revision import (
    CodeLine,
    code_changes,
    codes_csv,
    id_of_name,
    next_version,
    read_code_lines,
)
from waymark.frameworks.schema import read_framework
from waymark.profiles.models import Judgement

PAGE = ["cr-core", "1.0.1"]


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def pair(core):
    return double_coding(core)


@pytest.fixture
def lead(pair):
    client = Client()
    client.force_login(pair.lead)
    return client


def table(framework) -> list[list[str]]:
    """The table of codes, its head first."""
    return list(csv.reader(io.StringIO(codes_csv(file_of(framework)))))


def changed(framework) -> bytes:
    """prac.communication is split, prac.recording renamed, with accents in the name."""
    rows = []
    for row in table(framework):
        if row[0] == "prac.communication":
            rows.append(["prac.within", *row[1:2], "Within one agency", *row[3:]])
            rows.append(["prac.between", *row[1:2], "Between agencies", *row[3:-1], ""])
        elif row[0] == "prac.recording":
            rows.append(["prac.dossier", row[1], "Tenue du dossier médical", *row[3:]])
        else:
            rows.append(row)
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def store(lead, content: bytes, name: str = "codes.csv", version: str = "1.0.1"):
    file = SimpleUploadedFile(name, content)
    sent = {"base": "cr-core 1.0.0", "version": version, "file": file}
    return lead.post(reverse("next-framework"), sent)


def test_a_table_that_is_not_changed_gives_the_same_codes(core):
    lines = read_code_lines(codes_csv(file_of(core)), file="codes.csv")
    later = read_framework(
        next_version(file_of(core), core.source, lines, version="9.0.0"), file="x"
    )
    assert [code.id for code in later.codes] == [code.id for code in file_of(core).codes]
    assert [code.parent for code in later.codes] == [code.parent for code in file_of(core).codes]
    assert code_changes(file_of(core), later) == []
    assert later.variables == file_of(core).variables


def test_codes_that_speak_for_a_value_are_renamed_with_the_others(core):
    listed = "evidence: &own [{codes: [prac.recording]}]"
    source = core.source.replace(
        "  - id: review_year\n", f"  - id: review_year\n    {listed}\n", 1
    ).replace(
        "  - id: nature\n",
        "  - id: multiple\n    name: Number\n    definition: x\n"
        "    level: review\n    type: number\n    evidence: *own\n  - id: nature\n",
        1,
    )
    base = read_framework(source, file="x")
    lines = [
        replace(line, code="prac.records", takes=("prac.recording",))
        if line.code == "prac.recording"
        else line
        for line in read_code_lines(codes_csv(base), file="codes.csv")
    ]
    later = read_framework(next_version(base, source, lines, version="9.0.0"), file="x")
    for name in ("review_year", "multiple"):
        assert [row.codes for row in later.variable(name).evidence] == [("prac.records",)]


def test_no_spreadsheet_runs_a_name_as_a_formula_and_it_comes_back_as_it_was(core):
    """A codebook of somebody else can have any names."""
    file = file_of(core)
    words = {"name": '=HYPERLINK("http://x")', "definition": "'-1", "include": ("@a", "b")}
    first = file.codes[0].model_copy(update=words)
    table = codes_csv(file.model_copy(update={"codes": (first, *file.codes[1:])}))
    cells = list(csv.reader(io.StringIO(table)))[1]
    assert [cells[2], cells[5], cells[6]] == ["'" + words["name"], "''-1", "'@a; b"]
    (line, *_) = read_code_lines(table, file="codes.csv")
    assert {name: getattr(line, name) for name in words} == words


def test_an_id_is_made_of_a_name_that_keeps_its_accents():
    assert id_of_name("Évaluation précoce", "prac") == "prac.evaluation_precoce"
    assert id_of_name("2 visits") == "c_2_visits"


def test_a_code_without_a_place_in_the_next_version_is_refused(core):
    with pytest.raises(RuleError, match="no row takes their place"):
        next_version(file_of(core), core.source, [CodeLine("New")], version="9.0.0")
    lines = [CodeLine("New", takes=("nonsense",), line=2)]
    with pytest.raises(RuleError, match=r"line 2: cr-core 1\.0\.0 has no code nonsense"):
        next_version(file_of(core), core.source, lines, version="9.0.0")


def test_a_version_is_made_compared_published_and_coded_again(pair, lead):
    pair.code(pair.ann, "prac.communication", "Two letters were filed", memo="clear")
    pair.code(pair.ann, "prac.recording", "The father was thought to drink")
    pair.judge(pair.ann, "nature", "infant_death", "died at home")
    pair.finish(pair.ann, pair.bea)
    store(lead, changed(pair.framework))
    page = reverse("framework-version", args=PAGE)
    shown = text(lead.get(page))
    assert "Split" in shown
    assert "prac.within, prac.between" in shown
    assert "Renamed" in shown
    lead.post(page, {"do": "publish"})
    draft = Framework.objects.get(version="1.0.1")
    assert draft.codes.get(code="prac.dossier").name == "Tenue du dossier médical"
    assert re.search("R1: (ann, bea|bea, ann)", text(lead.get(page)))
    lead.post(page, {"do": "queue"})
    assert Assignment.objects.filter(framework=draft).count() == 2
    ann = Client()
    ann.force_login(pair.ann)
    recode = reverse("recode", args=["R1", *PAGE])
    assert "1 of 1 to decide" in text(ann.get(recode))
    item = Coding.objects.get(code__code="prac.communication")
    refused = ann.post(recode, {"item": item.pk, "code": "prac.recording"})
    assert "Choose one or more of prac.within, prac.between" in text(refused)
    ann.post(recode, {"item": item.pk, "code": "prac.between"})
    ann.post(recode, {"do": "carry"})
    new = Coding.objects.filter(code__framework=draft, superseded_at=None)
    assert {(row.code.code, row.exact, row.memo) for row in new} == {
        ("prac.between", "Two letters were filed", "clear"),
        ("prac.dossier", "The father was thought to drink", ""),
    }
    judged = Judgement.objects.get(variable__framework=draft)
    assert (judged.value, judged.quotes.get().exact) == ("infant_death", "died at home")
    old = Coding.objects.filter(code__framework=pair.framework, superseded_at=None)
    assert old.count() == 2


def test_words_of_a_withdrawn_report_are_neither_coded_again_nor_taken_over(pair, lead):
    pair.code(pair.ann, "prac.communication", "Two letters were filed")
    pair.code(pair.ann, "prac.recording", "The father was thought to drink")
    pair.judge(pair.ann, "nature", "infant_death", "died at home")
    pair.finish(pair.ann, pair.bea)
    store(lead, changed(pair.framework))
    lead.post(reverse("framework-version", args=PAGE), {"do": "publish"})
    lead.post(reverse("framework-version", args=PAGE), {"do": "queue"})
    make_report(pair.review, "The school wrote twice.")
    Report.objects.filter(pk=pair.report.pk).update(state=State.WITHDRAWN)
    ann = Client()
    ann.force_login(pair.ann)
    recode = reverse("recode", args=["R1", *PAGE])
    assert "Two letters" not in text(ann.get(recode))
    ann.post(recode, {"do": "carry"})
    assert not Coding.objects.filter(code__framework__version="1.0.1").exists()
    assert not Judgement.objects.filter(variable__framework__version="1.0.1").exists()


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"a,b\n1,2\n", "codes.csv", "a table of codes needs a name"),
        (b"\xff\xfe", "codes.csv", "not text in UTF-8"),
        (b"name,from\nNew,\n", "codes.csv", "no row takes their place"),
        (b"framework: [", "x.yaml", "x.yaml"),
    ],
)
def test_a_file_that_is_no_framework_is_refused_with_the_reason(lead, content, name, message):
    answer = store(lead, content, name)
    assert answer.status_code == 400
    assert message in text(answer)
    assert Framework.objects.filter(published_at=None).count() == 0
