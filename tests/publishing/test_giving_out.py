"""Numbers leave an overview under the profile that was decided on, or marked and recorded."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest

from tests.factories import NOON
from tests.overview.world import hide
from tests.publishing.giving import write_introduction
from tests.publishing.test_pdf import text_of
from tests.web.test_restricted_pages import SPEC, eight_reviews
from waymark import pipeline
from waymark.accounts.models import AuditEntry, User
from waymark.core.errors import NotPermitted, RuleError
from waymark.datasets.frames import cells_frame
from waymark.datasets.services import export_overview
from waymark.overview.services import create_overview, freeze_overview
from waymark.publishing.services import save_text

pytestmark = pytest.mark.django_db
K5 = SPEC.replace("OPEN", "true").replace(
    "figures: []",
    "figures:\n  - {id: F8, kind: bars, table: T8, column: recorded, title: Factors}",
)
EVERY = ("html", "pdf", "docx", "xlsx", "ods", "csv", "json", "package")
MARK = "DO NOT SHARE"


@pytest.fixture
def reports(db, settings, tmp_path):
    settings.DATA = tmp_path / "data"
    return eight_reviews()


@pytest.fixture
def people(reports):
    return {person.username: person for person in User.objects.all()}


def frozen(people, spec=K5, now=NOON):
    protected = create_overview(by=people["analyst"], spec=spec, file="s.yaml", now=now)
    return freeze_overview(by=people["analyst"], overview=protected, now=now)


def neglect(*, profile=None, by=None):
    protected = pipeline.overview_table("small", "T8", profile=profile, by=by, now=NOON)
    return protected, protected.table.cell("fac.neglect", "recorded").shown


def render(folder, *, profile=None, by=None, formats=EVERY):
    files = pipeline.render_overview(
        "small", folder, profile=profile, formats=formats, by=by, now=NOON
    )
    return {file.name: file for file in files}


def recorded():
    return list(AuditEntry.objects.filter(action="show numbers against decision"))


def test_the_profile_that_was_decided_on_is_the_default_of_every_way_out(people, tmp_path):
    frozen(people)
    assert neglect()[1] == "[c]"
    whole = json.loads(render(tmp_path / "new", formats=["json"])["overview.json"].read_text())
    assert whole["profile"] == "k5"
    frame = cells_frame("small", "T8", None, now=NOON)
    small = frame[(frame["row"] == "fac.neglect") & (frame["column"] == "recorded")]
    assert small["withheld"].tolist() == [True]
    assert not recorded()


@pytest.mark.parametrize("profile", ["open", "k3", "r5"])
def test_a_profile_that_protects_less_is_refused_with_what_to_do(people, tmp_path, profile):
    frozen(people)
    says = f"the profile {profile} can show what k5, the one that A body decided on, withholds"
    for ask in (
        lambda: neglect(profile=profile),
        lambda: render(tmp_path / "new", profile=profile),
        lambda: cells_frame("small", "T8", profile, now=NOON),
    ):
        with pytest.raises(RuleError, match=f"{says}.*--against-decision"):
            ask()
    assert not (tmp_path / "new").exists()


def test_an_analyst_sees_numbers_against_the_decision_marked_and_recorded(people):
    snapshot = frozen(people)
    protected, number = neglect(profile="open", by=people["analyst"])
    assert number == "3"
    assert protected.table.notes[0].startswith(f"{MARK}: the profile open can show what k5")
    (entry,) = recorded()
    assert (entry.actor, entry.subject) == ("analyst", "overview small")
    assert entry.detail == {
        "snapshot": snapshot.number,
        "profile": "open",
        "decided": "k5",
        "what": "table T8",
    }


@pytest.mark.parametrize("who", ["editor", "coder", "administrator", "reader"])
def test_nobody_else_sees_numbers_against_the_decision(people, who):
    frozen(people)
    with pytest.raises(NotPermitted):
        neglect(profile="open", by=people[who])
    assert not recorded()


def test_nothing_is_marked_or_recorded_where_nothing_speaks_against_it(people):
    frozen(people, K5.replace("profile: k5", "profile: open"))
    protected, number = neglect(by=people["analyst"])
    assert (number, any(MARK in note for note in protected.table.notes)) == ("3", False)
    assert neglect(profile="k5")[1] == "[c]"
    assert not recorded()


def written(file):
    """All words of a file, whatever its format."""
    match file.suffix:
        case ".pdf":
            return text_of(file.read_bytes())
        case ".zip" | ".docx" | ".xlsx" | ".ods":
            with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
                names = [name for name in archive.namelist() if not name.endswith(".parquet")]
                return "\n".join(archive.read(name).decode("utf-8", "replace") for name in names)
        case _:
            return file.read_text("utf-8-sig")


def test_every_format_says_that_it_is_not_for_giving_out(people, tmp_path):
    frozen(people)
    files = render(tmp_path / "new", profile="open", by=people["analyst"])
    assert len(files) == 12
    for name, file in files.items():
        text = written(file)
        assert MARK in " ".join(text.split()), name
        assert "A body decided on this profile" not in text, name
    rows = list(csv.reader(files["T8.csv"].read_text("utf-8-sig").splitlines()))
    assert rows[-1] == [MARK]
    with zipfile.ZipFile(files["overview-data.zip"]) as archive:
        for name in ("README.md", "datapackage.json", "provenance.json"):
            assert MARK in archive.read(name).decode(), name
    (entry,) = recorded()
    assert entry.detail["what"] == ", ".join(EVERY)


def test_a_rendering_under_the_decision_says_who_decided_and_bears_no_mark(people, tmp_path):
    frozen(people)
    for name, file in render(tmp_path / "new").items():
        assert MARK not in written(file), name
    assert "A body decided on this profile" in (tmp_path / "new/overview.html").read_text()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "  decided:",
            "  proposed: true\n  decided:",
            "the profile k5 is only proposed",
        ),
        ("A body", "TODO", "the controller of the decision on disclosure is a placeholder"),
        ("2026-01-12", "2027-01-12", "is dated 12 January 2027, in the future"),
    ],
)
def test_before_a_decision_nothing_leaves_and_the_way_to_decide_is_named(
    people, tmp_path, old, new, says
):
    """A date in the future is frozen where the clock was wrong; otherwise it is refused there."""
    frozen(people, K5.replace(old, new), now=NOON + timedelta(days=400))
    with pytest.raises(RuleError, match=f"{says}.*waymark overview decide small"):
        neglect()
    with pytest.raises(RuleError, match=says):
        render(tmp_path / "new")
    with pytest.raises(RuleError, match=says):
        export_overview(by=people["analyst"], slug="small", folder=tmp_path / "data2", now=NOON)
    assert not (tmp_path / "data2").exists()


def test_a_decision_changed_after_freezing_stops_what_was_frozen_under_the_other(people):
    """Frozen under open, then decided k5 in the YAML alone: the old rows may not be shown open."""
    snapshot = frozen(people, K5.replace("profile: k5", "profile: open"))
    pipeline.save_overview(by=people["analyst"], slug="small", spec=K5, seen=1, now=NOON)
    with pytest.raises(RuleError, match="changed in version 2, after snapshot 1 was frozen"):
        neglect()
    pipeline.freeze_overview(by=people["analyst"], spec=K5, file="s.yaml", now=NOON)
    assert neglect()[1] == "[c]"
    assert snapshot.number == 1


def test_rendering_obeys_the_rule_of_public_sources(people, reports, tmp_path):
    frozen(people, K5.replace("profile: k5", "profile: open"))
    hide(reports[0])
    for ask in (
        neglect,
        lambda: render(tmp_path / "new"),
        lambda: cells_frame("small", "T8", None, now=NOON),
    ):
        with pytest.raises(RuleError, match=f"these reports are not: {reports[0].key}"):
            ask()
    protected, number = neglect(by=people["analyst"])
    assert (number, MARK in protected.table.notes[0]) == ("3", True)
    assert len(recorded()) == 1


# ---- withheld numbers in prose ----


def test_a_withheld_number_in_a_sentence_is_a_mark_with_its_meaning_in_every_format(
    people, tmp_path
):
    snapshot = frozen(
        people, K5.replace("points: []", 'points: ["Neglect: {T8/fac.neglect/recorded}."]')
    )
    save_text(
        by=people["editor"],
        overview=snapshot.overview,
        slot="introduction",
        text="Neglect in {T8/fac.neglect/recorded} of all reviews.",
        base=0,
        now=NOON,
    )
    files = render(tmp_path / "new", formats=["html", "pdf", "docx"])
    page = files["overview.html"].read_text()
    assert "Neglect in [c] of all reviews." in page
    assert "In this chapter, [c] means withheld to protect people." in page
    for name, file in files.items():
        text = " ".join(written(file).split())
        assert "recorded?]" not in text, name
        assert "{T8" not in text, name
    assert "[c]" in written(files["overview.pdf"])


def test_a_fault_that_nobody_could_read_stops_a_rendering_with_its_line(people, tmp_path):
    snapshot = frozen(people)
    save_text(
        by=people["editor"],
        overview=snapshot.overview,
        slot="introduction",
        text="One.\n\nTwo {T8/nobody/recorded}.",
        base=0,
        now=NOON,
    )
    with pytest.raises(RuleError, match="introduction, line 3: T8 has no row nobody"):
        render(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_words_that_the_profile_closes_are_a_sentence_in_a_rendering(people, reports, tmp_path):
    snapshot = frozen(people)
    write_introduction(snapshot.overview)
    passage = reports[0].passages.first().key
    save_text(
        by=people["editor"],
        overview=snapshot.overview,
        slot="reflections",
        text=f"Read this.\n\n{{quote {passage}}}\n\nAnd this [@{passage}].",
        base=0,
        now=NOON,
    )
    page = render(tmp_path / "new", formats=["html"])["overview.html"].read_text()
    assert "[The words quoted here cannot be shown under the disclosure profile k5.]" in page
    assert passage not in page
    assert "And this ." in page
