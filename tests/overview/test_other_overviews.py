"""Overviews of other bodies as data: entered, imported, shown with their caveats, and withdrawn."""

import csv
import io
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from tests.factories import NOON, make_person
from waymark.accounts import removals
from waymark.accounts.models import Role
from waymark.core.errors import NotFound, RuleError, SpecError
from waymark.overview.models import OtherOverview
from waymark.overview.queries import other_overviews as queries
from waymark.overview.services import other_overviews as services
from waymark.overview.spec.other_overviews import finding_line, finding_of, read_other_overviews
from waymark.pipeline.removals.replay_removals import begin_journal, replay_removals

pytestmark = pytest.mark.django_db
VISITOR = AnonymousUser()
DEMO = Path(__file__).resolve().parents[2] / "demo" / "services" / "other-overviews.yaml"
TREES = """\
format: waymark-other-overviews 1
overviews:
  - slug: trees
    title: Learning from trees
    body: Forest Council
    nation: Wales
    period: 2001 to 2004
    year: 2006
    reviews: 12
    children: 20
    method: All reports were read.
    caveats: [It counts incidents, Small numbers were left out]
    judged_by: A. Analyst
    record: learning-from-trees
    findings:
      - {theme: prac.neglect, text: Neglect was seen late, page: "17", number: 5, base: 12,
         unit: reviews}
      - {text: "Reports were short {T1/all/n}"}
"""


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


def stored(source=TREES, *, listed=True):
    (row,) = services.import_other_overviews(
        by=None, entries=read_other_overviews(source, file="trees.yaml"), now=NOON
    )
    if listed:
        services.list_other_overview(by=None, overview=row, now=NOON)
    return row


# ---- as data ----


def test_an_overview_is_stored_with_its_findings_and_importing_it_again_replaces_it():
    row = stored()
    assert (row.reviews, row.children, row.caveat_lines) == (
        *(12, 20),
        ["It counts incidents", "Small numbers were left out"],
    )
    finding = row.findings.first()
    assert (finding.theme, finding.page, finding.number, finding.base, finding.unit) == (
        *("prac.neglect", "17", 5, 12, "reviews"),
    )
    again = stored(TREES.replace("reviews: 12", "reviews: 13"), listed=False)
    assert (again.pk, again.reviews, again.findings.count()) == (row.pk, 13, 2)
    assert OtherOverview.objects.get().listed


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("caveats: [It counts incidents, Small numbers were left out]", "caveats: []", "line 12"),
        ("    judged_by: A. Analyst\n", "", "judged_by"),
        ("format: waymark-other-overviews 1", "format: other", "format"),
        ("theme: prac.neglect", "theme: Not A Code", "theme"),
        ("period: 2001 to 2004", "period: 2001 to 2004\n    address: javascript:alert", "address"),
        ("number: 5", "number: -5", "number"),
    ],
)
def test_a_file_without_caveats_judge_or_sense_is_refused_with_the_line(old, new, message):
    with pytest.raises(SpecError, match=message):
        read_other_overviews(TREES.replace(old, new), file="trees.yaml")


def test_a_name_is_used_once_in_a_file():
    twice = TREES + TREES.partition("overviews:\n")[2]
    with pytest.raises(SpecError, match="trees is listed twice"):
        read_other_overviews(twice, file="trees.yaml")


def test_a_finding_is_the_same_as_a_line_of_a_form_and_back():
    (entry,) = read_other_overviews(TREES, file="trees.yaml")
    line = finding_line(entry.findings[0])
    assert line == "prac.neglect | Neglect was seen late | 17 | 5 | 12 | reviews"
    assert finding_of(line) == {
        "theme": "prac.neglect",
        "text": "Neglect was seen late",
        "page": "17",
        "number": 5.0,
        "base": 12,
        "unit": "reviews",
    }
    with pytest.raises(ValueError, match="base must be a number"):
        finding_of("| Found | 3 | 5 | many")
    with pytest.raises(ValueError, match="write theme"):
        finding_of("Found")


def test_the_overviews_of_the_demo_can_be_read_and_have_a_record_each():
    entries = read_other_overviews(DEMO.read_text("utf-8"), file=DEMO.name)
    assert [entry.nation for entry in entries] == [
        *("Northern Ireland", "England", "England", "England", "England", "Wales"),
    ]
    assert all(entry.record and entry.caveats for entry in entries)


# ---- who sees it ----


def test_it_is_for_staff_until_an_editor_lists_it_and_again_after_it_is_withdrawn():
    row = stored(listed=False)
    with pytest.raises(NotFound):
        queries.other_overview_for("trees", VISITOR)
    assert queries.other_overview_for("trees", make_person(Role.ANALYST)) == row
    services.list_other_overview(by=None, overview=row, now=NOON)
    assert queries.other_overview_for("trees", VISITOR) == row
    with pytest.raises(RuleError, match="give a reason"):
        services.unlist_other_overview(by=None, overview=row, reason=" ", now=NOON)
    services.unlist_other_overview(by=None, overview=row, reason="Wrong.", now=NOON)
    with pytest.raises(NotFound):
        queries.other_overview_for("trees", VISITOR)


def test_a_restored_database_withdraws_it_again():
    row = stored()
    begin_journal(now=NOON)
    services.unlist_other_overview(by=None, overview=row, reason="Wrong.", now=NOON)
    OtherOverview.objects.update(listed=True)
    removals.Installation.objects.update(removals_seen=0)
    assert "other-overview trees" in replay_removals(now=NOON)
    assert not OtherOverview.objects.get().listed


# ---- pages ----


def test_the_list_shows_findings_by_theme_with_their_place_and_warns_against_comparing(client):
    stored()
    page = client.get(reverse("other-overviews")).content.decode()
    for words in ("Do not compare or add up", "Neglect was seen late", "page 17", "Forest Council"):
        assert words in page, words
    assert (
        "Learning from trees"
        not in client.get("/other-overviews/?nation=Scotland").content.decode()
    )
    assert "Learning from trees" in client.get("/other-overviews/?nation=Wales").content.decode()
    own = client.get(reverse("other-overview", args=["trees"])).content.decode()
    for words in ("Not comparable with our numbers", "It counts incidents", "A. Analyst"):
        assert words in own, words
    assert "/other-overviews/trees/" in client.get("/sitemap.xml").content.decode()


def test_the_findings_are_csv_with_the_reasons_against_comparing(client):
    stored(
        TREES.replace("text: Neglect was", "text: '=Neglect was").replace(
            "seen late,", "seen late',"
        )
    )
    content = client.get(reverse("other-overviews-csv")).content.decode("utf-8-sig")
    first, *_ = csv.DictReader(io.StringIO(content))
    assert first["finding"].startswith("'=")
    assert first["not_comparable"] == "It counts incidents; Small numbers were left out"


def test_staff_add_change_import_list_and_withdraw_on_pages(client):
    client.force_login(make_person(Role.EDITOR))
    form = {
        "do": "save",
        "title": "Leaves",
        "slug": "leaves",
        "body": "Council",
        "period": "2001",
        "caveats": "Other words",
        "judged_by": "Me",
        "findings": "| Leaves fell | 3 | 4 | 9",
    }
    bad = client.post(reverse("add-other-overview"), {**form, "findings": "Leaves fell"})
    assert (bad.status_code, "write theme" in bad.content.decode()) == (400, True)
    assert client.post(reverse("add-other-overview"), form).status_code == 302
    page = reverse("edit-other-overview", args=["leaves"])
    assert "| Leaves fell | 3 | 4 | 9" in client.get(page).content.decode()
    assert client.post(page, {**form, "reviews": "9"}).status_code == 302
    assert OtherOverview.objects.get().reviews == 9
    client.post(page, {"do": "list"})
    assert OtherOverview.objects.get().listed
    client.post(page, {"do": "unlist", "reason": "Wrong."})
    assert not OtherOverview.objects.get().listed
    manage = reverse("keep-other-overviews")
    assert client.post(manage, {"source": "format: other"}).status_code == 400
    assert client.post(manage, {"source": TREES}).status_code == 302
    assert "Learning from trees" in client.get(manage).content.decode()


def test_the_chapter_of_a_report_begins_with_them_each_with_its_reference():
    text = queries.chapter_text([stored()])
    assert text.startswith("### Learning from trees\n\n")
    assert "It counts 12 reviews about 20 children [@record:learning-from-trees]." in text
    found = "- Neglect was seen late: 5 of 12 reviews, page 17 [@record:learning-from-trees]."
    assert found in text
    share = TREES.replace("number: 5", "number: 37.5").replace("unit: reviews", "unit: per cent")
    assert "seen late: 37.5 per cent of 12, page 17 [" in queries.chapter_text([stored(share)])
    # What marks a number of a table in a text is no finding of others.
    assert "{" not in text
    assert "not comparable with those of this report: It counts incidents; Small" in text


def test_a_new_overview_does_not_replace_another_of_the_same_address():
    (entry,) = read_other_overviews(TREES, file="a.yaml")
    services.save_other_overview(by=None, entry=entry, is_new=True, now=NOON)
    with pytest.raises(RuleError, match="another overview has this web address name"):
        services.save_other_overview(by=None, entry=entry, is_new=True, now=NOON)
