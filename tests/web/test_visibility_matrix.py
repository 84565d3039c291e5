"""Who finds what, everywhere: each state of a review and its report, each role, each way out.

A word of its own (a canary) is planted in every place where a review or its report says something.
Every page and file of the site is then fetched by everybody, and the canaries on it are read off:
none that the person may not see, and all that the page is there to show.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from tests.data_access.test_data_access import apply as apply_for_restricted
from tests.factories import NOON, make_person, make_report, make_review
from tests.indicators.invented import SLUG, published
from tests.library.works import catalogued
from tests.publishing.giving import give_out
from tests.training.courses import SLUG as COURSE_SLUG
from tests.training.courses import published_course, session
from tests.web.addresses import site_pages
from tests.web.seeking import (
    CANARY,
    KEEPERS,
    OVER,
    PEOPLE,
    STAFF,
    STATES,
    TO_COME,
    TOKEN,
    VISITOR,
    Seeker,
    planted,
    states_open_to,
)
from tests.web.worlds import made_once
from waymark import api, pipeline
from waymark.accounts.audit import record_about
from waymark.accounts.models import Role, State, User
from waymark.bodies.models import Body
from waymark.bodies.services import add_bodies_of_reviews
from waymark.briefings import services as briefings
from waymark.briefings.text.about import BriefingAbout
from waymark.coding.models import Suggestion
from waymark.core.spans import Span
from waymark.datasets.services import export_overview, export_records
from waymark.documents import services as documents
from waymark.documents.anchors import ReportAnchors
from waymark.documents.files.storage import page_images_folder
from waymark.documents.models import HiddenText, Intake, Page, Report, Review
from waymark.documents.reading.words import pack_words
from waymark.frameworks.models import Code, Framework
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework
from waymark.indicators.models import Indicator, IndicatorImport
from waymark.library.models import CatalogueRecord
from waymark.library.services import catalogue_review, index_changed, mark_changed
from waymark.library.services.authors import add_authors_of_works
from waymark.library.services.resources import set_resource_state
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription
from waymark.overview.services import create_overview, freeze_overview
from waymark.overview.services.other_overviews import list_other_overview, save_other_overview
from waymark.overview.spec.other_overviews import OtherOverviewEntry
from waymark.publishing.models import SigningCapacity
from waymark.publishing.services import save_text
from waymark.recommendations.services import NewEntry, add_addressee, record_entry_of
from waymark.training.models import Course

DAY = timedelta(days=1)
OF_REVIEW = ("title", "summary", "board", "nation")
OF_REPORT = (
    "report",
    "file",
    "text",
    "coded",
    "judged",
    "child",
    "asked",
    "image",
    "cue",
    "value",
    "addressed",
)
NEVER = ("memo",)
MOVED = (
    "moved-edit-review",
    "moved-edit-resource",
    "moved-report-state",
    "moved-resource-about",
    "moved-resource-state",
    "moved-review-about",
    "moved-review-state",
    "moved-review-steps",
)
"""Earlier addresses: a redirect that says nothing of what is at the new one."""
HIDDEN = ("hidden",)  # words of a file that its pages do not show
KINDS = {
    kind: f"{number:c}" for number, kind in enumerate((*OF_REVIEW, *OF_REPORT, *NEVER, *HIDDEN), 97)
}


def canary(kind: str, cell: int) -> str:
    """The word planted for a kind of thing in a cell of the matrix."""
    return planted(KINDS[kind], cell)


@dataclass(frozen=True)
class Cell:
    """A review in one state with a report in another; number: its place in the matrix."""

    number: int
    of_review: str
    of_report: str
    review: Review
    report: Report

    def words(self, *kinds: str) -> set[str]:
        return {canary(kind, self.number) for kind in kinds}

    def open_to(self, who: str) -> tuple[bool, bool]:
        """Whether the review, and whether the report, is open to a person."""
        seen = states_open_to(who)
        return self.of_review in seen, {self.of_review, self.of_report} <= seen

    def allowed(self, who: str) -> set[str]:
        """Every canary of the cell that a person may find, wherever it is looked for."""
        review, report = self.open_to(who)
        found = self.words(*OF_REVIEW) if review else set()
        if report:
            found |= self.words(*OF_REPORT)
        if who not in {Role.CODER, Role.ANALYST}:
            found -= self.words("cue")
        if who not in STAFF:
            found -= self.words("file")
        return found

    def held(self, who: str) -> set[str]:
        """What the list of what is held names besides: what to put back, to those who may."""
        return self.words("title", "file", "report") if who in KEEPERS else set()


CODING = """
format: waymark-coding 1
framework: cr-core 1.0.0
review: {reference}
report: overview-report
coder: coder
children:
- {{number: 1, name: "Child {child}"}}
judgements:
- {{variable: nature, value: infant_death, quotes: ["died suddenly {judged} at home"]}}
- variable: fac.alcohol_misuse
  value: suspected
  quotes: ["It was thought {judged} that"]
  memo: "{memo}"
- {{variable: sex, child: 1, value: female, quotes: ["The child {judged} was a girl."]}}
codings:
- {{code: prac.communication, quote: "Two letters {coded} were filed.", memo: "{memo}"}}
recommendations:
- number: 1
  quote: "The Trust should {asked} tell the school."
  category: information_sharing_and_recording
  audience: health
"""
ADJUDICATION = """
format: waymark-adjudication 1
framework: cr-core 1.0.0
review: {reference}
adjudicator: analyst
decisions: []
"""
SPEC = """
overview: matrix
title: Learning from made-up reviews
subtitle: A test
framework: cr-core 1.0.0
place: A place
period: 2005
points: []
select: {{reviews: [{references}]}}
disclosure: {{profile: open, controller: A body, reason: Nobody is real., decided: 2026-01-12}}
tables:
  - {{id: T1, kind: flow, title: Reviews read}}
  - id: T3
    kind: crosstab
    title: Nature
    blocks:
      - id: nature
        title: Nature
        unit: review
        base: reviews read and coded
        rows: {{variable: nature}}
        all_label: All reviews
  - id: T5
    kind: crosstab
    title: Sex
    blocks:
      - id: sex
        title: Sex
        unit: child
        base: children
        rows: {{variable: sex}}
        all_label: All children
  - {{id: T8, kind: states, title: Factors, group: factors}}
  - {{id: T10, kind: themes, title: Themes, of: {{themes: true}}}}
figures: [{{id: F3, kind: bars, table: T3, column: n, title: Nature of the incident}}]
"""
NUMBERS = (
    ("T3", "infant_death", "n"),
    ("T3", "all", "n"),
    ("T5", "female", "n"),
    ("T8", "fac.alcohol_misuse", "recorded"),
)
QUOTING = "key-themes"
"""The text of the report that quotes every review."""
EVERYWHERE = "heron"
"""A word of every report."""


def _planted(number: int, framework: Framework) -> tuple[Review, Report]:
    """A published review, coded and settled, with a canary in everything that it says."""
    word = {kind: canary(kind, number) for kind in KINDS}
    review = make_review(
        f"M{number:03}",
        title=f"Review {word['title']}",
        summary=f"About {word['summary']}.",
        board=f"Board {word['board']}",
        nation=f"Nation {word['nation']}",
        added_at=NOON + number * DAY,
    )
    report = make_report(
        review,
        f"1.1 A child died suddenly {word['judged']} at home. The child {word['judged']} was a "
        "girl.",
        f"1.2 It was thought {word['judged']} that the father drank. The {EVERYWHERE} stood by.",
        f"2.1 Two letters {word['coded']} were filed. {word['text']}",
        f"Recommendation 1: The Trust should {word['asked']} tell the school.",
    )
    report.title, report.file_name = f"Report {word['report']}", f"{word['file']}.txt"
    report.save(update_fields=["title", "file_name"])
    said = {"reference": review.reference, **word}
    pipeline.import_coding(source=CODING.format(**said), file="coding.yaml", now=NOON)
    pipeline.import_adjudication(source=ADJUDICATION.format(**said), file="it.yaml", now=NOON)
    addressee = add_addressee(
        by=None, review=review, number=1, words=f"Trust {word['addressed']}", now=NOON
    )
    entry = NewEntry("notified", NOON.date())
    record_entry_of(by=None, addressee=addressee, entry=entry, now=NOON)
    Page.objects.filter(report=report).update(
        has_image=True, width=595, height=842, words=pack_words([])
    )
    kept = page_images_folder() / report.key[:2] / f"{report.key}-1-1240.png"
    kept.parent.mkdir(parents=True, exist_ok=True)
    for image in (kept, kept.parent / f"{report.key}-1-480.webp"):
        image.write_bytes(f"IMAGE {word['image']}".encode())
    Suggestion.objects.create(
        code=Code.objects.get(framework=framework, code="prac.recording"),
        cue=word["cue"],
        suggester="test 1",
        made_at=NOON,
        **ReportAnchors(report).fields(Span(0, 20)),
    )
    Intake.objects.create(
        batch="matrix",
        file_name=report.file_name,
        state="stored",
        report=report,
        review=review,
        received_at=NOON,
        received_from=User.objects.get(username="coder"),
    )
    return review, report


def _put(cell: Cell, now: datetime) -> None:
    """Put the review and the report into the states of the cell."""
    for state, set_state in (
        (cell.of_review, lambda **to: documents.set_review_state(review=cell.review, **to)),
        (cell.of_report, lambda **to: documents.set_report_state(report=cell.report, **to)),
    ):
        until = {OVER: now - DAY, TO_COME: now + DAY}.get(state)
        set_state(by=None, state=State.EMBARGOED if until else state, public_from=until, now=now)
    mark_changed(reviews=[cell.review], now=now)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[list[Cell]]:
    """All 64 combinations; the index still holds all of it, as when all of it was published."""
    with made_once(django_db_blocker, tmp_path_factory.mktemp("matrix")):
        yield _world()


def _publish_briefing(author: User, editor: User, cells: list[Cell]) -> None:
    """A briefing that quotes a passage of every review."""
    about = BriefingAbout(
        title="A briefing",
        audience="all",
        rule="All of them.",
        reviews=tuple(cell.review.reference for cell in cells),
        first=2001,
        last=2005,
        searched_on=NOON.date(),
        review_on=NOON.date(),
    )
    made = briefings.add_briefing(by=author, kind="briefing", slug="matrix", about=about, now=NOON)
    parts = "\n".join(f"### Part {part}\n\nOurs. {{own}}\n" for part in "ABCDEFG")
    texts = dict.fromkeys(("why", "learning", "limits"), "Ours. {own}")
    texts["issues"] = "\n\n".join(f"{{quote {passages(cell)[1]}}}" for cell in cells)
    texts["short"] = f"{parts}\n- Who?\n- Why?\n- When?\n"
    for slot, text in texts.items():
        briefings.save_briefing_text(
            by=author, manuscript=made, slot=slot, text=text, base=0, now=NOON
        )
    for person, capacity in ((author, "author"), (editor, "editor")):
        seen = pipeline.briefing_draft(made, NOON).content.sha256
        pipeline.sign_briefing(
            by=person, manuscript=made, capacity=SigningCapacity(capacity), seen=seen, now=NOON
        )
    pipeline.publish_briefing(by=editor, manuscript=made, now=NOON)


def _world() -> list[Cell]:
    file = next(file for file in builtin_frameworks() if file.name.startswith("cr-core"))
    framework = load_framework(by=None, source=file.read_text("utf-8"), file=file.name, now=NOON)
    publish_framework(by=None, framework=framework, now=NOON)
    for who in Role:
        make_person(who, name=who.value)
    pairs = [(of_review, of_report) for of_review in STATES for of_report in STATES]
    cells = [Cell(number, *pair, *_planted(number, framework)) for number, pair in enumerate(pairs)]
    for cell in cells:
        catalogue_review(by=None, review=cell.review, now=NOON)
    index_changed(now=NOON)
    add_bodies_of_reviews(by=None, now=NOON)
    references = ", ".join(cell.review.reference for cell in cells)
    analyst, editor = (User.objects.get(username=name) for name in ("analyst", "editor"))
    overview = create_overview(
        by=analyst, spec=SPEC.format(references=references), file="it.yaml", now=NOON
    )
    snapshot = freeze_overview(by=analyst, overview=overview, now=NOON)
    quoted = "\n\n".join(f"{{quote {passages(cell)[1]}}}" for cell in cells)
    save_text(by=editor, overview=overview, slot=QUOTING, text=quoted, base=0, now=NOON)
    give_out(editor=editor, analyst=analyst, snapshot=snapshot)
    _publish_briefing(analyst, editor, cells)
    now = timezone.now()
    for cell in cells:
        _put(cell, now)
        HiddenText.objects.create(
            report=cell.report, kind="covered", page=1, words=canary("hidden", cell.number)
        )
    return cells


# ---- looking ----


@pytest.fixture(params=PEOPLE)
def seeker(request, world, db) -> Seeker:
    return Seeker(request.param)


def of_all(cells: list[Cell], who: str) -> set[str]:
    """Every canary that a person may find."""
    return set().union(*(cell.allowed(who) for cell in cells))


def words(cells: list[Cell], who: str, *kinds: str) -> set[str]:
    """The canaries of these kinds, as far as a person may find them."""
    return of_all(cells, who) & set().union(*(cell.words(*kinds) for cell in cells))


def of_open_reports(cells: list[Cell], who: str, *kinds: str) -> set[str]:
    """The canaries of these kinds, of the cells whose report is open to a person."""
    return set().union(*(cell.words(*kinds) for cell in cells if cell.open_to(who)[1]))


# ---- every page about one review ----


def passages(cell: Cell) -> list[str]:
    """The keys of two paragraphs: one with facts and a suggestion, one with a code."""
    keys = list(cell.report.passages.values_list("key", flat=True))
    return [keys[0], keys[2]]


def test_the_pages_of_a_review_and_its_report_show_each_only_what_they_may_see(seeker, world):
    who = seeker.who
    for cell in world[:: seeker.every]:
        review, report = cell.open_to(who)
        may, key = cell.allowed(who), cell.report.key
        status, seen = seeker.get("review", cell.review.reference)
        shown = cell.words(*OF_REVIEW)
        if report:
            shown |= cell.words("judged", "coded", "child", "asked")
        assert (status, seen) == ((200, shown) if review else (404, set())), cell
        for text in (("report", key), ("report-page", key, 1)):
            status, seen = seeker.get(*text)
            assert status == (200 if report else 404), cell
            assert seen <= may, cell
            if report:
                assert seen >= cell.words("title", "text", "coded", "judged", "asked"), cell
        # Nobody decided to offer it: tests/web/test_originals.py has those that are offered.
        assert seeker.get("report-original", key)[1] == set(), cell
        for image in (("page-image", key, 1), ("page-image-webp", key, 1, 480)):
            status, seen = seeker.get(*image)
            assert (status, seen) == ((200, cell.words("image")) if report else (404, set())), cell
        for name, args in (
            ("to-page", [key]),
            ("passage-page", [f"{key}-0-20"]),
        ):
            assert seeker.get(name, *args)[0] == (302 if report else 404), cell


def test_the_lasting_address_of_words_opens_to_those_only_who_may_read_the_report(seeker, world):
    who = seeker.who
    for cell in world[:: seeker.every]:
        report = cell.open_to(who)[1]
        found: set[str] = set()
        for key in passages(cell):
            status, seen = seeker.get("passage", key)
            assert status == (200 if report else 404), cell
            found |= seen
        assert found <= cell.allowed(who), cell
        if report:
            kinds = "title", "text", "coded", "judged", "cue"
            assert found >= words([cell], who, *kinds), cell


# ---- what brings many together ----


@pytest.fixture(scope="module")
def followed_folder(world, tmp_path_factory) -> Path:
    """The same world in another folder, whose index has followed every change of state."""
    folder = tmp_path_factory.mktemp("followed") / "data"
    shutil.copytree(settings.DATA, folder)
    with override_settings(DATA=folder), transaction.atomic():
        index_changed(now=timezone.now())
        transaction.set_rollback(True)
    return folder


@pytest.fixture
def followed(followed_folder, db) -> Iterator[None]:
    """The index has followed, and its rows say so."""
    with override_settings(DATA=followed_folder):
        index_changed(now=timezone.now(), limit=0)
        CatalogueRecord.objects.update(indexed_at=F("changed_at"))
        yield


def test_the_library_finds_and_counts_for_each_what_they_may_see(seeker, world, followed):
    who = seeker.who
    reviews = [cell for cell in world if cell.open_to(who)[0]]
    reports = [cell for cell in world if cell.open_to(who)[1]]
    answer = seeker.client.get(reverse("find")).context["answer"]
    counted = {
        facet.name: {one.label: one.count for one in facet.values} for facet in answer.facets
    }
    # The published briefing is a record as well, which everybody may see.
    assert counted["kind"] == {"Case review": len(reviews), "Thematic briefing": 1}
    assert answer.total == len(reviews) + 1
    assert counted["nation"] == {cell.review.nation: 1 for cell in reviews}
    assert sum(counted["nature"].values()) == len(reports)
    found = seeker.leaf("find", sort="oldest")
    assert found <= of_all(world, who)
    assert found >= words(world, who, "title", "nation", "board")
    answer = seeker.client.get(reverse("find"), {"q": EVERYWHERE}).context["answer"]
    assert (answer.total, answer.passages_total) == (len(reports), len(reports))
    found = seeker.leaf("find", q=EVERYWHERE)
    assert found <= of_all(world, who)
    assert found >= of_open_reports(world, who, "title", "judged")
    listed = seeker.leaf("find", q=EVERYWHERE, view="passages")
    assert listed <= of_all(world, who)
    assert listed >= of_open_reports(world, who, "title")
    # At most 20 passages: enough to see a hidden one among them.
    status, listed = seeker.get("find-and-quote", q=EVERYWHERE)
    assert status == (200 if who in STAFF else 302 if who == VISITOR else 403)
    assert listed <= (of_all(world, who) if who in STAFF else set())
    assert bool(listed) == (who in STAFF)
    for name in ("quotations", "quote-draft"):
        assert seeker.get(name) == (405, set())


def test_an_index_that_is_behind_tells_nobody_more_than_they_may_see(seeker, world):
    who = seeker.who
    # A review is left out for the time being where the index holds more than the person may see.
    whole = [cell for cell in world if cell.open_to(who)[1]]
    for asked in ({}, {"q": EVERYWHERE}):
        answer = seeker.client.get(reverse("find"), asked).context["answer"]
        assert answer.total == len(whole)
        for facet in answer.facets:
            assert sum(one.count for one in facet.values) in {0, len(whole)}
        assert seeker.leaf("find", **asked) <= of_all(world, who)


@pytest.mark.parametrize("who", [VISITOR, Role.CODER])
def test_a_word_finds_its_review_for_those_only_who_may_see_the_word(world, followed, who):
    seeker = Seeker(who)
    for cell in world[::3]:  # each state of a review and of a report
        review, report = cell.open_to(who)
        for kind, may in (("title", review), ("text", report), ("report", report)):
            asked = {"q": canary(kind, cell.number)}
            answer = seeker.client.get(reverse("find"), asked).context["answer"]
            assert answer.total == may, (cell, kind)
            offered = answer.suggestion.query if answer.suggestion else ""
            assert set(CANARY.findall(offered)) <= of_all(world, who), (cell, kind)


def test_the_start_page_counts_and_names_for_each_only_what_they_may_see(seeker, world):
    who = seeker.who
    answer = seeker.client.get(reverse("home"))
    totals = {total.noun: total.number for total in answer.context["totals"]}
    reviews = {cell.review.reference for cell in world if cell.open_to(who)[0]}
    assert totals["review"] == len(reviews)
    assert set(CANARY.findall(answer.content.decode())) <= of_all(world, who)
    newest = {entry.review.reference for entry in answer.context["newest"] if entry.review}
    assert newest
    assert newest <= reviews


def test_themes_and_codes_count_and_quote_for_each_only_what_they_may_see(seeker, world):
    who = seeker.who
    reports = [cell for cell in world if cell.open_to(who)[1]]
    for name, args in (("methods", []), ("framework", ["cr-core", "1.0.0"]), ("frameworks", [])):
        status, seen = seeker.get(name, *args)
        assert (status, seen) == (200, set())
    parts = seeker.client.get(reverse("framework", args=["cr-core", "1.0.0"])).context["parts"]
    counted = {one.code.code: one.reviews for part in parts for one in part.entries}
    assert counted["prac.communication"] == len(reports)
    code = "cr-core", "1.0.0", "prac.communication"
    assert seeker.client.get(reverse("code", args=code)).context["total"] == len(reports)
    assert seeker.leaf("code", *code) == of_open_reports(world, who, "title", "coded")


def test_a_topic_counts_and_quotes_for_each_only_what_they_may_see(seeker, world):
    who = seeker.who
    description = TopicDescription("Telling", "About telling.", codes=("prac.communication",))
    add_topic(by=None, key="telling", description=description, now=timezone.now())
    reports = [cell for cell in world if cell.open_to(who)[1]]
    for name, args in (("topics", ()), ("topic-years", ("telling",))):
        assert seeker.get(name, *args) == (200, set()), name
    # No review of the world has a year to draw.
    assert seeker.get("topic-chart", "telling", "svg") == (404, set())
    listed = seeker.client.get(reverse("topics")).context["topics"]
    assert [(line.key, line.reviews) for line in listed] == [("telling", len(reports))]
    page = seeker.client.get(reverse("topic", args=["telling"])).context["page"]
    assert page.reviews == len(reports)
    assert {passage.review for passage in page.passages} <= {
        cell.review.reference for cell in reports
    }
    for name in ("topic", "topic-feed"):
        status, seen = seeker.get(name, "telling")
        assert status == 200, name
        assert seen <= of_all(world, who), name
    assert seeker.get("topic", "none") == (404, set())
    refused = 302 if who == VISITOR else 403
    for name, args in (("edit-topics", ()), ("add-topic", ()), ("edit-topic", ("telling",))):
        status, seen = seeker.get(name, *args)
        assert status == (200 if who in KEEPERS else refused), name
        assert seen <= of_all(world, who), name


def test_an_overview_and_its_files_name_no_review_and_quote_nothing(seeker, world):
    names = [("overviews", ()), ("overview", ("matrix",)), ("overview-feed", ("matrix",))]
    names += [("overview-chapter", ("matrix", name)) for name in ("methodology", "provenance")]
    names += [("overview-editions", ("matrix",)), ("overview-edition", ("matrix", 1))]
    names += [("compare", ()), ("theme-studies", ()), ("silence-reports", ())]
    names += [(name, ("matrix", "matrix")) for name in ("comparison", "comparison-csv")]
    names += [
        (name, ("matrix", table))
        for name in ("overview-table", "overview-csv", "overview-csvw", "overview-json")
        for table in ("T1", "T3", "T5", "T8", "T10")
    ]
    names += [("overview-chart", ("matrix", "F3", ending)) for ending in ("svg", "png")]
    for name, args in names:
        assert seeker.get(name, *args) == (200, set()), (name, args)
    chosen = seeker.get("comparison", "matrix", "matrix", table=["T1", "T3", "T5", "T8", "T10"])
    assert chosen == (200, set())
    figure = re.search(r"charts/(compared-[\w-]+)\.svg", seeker.said)
    assert figure is not None
    for ending in ("svg", "png"):
        chart = ("matrix", "matrix", figure[1], ending)
        assert seeker.get("comparison-chart", *chart) == (200, set())


def test_a_chapter_quotes_only_words_that_everybody_may_read(seeker, world):
    public = [cell for cell in world if cell.open_to(VISITOR)[1]]
    for name, kinds in (("key-themes", ("coded", "text")), ("references", ("title",))):
        shown = set().union(*(cell.words(*kinds) for cell in public))
        assert seeker.get("overview-chapter", "matrix", name) == (200, shown), name


def test_a_file_that_quotes_what_was_closed_is_held_back(seeker, world):
    assert seeker.get("overview-pdf", "matrix") == (404, set())
    for ending in ("pdf", "docx", "xlsx", "ods", "zip"):
        assert seeker.get("overview-edition-file", "matrix", 1, ending) == (404, set())


def test_a_briefing_shows_only_words_that_everybody_may_read(seeker, world):
    public = set().union(
        *(cell.words(*OF_REVIEW, *OF_REPORT) for cell in world if cell.open_to(VISITOR)[1])
    )
    place = ("briefing", "matrix")
    for name, args in (
        ("briefing", place),
        ("briefing-edition", (*place, 1)),
        ("check-briefing", (*place, 1)),
    ):
        status, seen = seeker.get(name, *args)
        assert status == 200, name
        assert seen, name
        assert seen <= public, name
    for name, args in (
        ("briefings", ()),
        ("briefings-feed", ()),
        ("briefing-short", (*place, 1)),
        ("impact", ()),
        ("briefing-use", place),
        ("briefing-use-received", place),
    ):
        assert seeker.get(name, *args) == (200, set()), name
    # The edition has no seven-minute form, of which a learning event is made.
    assert seeker.get("briefing-event", *place, 1) == (404, set())
    for file in ("whole.pdf", "whole.docx", "one-page.pdf", "slides.pdf"):
        assert seeker.get("briefing-file", *place, 1, file) == (404, set()), file


def test_a_draft_of_a_briefing_shows_no_words_that_are_not_public(seeker, world):
    public = set().union(
        *(cell.words(*OF_REVIEW, *OF_REPORT) for cell in world if cell.open_to(VISITOR)[1])
    )
    place, who = ("briefing", "matrix"), seeker.who
    writes = who in {Role.CATALOGUER, Role.ANALYST, Role.EDITOR}
    refused = 302 if who == VISITOR else 403
    for name, args in (
        ("edit-briefings", ()),
        ("new-briefing", ()),
        ("briefing-uses", ()),
        ("edit-briefing", place),
        ("describe-briefing", place),
        ("edit-briefing-text", (*place, "issues")),
        ("briefing-text-versions", (*place, "issues")),
        ("sign-briefing", place),
        ("withdraw-briefing", (*place, 1)),
    ):
        may = who == Role.EDITOR if name == "withdraw-briefing" else writes
        status, seen = seeker.get(name, *args)
        assert status == (200 if may else refused), name
        assert seen <= (public if may else set()), name


def test_drafts_of_statistics_are_for_staff_and_edited_by_analysts_and_editors(seeker, world):
    who = seeker.who
    published()
    assert seeker.get("statistics-feed") == (200, set())
    place = ("plans-at31", "E92000001", "2025-03-31")
    day = timezone.localdate().isoformat()
    public = (
        ("statistics", ()),
        ("indicator", (SLUG,)),
        ("indicator-areas", (SLUG,)),
        ("indicator-data", (SLUG, "csv")),
        ("indicator-chart", (SLUG, "england", "svg")),
        ("indicator-value", (SLUG, *place, day)),
    )
    for name, args in public:
        assert seeker.get(name, *args) == (200, set()), name
    assert seeker.get("indicator-value-today", SLUG, *place) == (302, set())
    Indicator.objects.update(state="draft")
    for name, args in public[1:]:
        assert seeker.get(name, *args) == (200 if who in STAFF else 404, set()), name
    may = who in {Role.ANALYST, Role.EDITOR}
    opened = 200 if may else 302 if who == VISITOR else 403
    for name, args in (
        ("edit-indicators", ()),
        ("import-statistics", ()),
        ("edit-indicator", (SLUG,)),
        ("edit-nation", (SLUG, "wales")),
        ("series-breaks", (SLUG,)),
        ("correct-value", (SLUG, *place)),
        ("statistics-import", (IndicatorImport.objects.get().pk,)),
    ):
        assert seeker.get(name, *args) == (opened, set()), name
    assert seeker.get("indicator-state", SLUG) == (405, set())
    keeper = 302 if who == VISITOR else 200 if who in KEEPERS else 403
    assert seeker.get("contacts-log") == (keeper, set())
    editor = 302 if who == VISITOR else 200 if who == Role.EDITOR else 403
    assert seeker.get("publish-highlight") == (editor, set())
    assert seeker.get("helpline-highlight", "2024-25") == (404, set())
    assert seeker.get("annual-report", "none") == (404, set())
    assert seeker.get("annual-report-edition", "none", 1) == (404, set())
    assert seeker.get("annual-report-pdf", "none", 1) == (404, set())
    assert seeker.get("edit-annual-reports") == (opened, set())
    assert seeker.get("edit-annual-report", "none") == (404 if may else opened, set())


def test_drafts_of_courses_are_for_staff_and_edited_by_those_who_edit_training(seeker, world):
    who = seeker.who
    published_course()
    number = session(f"{timezone.localdate().year + 1}-06-10").pk
    public = (("training", ()), ("training-calendar", ()))
    public += (("course", (COURSE_SLUG,)), ("course-calendar", (COURSE_SLUG,)))
    for name, args in public:
        assert seeker.get(name, *args) == (200, set()), name
    Course.objects.update(state="draft", published_at=None)
    for name, args in public[2:]:
        assert seeker.get(name, *args) == (200 if who in STAFF else 404, set()), name
    opened = 200 if who in {Role.CATALOGUER, Role.EDITOR} else 302 if who == VISITOR else 403
    for name, args in (
        ("edit-training", ()),
        ("add-course", ()),
        ("edit-course", (COURSE_SLUG,)),
        ("add-session", (COURSE_SLUG,)),
        ("edit-session", (COURSE_SLUG, number)),
    ):
        assert seeker.get(name, *args) == (opened, set()), name
    assert seeker.get("course-state", COURSE_SLUG) == (405, set())


def test_applications_for_data_are_decided_by_those_who_may_and_opened_by_their_link(seeker, world):
    who, row = seeker.who, apply_for_restricted()
    for name in ("data-access", "apply-for-data", "data-application-sent"):
        assert seeker.get(name) == (200, set()), name
    assert seeker.get("data-application", row.reference, row.token) == (200, set())
    assert seeker.get("data-application", row.reference, "none") == (404, set())
    may = who in {Role.ANALYST, Role.EDITOR, Role.ADMINISTRATOR}
    opened = 302 if who == VISITOR else 200 if may else 403
    assert seeker.get("data-applications") == (opened, set())
    assert seeker.get("decide-data-application", row.reference) == (opened, set())


def test_suggesters_are_for_those_who_lead_and_samples_for_their_readers(seeker):
    who, refused = seeker.who, 302 if seeker.who == VISITOR else 403
    lead = 200 if who in {Role.ANALYST, Role.ADMINISTRATOR} else refused
    for name in ("suggesters", "suggestions-off"):
        assert seeker.get(name) == (lead, set()), name
    assert seeker.get("suggester", 999) == (404 if lead == 200 else refused, set())
    # Language models are off in this installation.
    connect = 404 if who == Role.ADMINISTRATOR else refused
    assert seeker.get("connect-language-model") == (connect, set())
    coder = who in {Role.CODER, Role.ANALYST}
    assert seeker.get("passage-samples") == (200 if coder else refused, set())
    assert seeker.get("passage-sample", 999) == (404 if coder else refused, set())


def test_the_pages_of_coding_rounds_are_for_those_who_lead_or_code_them(seeker, world):
    who, refused = seeker.who, 302 if seeker.who == VISITOR else 403
    lead = who == Role.ANALYST
    opened = 200 if lead else refused
    for name in ("coding-rounds", "add-round", "disagreements", "agreement"):
        status, seen = seeker.get(name)
        assert (status, seen <= of_all(world, who)) == (opened, True), name
    none = 404 if lead else refused
    for name, args in (
        ("coding-round", (999,)),
        ("round-agreement", (999,)),
        ("round-agreement-file", (999, "csv")),
    ):
        assert seeker.get(name, *args) == (none, set()), name
    for name, args in (
        ("framework-agreement", ("cr-core", "1.0.0")),
        ("framework-agreement-file", ("cr-core", "1.0.0", "csv")),
    ):
        assert seeker.get(name, *args) == (opened, set()), name
    loads = 200 if who in {Role.ANALYST, Role.ADMINISTRATOR} else refused
    for name, args in (
        ("edit-frameworks", ()),
        ("next-framework", ()),
        ("framework-version", ("cr-core", "1.0.0")),
        ("framework-codes", ("cr-core", "1.0.0")),
    ):
        assert seeker.get(name, *args) == (loads, set()), name
    coder = 200 if who in {Role.CODER, Role.ANALYST} else refused
    for name in ("coding-decisions", "case-profiles"):
        status, seen = seeker.get(name)
        assert (status, seen <= of_all(world, who)) == (coder, True), name
    for cell in world[:: seeker.every]:
        status, seen = seeker.get("adjudicate", cell.review.reference, "cr-core", "1.0.0")
        open_review = cell.open_to(who)[0]
        assert status in ({200, 404} if lead else {refused, 404}), cell
        assert seen <= cell.allowed(who), cell
        assert status == 404 or open_review or not lead
        # The coder alone has a case profile, of a review that is open to coders.
        status, seen = seeker.get("case-profile", cell.review.reference, "cr-core", "1.0.0")
        own = who == Role.CODER and all(cell.open_to(who))
        assert status == (200 if own else 404 if coder == 200 else refused), cell
        assert seen <= cell.allowed(who) | cell.words("memo"), cell
        status, seen = seeker.get("recode", cell.review.reference, "cr-core", "1.0.0")
        assert status == (200 if own else 404 if coder == 200 else refused), cell
        assert seen <= cell.allowed(who), cell


def test_where_nothing_is_withheld_nobody_finds_a_page_of_it(seeker, world):
    # tests/web/test_restricted_pages.py looks at an overview that withholds something.
    assert seeker.get("withheld", "matrix", "T8") == (404, set())
    assert seeker.get("withheld-cell", "matrix", *NUMBERS[3]) == (404, set())


def test_a_draft_quotes_and_offers_only_words_that_everybody_may_read(seeker, world):
    who = seeker.who
    pages = (
        ("writing", "matrix"),
        ("sign-report", "matrix"),
        ("compare-draft", "matrix"),
        ("text-history", "matrix", QUOTING),
        ("text-version", "matrix", QUOTING, 1),
    )
    if who not in {Role.ANALYST, Role.EDITOR}:
        closed = (("draft", "matrix"), ("draft-pdf", "matrix"), ("decide", "matrix"))
        write = ("write-text", "matrix", QUOTING)
        for page in (*pages, *closed, write, ("choose-passages", "matrix", "prac.communication")):
            assert seeker.get(*page) == (302 if who == VISITOR else 403, set()), page
        return
    for page in pages:
        assert seeker.get(*page) == (200, set()), page
    public = [cell for cell in world if cell.open_to(VISITOR)[1]]
    quoted = set().union(*(cell.words("coded", "text") for cell in public))
    assert seeker.get("write-text", "matrix", QUOTING) == (200, quoted)
    cited = set().union(*(cell.words("title") for cell in public))
    assert seeker.get("draft", "matrix") == (200, quoted | cited)
    assert seeker.get("draft-pdf", "matrix") == (400, set())
    assert seeker.get("decide", "matrix") == (200, set())
    offered = set().union(*(cell.words("coded", "title") for cell in public))
    assert seeker.leaf("choose-passages", "matrix", "prac.communication") == offered


def test_behind_a_number_stand_for_each_only_the_words_they_may_see(seeker, world):
    who = seeker.who
    for table, row, column in NUMBERS:
        found = seeker.leaf("evidence", "matrix", table, row, column)
        shown = words(world, who, "title") | of_open_reports(world, who, "judged")
        if table == "T5":
            shown |= of_open_reports(world, who, "child")
        assert found == shown, (table, row, column)


# ---- data for researchers ----


def test_each_is_given_the_rows_and_the_words_that_they_may_see(seeker, world):
    who = seeker.who
    for name, args in (
        *(("data", ()), ("data-listing", ()), ("overview-package", ("matrix",))),
        *(("data-csv", (table,)) for table in ("children", "judgements", "review_codes")),
        *(("data-csv", (table,)) for table in ("dictionary", "values")),
        ("data-parquet", ("values",)),
    ):
        assert seeker.get(name, *args) == (200, set()), (name, args)
    shown = words(world, who, "title", "board", "nation")
    assert seeker.get("data-csv", "reviews") == (200, shown)
    status, seen = seeker.get("data-parquet", "reviews")
    assert status == 200
    assert seen <= shown
    for table, kind in (
        ("judgement_quotes", "judged"),
        ("codings", "coded"),
        ("recommendations", "asked"),
    ):
        found = of_open_reports(world, who, kind)
        assert seeker.get("data-csv", table) == (200, found), table


def test_a_notebook_and_a_folder_of_files_hold_what_an_account_may_see(seeker, world, tmp_path):
    who = seeker.who
    by = "" if who == VISITOR else who
    shown = {
        api.reviews: words(world, who, "title", "board", "nation"),
        api.judgement_quotes: of_open_reports(world, who, "judged"),
        api.codings: of_open_reports(world, who, "coded"),
        api.recommendations: of_open_reports(world, who, "asked"),
        **{table: set() for table in (api.children, api.judgements, api.review_codes)},
    }
    for table, found in shown.items():
        for overview in ("", "matrix"):
            said = table(by=by, overview=overview).to_csv()
            assert set(CANARY.findall(said)) == found, (table.__name__, overview)
    assert CANARY.search(api.dictionary().to_csv()) is None
    now, formats = timezone.now(), ["csv"]
    folder = tmp_path / "records"
    export_records(by=seeker.person, folder=folder, now=now, formats=formats)
    assert canaries_in(folder) == set().union(*shown.values())
    folder = tmp_path / "overview"
    export_overview(by=seeker.person, slug="matrix", folder=folder, now=now, formats=formats)
    assert canaries_in(folder) == set().union(*shown.values())


def canaries_in(folder: Path) -> set[str]:
    """Those in all files of a folder."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return set().union(*(CANARY.findall(file.read_text("utf-8")) for file in files))


# ---- the pages of those who work here ----


def test_the_list_of_what_is_held_names_what_is_gone_to_those_only_who_may_bring_it_back(
    seeker, world
):
    who = seeker.who
    if who not in STAFF:
        assert seeker.get("staff")[0] == (302 if who == VISITOR else 403)
        return
    may = of_all(world, who).union(*(cell.held(who) for cell in world))
    found = seeker.leaf("staff")
    assert found <= may
    named = words(world, who, "title", "file")
    if who in KEEPERS:
        named = set().union(*(cell.words("title", "file") for cell in world))
    assert found == named | words(world, who, "nation")  # the filter by nation
    for state in State.values:
        assert seeker.get("staff", state=state)[1] <= may


def test_my_work_names_only_what_the_person_can_open(seeker, world):
    who = seeker.who
    if who not in STAFF:
        assert seeker.get("my-work") == (302 if who == VISITOR else 403, set())
        return
    for cell in world[:: seeker.every]:
        for item in (cell.report, cell.review):
            record_about(seeker.person, "edit", item, NOON)
        status, seen = seeker.get("my-work")
        assert status == 200
        assert seen <= of_all(world, who)
        assert bool(seen & cell.words("title")) == cell.open_to(who)[0]
    for waiting in ("ready", "coding", "settling"):
        assert seeker.get("staff", waiting=waiting)[1] <= of_all(world, who)


def test_uploads_and_states_are_open_to_those_only_who_may_change_them(seeker, world):
    who, cell = seeker.who, world[-1]
    pages = (
        ("upload", ()),
        ("upload-batch", ("matrix",)),
        ("review-state", (cell.review.reference,)),
        ("publish-review", (cell.review.reference,)),
        ("family-told", (cell.review.reference,)),
        ("report-state", (cell.report.key,)),
    )
    may = set().union(*(cell.allowed(who) | cell.held(who) for cell in world))
    for name, args in pages:
        status, seen = seeker.get(name, *args)
        assert seen <= may, name
        if who in KEEPERS:
            assert status == 200, name
            assert seen, name
        else:
            assert (status, seen) == (302 if who == VISITOR else 403, set()), name
    allowed = 302 if who == VISITOR else 200 if who == Role.EDITOR else 403
    assert seeker.get("withdraw-overview", "matrix") == (allowed, set())
    assert seeker.get("note-edition", "matrix", 1) == (allowed, set())
    assert seeker.get("next-edition", "matrix") == (allowed, set())


def test_the_forms_of_cataloguers_hold_for_each_only_what_they_may_see(seeker, world):
    who = seeker.who
    refused = 302 if who == VISITOR else 403
    for cell in world[:: seeker.every]:
        review, report = cell.open_to(who)
        for name in ("edit-review", "review-steps", "review-about"):
            status, seen = seeker.get(name, cell.review.reference)
            if who not in KEEPERS:
                assert (status, seen) == (refused, set()), (name, cell)
                continue
            assert status == (200 if review else 404), (name, cell)
            assert seen <= cell.allowed(who), (name, cell)
            if review and name == "edit-review":
                assert seen >= cell.words(*OF_REVIEW), cell
                assert seen >= (cell.words("judged", "asked") if report else set()), cell
    pages = ("held-resources", "due") if who in STAFF else ()
    for name in ("held-resources", "due", "add-resource", "subject-names", "broken-links"):
        opened = who in KEEPERS or name in pages
        assert seeker.get(name) == (200 if opened else refused, set()), name
    for name in ("edit-resource", "resource-about", "resource-address", "resource-history"):
        assert seeker.get(name, "none") == (404 if who in KEEPERS else refused, set()), name
    assert seeker.get("resources") == (301, set())
    for name in MOVED:
        assert seeker.get(name, "none") == (301, set()), name
    assert seeker.get("resource", "none") == (404, set())


def test_bulk_changes_and_exports_hold_only_what_the_person_may_see(seeker, world):
    who = seeker.who
    refused = 302 if who == VISITOR else 403
    may = of_all(world, who).union(*(cell.held(who) for cell in world))
    status, seen = seeker.get("bulk-preview", "review", all="yes", do="internal")
    assert status == (200 if who in KEEPERS else refused)
    assert seen <= (may if who in KEEPERS else set())
    for ending in ("csv", "ris", "json"):
        status, seen = seeker.get("bulk-preview", "review", all="yes", do=ending)
        assert status == (200 if who in STAFF else refused), ending
        assert seen <= of_all(world, who), ending
        assert bool(seen) == (who in STAFF), ending
    for name, args, found in (
        ("bulk-changes", (), 200),
        ("bulk-change", ("none",), 404),
        ("bulk-undo", ("none",), 404),
    ):
        assert seeker.get(name, *args) == (found if who in KEEPERS else refused, set()), name


def test_the_files_and_the_history_of_a_review_are_for_those_who_may_show_them_again(seeker, world):
    who = seeker.who
    for cell in world[:: seeker.every]:
        open_to_staff = 200 if cell.open_to(who)[0] else 404
        may = cell.allowed(who) | cell.held(who) if who in KEEPERS else set()
        for name in ("review-files", "review-history"):
            status, seen = seeker.get(name, cell.review.reference)
            refused = 302 if who == VISITOR else 403
            assert status == (open_to_staff if who in KEEPERS else refused), (name, cell)
            assert seen <= may, (name, cell)


def test_the_searches_that_one_keeps_are_for_those_who_are_signed_in(seeker, world):
    signed_in = seeker.who != VISITOR
    assert seeker.get("saved-searches") == (200 if signed_in else 302, set())
    assert seeker.get("saved-search", 1) == (404 if signed_in else 302, set())
    assert seeker.get("search-history") == (200 if signed_in else 302, set())
    assert seeker.get("combined-search") == (400 if signed_in else 302, set())
    for name, args in (("save-search", []), ("rename-search", [1]), ("delete-search", [1])):
        assert seeker.get(name, *args) == (405 if signed_in else 302, set()), name


def test_the_pages_of_the_repository_are_open_to_its_keepers_alone(seeker, world):
    who, cell = seeker.who, world[-1]
    may = set().union(*(cell.allowed(who) | cell.held(who) for cell in world))
    found = 200 if who in KEEPERS else 302 if who == VISITOR else 403
    none = 404 if who in KEEPERS else found
    for name, args, status in (
        ("keeping", (), found),
        ("report-keeping", (cell.report.key,), found),
        ("original-decision", (cell.report.key,), found),
        ("withdraw-review", (cell.review.reference,), found),
        ("withdraw-report", (cell.report.key,), found),
        ("resource-words", ("none",), none),
        ("withdraw-resource", ("none",), none),
        ("resource-state", ("none",), none),
        ("deposits", (), found),
        ("deposit-check", ("none",), none),
        ("return-deposits", (), found),
        ("concerns", (), found),
        ("edit-notices", (), found),
        ("page-feedback", (), 405),
        ("end-notice", (1,), 405),
        ("concern-check", ("none",), none),
        ("letters", (), found),
        ("letter-again", (1,), 405),
    ):
        answer, seen = seeker.get(name, *args)
        assert answer == status, name
        assert seen <= (may if who in KEEPERS else set()), name


def test_subjects_are_public_and_kept_by_those_who_catalogue(seeker, world):
    who = seeker.who
    for name, args, status in (
        ("subjects", (), 200),
        ("thesaurus-file", (), 200),
        ("subject", ("none",), 404),
        ("subject-file", ("none", "ttl"), 404),
    ):
        assert seeker.get(name, *args) == (status, set()), name
    refused = 302 if who == VISITOR else 403
    for name, args, status in (
        ("keep-subjects", (), 200),
        ("divided-subjects", (), 200),
        ("add-subject", (), 200),
        ("edit-subject", ("none",), 404),
        ("load-subjects", (), 200),
        ("load-subjects-preview", ("none",), 404),
        ("imports", (), 200),
        ("import", ("none",), 404),
    ):
        assert seeker.get(name, *args) == (status if who in KEEPERS else refused, set()), name
    none = 404 if who in STAFF else refused
    assert seeker.get("review-abstract", world[0].review.reference) == (none, set())


def test_codings_are_exchanged_by_those_who_code(seeker, world):
    who = seeker.who
    refused = 302 if who == VISITOR else 403
    may = who in {Role.CODER, Role.ANALYST}
    assert seeker.get("framework-codebook", "cr-core", "1.0.0") == (200, set())
    assert seeker.get("coding-exchange") == (200 if may else refused, set())
    assert seeker.get("coding-import", "none") == (404 if may else refused, set())
    assert seeker.get("coding-export") == (405, set())
    # Settled codings of reviews that staff may read, as everywhere in the workspace.
    status, seen = seeker.get("coding-queries")
    assert status == (200 if may else refused)
    assert seen <= (of_all(world, who) if may else set())
    assert seeker.get("coding-results", "csv") == (405, set())
    answer = seeker.client.post(reverse("coding-results", args=["csv"]))
    assert answer.status_code == (200 if who == Role.ANALYST else refused)
    seen = set(CANARY.findall(answer.content.decode()))
    assert seen <= (of_all(world, who) if who == Role.ANALYST else set())
    loads = who in {Role.ANALYST, Role.ADMINISTRATOR}
    assert seeker.get("import-codebook") == (200 if loads else refused, set())


def test_overviews_are_worked_on_by_analysts_alone(seeker, world):
    who = seeker.who
    may = of_all(world, who)
    opened = 200 if who == Role.ANALYST else 302 if who == VISITOR else 403
    for name, args in (
        ("specs", ()),
        ("new-overview", ()),
        ("overview-reviews", ("matrix",)),
        ("overview-freeze", ("matrix",)),
        ("check-tables", ("matrix",)),
        ("overview-tables", ("matrix",)),
        ("add-table", ("matrix",)),
        ("edit-table", ("matrix", "T1")),
        ("add-figure", ("matrix", "T1")),
        ("spec", ("matrix",)),
        ("spec-history", ("matrix",)),
        ("spec-version", ("matrix", 1)),
    ):
        status, seen = seeker.get(name, *args)
        # The list is an editor's too: first editions wait there for their signature.
        listed = name == "specs" and who == Role.EDITOR
        assert status == (200 if listed else opened), name
        assert seen <= (may if who == Role.ANALYST else set()), name
    none = 404 if opened == 200 else opened
    assert seeker.get("edit-figure", "matrix", "F99") == (none, set())
    assert seeker.get("spec-preview", "matrix") == (405, set())
    assert seeker.get("fill-other-overviews", "matrix") == (405, set())
    assert seeker.get("table-preview", "matrix", "T1") == (405, set())
    for name in ("remedy", "store-unsaved", "drop-unsaved", "confirm-texts"):
        slot = [] if name in {"remedy", "confirm-texts"} else ["introduction"]
        assert seeker.get(name, "matrix", *slot) == (405, set())


def test_accounts_are_managed_by_administrators_alone(seeker, world):
    opened = 200 if seeker.who == Role.ADMINISTRATOR else 302 if seeker.who == VISITOR else 403
    assert seeker.get("accounts") == (opened, set())
    none = 404 if opened == 200 else opened
    assert seeker.get("manage-account", 999_999_999) == (none, set())
    assert seeker.get("invite-account") == (opened, set())
    # Titles of what staff can open anyway, and nothing of what is withdrawn.
    status, seen = seeker.get("audit-log")
    assert status == opened
    assert seen <= set().union(*(cell.allowed(seeker.who) for cell in world))


def test_hidden_text_is_on_the_page_of_its_report_alone_and_for_those_who_answer_for_it(
    world, seeker
):
    who, cell = seeker.who, world[0]
    refused = 302 if who == VISITOR else 403
    answer = seeker.get("hidden-text", cell.report.key)
    if who in KEEPERS:
        shown = cell.words("hidden", "file", "report")
        assert answer[0] == 200
        assert cell.words("hidden") <= answer[1] <= shown | cell.held(who)
    else:
        assert answer == (refused, set())
    status, seen = seeker.get("hidden-texts")
    assert (status, bool(seen)) == ((200, True) if who in KEEPERS else (refused, False))
    assert not seen & set().union(*(each.words("hidden") for each in world))


def test_alerts_and_scanned_pages_are_for_those_who_decide_on_them(world, seeker):
    who, cell = seeker.who, world[0]
    refused = 302 if who == VISITOR else 403
    pages = (
        ("anonymity", cell.report.key),
        ("anonymity-checks",),
        ("anonymity-words",),
        ("review-words", cell.review.reference),
        ("scanned-pages", cell.report.key),
    )
    for name, *args in pages:
        status, seen = seeker.get(name, *args)
        if who in KEEPERS:
            assert status == 200, name
            assert not seen & cell.words("hidden"), name
        else:
            assert (status, seen) == (refused, set()), name
    assert seeker.get("release-pages", cell.report.key) == (405, set())


def test_newer_texts_are_for_those_who_add_reports_and_of_reports_that_staff_can_read(
    world, seeker
):
    who = seeker.who
    refused = 302 if who == VISITOR else 403
    for cell in world[:: seeker.every]:
        status, seen = seeker.get("newer-text", cell.report.key)
        if who not in KEEPERS:
            assert (status, seen) == (refused, set())
        elif cell.open_to(who)[1]:
            assert status == 200
            assert seen <= cell.words("file", "report") | cell.held(who)
        else:
            assert (status, seen) == (404, set())
        # Without a newer text there is nothing to reject: the page leads to the one before.
        answer = 302 if cell.open_to(who)[1] else 404
        status, seen = seeker.get("reject-text", cell.report.key)
        assert (status, seen) == (answer if who in KEEPERS else refused, set())
    status, _ = seeker.get("newer-texts")
    assert status == (200 if who in KEEPERS else refused)
    assert seeker.get("accept-text", world[0].report.key) == (405, set())


def test_a_token_drawn_at_random_is_no_canary_and_whatever_stands_beside_it_is():
    token = f"kxaabq{'A' * 58}"
    page = f'<input name="csrfmiddlewaretoken" value="{token}"> kxaacq csrftoken={token}; kxaadq'
    assert CANARY.findall(TOKEN.sub("", page)) == ["kxaacq", "kxaadq"]


def test_issues_of_alerts_hold_public_records_alone_and_are_made_by_their_editors(seeker, world):
    who = seeker.who
    public = set().union(*(cell.allowed(VISITOR) for cell in world))
    for name, args, status in (
        ("alert-criteria", (), 200),
        ("alert-archive", ("library",), 200),
        ("alert-issue", ("library", 1), 404),
        ("alert-feed", ("library",), 200),
    ):
        answer, seen = seeker.get(name, *args)
        assert (answer, seen <= public) == (status, True), name
    other = 302 if who == VISITOR else 403
    editor = 200 if who in {Role.CATALOGUER, Role.EDITOR} else other
    no_row = 404 if who in {Role.CATALOGUER, Role.EDITOR} else other
    administrator = 200 if who == Role.ADMINISTRATOR else other
    for name, args, status in (
        ("edit-alerts", (), editor),
        ("alert-inbox", (), editor),
        ("alert-issues", ("library",), editor),
        ("edit-alert-issue", (1,), no_row),
        ("preview-alert", (1,), no_row),
        ("alert-email", (1,), no_row),
        ("alert-delivery", (1,), no_row),
        ("edit-alert-item", (1,), no_row),
        ("alert-feeds", (), administrator),
        ("gather-alerts", (), 405),
        ("decide-candidate", (1,), 405),
        ("change-feed", (1,), 405),
        ("alert-schedule", ("library",), 405),
    ):
        answer, seen = seeker.get(name, *args)
        assert (answer, seen <= public) == (status, True), name


def test_the_other_pages_hold_nothing_of_any_review(seeker, world):
    for name in (
        "about",
        "help",
        "accessibility",
        "sign-in",
        "account",
        "password",
        "own-sessions",
        "second-factor",
        "add-app",
        "passkeys",
    ):
        assert seeker.get(name)[1] == set(), name
    site = ("contact", "privacy", "terms", "complaints", "notices")
    for name in ("alerts", "alert-erased", "deposit", "concern", "removals", "robots", *site):
        assert seeker.get(name) == (200, set()), name
    assert seeker.get("advanced-search") == (200, set())
    assert seeker.get("forgotten-password") == (200, set())
    assert seeker.get("second-step") == (302, set())
    assert seeker.get("remove-passkey", 1)[1] == set()
    assert seeker.get("organisation-sign-in") == seeker.get("organisation-back") == (404, set())
    assert seeker.get("account-link", "none") == (404, set())
    assert seeker.get("ask") == (200, set())
    assert seeker.get("answers") == (200, set())
    assert seeker.get("answer", "none") == (404, set())
    assert seeker.get("ask-for-copy", "none") == (404, set())
    assert seeker.get("check-references") == (200, set())
    assert seeker.get("enquiry-thread", "none", "none") == (404, set())
    assert seeker.get("enquiry-search-report", "none", "none", 1, "pdf") == (404, set())
    for name in ("library", "themes"):
        assert seeker.get(name) == (301, set()), name
    assert seeker.get("deposited", "none") == (404, set())
    assert seeker.get("confirm-deposit", "none") == (404, set())
    assert seeker.get("concern-received", "none") == (404, set())
    assert seeker.get("feedback-received", "none") == (404, set())
    assert seeker.get("alert-confirm", "none") == (410, set())
    assert seeker.get("alert-unsubscribe", "none", "weekly") == (200, set())
    for name in ("alert-preferences", "alert-erase"):
        assert seeker.get(name, "none") == (404, set()), name
    for name in ("alert-address", "alert-stop"):
        assert seeker.get(name, "none") == (405, set()), name
    approver = 404 if seeker.who == Role.EDITOR else 302 if seeker.who == VISITOR else 403
    assert seeker.get("alert-record", 999_999) == (approver, set())
    keeper = 200 if seeker.who in KEEPERS else 302 if seeker.who == VISITOR else 403
    for name in ("subscribers", "add-subscriber", "failing-subscribers", "deliveries"):
        assert seeker.get(name) == (keeper, set()), name
    for name in ("subscriber", "subscriber-failures"):
        assert seeker.get(name, 1)[0] == (404 if seeker.who in KEEPERS else keeper), name
    assert seeker.get("find-subscriber") == (405, set())
    staff = 200 if seeker.who in STAFF else 302 if seeker.who == VISITOR else 403
    assert seeker.get("feedback") == (staff, set())


def test_enquiries_are_for_the_desk_alone_and_show_nothing_of_any_review(seeker, world):
    refused = 302 if seeker.who == VISITOR else 403
    status = 200 if seeker.who in KEEPERS else refused
    for name in (
        *("enquiries", "log-call", "sort-emails", "inbound-mail", "desk-statistics"),
        *("edit-answers", "new-answer", "gaps"),
    ):
        assert seeker.get(name) == (status, set()), name
    for name in ("searches", "new-search"):
        assert seeker.get(name) == (status, set()), name
    none = 404 if seeker.who in KEEPERS else refused
    assert seeker.get("enquiry", "E2026-222222") == (none, set())
    assert seeker.get("edit-answer", "none") == (none, set())
    assert seeker.get("gap", 1) == (none, set())
    assert seeker.get("consultancy", "E2026-222222") == (none, set())
    assert seeker.get("resource-holdings", "none") == (none, set())
    assert seeker.get("enquiry-attachment", "E2026-222222", 1) == (none, set())
    assert seeker.get("sort-email", 1) == (none, set())
    assert seeker.get("inbound-file", 1) == (none, set())
    assert seeker.get("enquiry-references", "E2026-222222") == (none, set())
    assert seeker.get("store-answer", "E2026-222222") == (405, set())
    for name in ("literature-search", "edit-search", "search-results"):
        assert seeker.get(name, 1) == (none, set()), name
    assert seeker.get("search-source", 1, 1) == (none, set())
    assert seeker.get("search-report", 1, "pdf") == (none, set())


def test_bodies_are_named_to_those_only_who_may_see_a_review_of_theirs(seeker, world):
    who = seeker.who
    assert seeker.leaf("bodies") == words(world, who, "board", "nation")
    key_of = dict(Body.objects.values_list("name", "key"))
    refused = 302 if who == VISITOR else 403
    keeper = 200 if who in KEEPERS else refused
    for cell in world[:: seeker.every]:
        # The address is made from the name; a page that does not exist repeats its address.
        key = key_of[cell.review.board]
        asked = set(CANARY.findall(key))
        status, seen = seeker.get("body", key)
        open_to, _ = cell.open_to(who)
        assert (status, seen - asked <= cell.allowed(who)) == (200 if open_to else 404, True)
        for name, args in (
            ("body-json", (key,)),
            ("body-audit", (key,)),
            ("body-audit-file", (key, "docx")),
        ):
            status, seen = seeker.get(name, *args)
            assert (status, seen - asked <= cell.allowed(who)) == (200 if open_to else 404, True)
        for name in ("edit-body", "merge-body"):
            status, seen = seeker.get(name, key)
            assert status == keeper
            assert seen - asked <= (cell.words("board", "nation") if who in KEEPERS else set())
    for name in ("keep-bodies", "add-body"):
        assert seeker.get(name)[0] == keeper


BESIDE = ("asked", "title")
"""What the page of one recommendation shows of others that say nearly the same."""


def test_other_overviews_are_shown_once_listed_and_written_by_analysts_and_editors(seeker, world):
    who = seeker.who
    writes = who in {Role.ANALYST, Role.EDITOR}
    keeper = 200 if writes else 302 if who == VISITOR else 403
    facts = {"title": "Of others", "body": "B", "period": "2001", "caveats": ("C",)}
    for slug in ("listed", "hidden"):
        entry = OtherOverviewEntry(slug=slug, judged_by="J", **facts)
        row = save_other_overview(by=None, entry=entry, now=timezone.now())
        if slug == "listed":
            list_other_overview(by=None, overview=row, now=timezone.now())
    for name in ("other-overviews", "other-overviews-csv"):
        assert seeker.get(name) == (200, set())
    assert seeker.get("other-overview", "listed") == (200, set())
    assert seeker.get("other-overview", "hidden")[0] == (200 if writes else 404)
    for name, args in (
        ("keep-other-overviews", ()),
        ("add-other-overview", ()),
        ("edit-other-overview", ("listed",)),
    ):
        assert seeker.get(name, *args)[0] == keeper


def test_authors_are_shown_for_works_that_are_public_and_edited_by_those_who_catalogue(
    seeker, world
):
    who = seeker.who
    keeper = 200 if who in KEEPERS else 302 if who == VISITOR else 403
    public = catalogued("Ash, Ann", title="Public work")
    set_resource_state(by=None, resource=public, state=State.PUBLISHED, now=timezone.now())
    catalogued("Yew, Yvonne", title="Hidden work")
    add_authors_of_works(by=None, now=timezone.now())
    assert seeker.get("authors") == (200, set())
    for name in ("author", "author-json"):
        assert seeker.get(name, "ash-ann")[0] == 200
        assert seeker.get(name, "yew-yvonne")[0] == (200 if who in STAFF else 404)
    for name, args in (("keep-authors", ()), ("edit-author", ("ash-ann",))):
        assert seeker.get(name, *args)[0] == keeper


def test_recommendations_and_their_ledgers_are_shown_with_the_words_they_are_about(seeker, world):
    who = seeker.who
    asked, everything = of_open_reports(world, who, "asked"), of_all(world, who)
    assert asked <= seeker.leaf("recommendation-list") <= everything
    for name, args in (
        ("recommendations", ()),
        ("recommendation-counts", ("csv",)),
        ("recommendation-rows", ("json",)),
    ):
        status, seen = seeker.get(name, *args)
        assert (status, seen <= everything) == (200, True), name
    assert asked <= seen
    refused = 302 if who == VISITOR else 403
    keeper = 200 if who in KEEPERS else refused
    for cell in world[:: seeker.every]:
        status, seen = seeker.get("recommendation", cell.review.reference, 1)
        _, open_to = cell.open_to(who)
        # All ask for nearly the same: what others ask is shown too, if they are open to the person.
        before = of_open_reports(world, who, *BESIDE)
        assert (status, seen <= cell.allowed(who) | before) == (200 if open_to else 404, True)
        assert (cell.words("asked", "addressed") <= seen) == open_to
        status, seen = seeker.get("edit-ledger", cell.review.reference, 1)
        assert status == (404 if keeper == 200 and not open_to else keeper)
        assert seen <= cell.allowed(who)
        status, seen = seeker.get("propose-recommendations", cell.review.reference)
        review_open, _ = cell.open_to(who)
        coder = 200 if who in {Role.CODER, Role.ANALYST} else refused
        assert status == (404 if coder == 200 and not review_open else coder)
        assert seen <= cell.allowed(who) | before
    assert seeker.get("inquiry-scheme", "none") == (404, set())
    assert seeker.get("inquiry-recommendation", "none", 1) == (404, set())
    assert seeker.get("relate-recommendations") == (405, set())
    found = seeker.leaf("follow-up")
    addressed = of_open_reports(world, who, "addressed") if who in KEEPERS else set()
    assert addressed <= found <= everything
    none = 404 if who in KEEPERS else refused
    assert seeker.get("body-contacts", "none") == (none, set())
    assert seeker.get("our-recommendations") == (200, set())
    assert seeker.get("our-recommendation", 1) == (302, set())
    assert seeker.get("enter-our-recommendations", "none") == (404, set())
    assert seeker.get("leave-our-recommendations") == (405, set())


def test_the_workbench_shows_a_report_to_the_coder_of_its_review_alone(seeker, world):
    who = seeker.who
    coder = who in {Role.CODER, Role.ANALYST}
    refused = 302 if who == VISITOR else 403
    framework = ("cr-core", "1.0.0")
    titles = {word for cell in world for word in cell.words("title")}
    for name, args in (("coding-queue", ()), ("coding-keys", framework)):
        status, seen = seeker.get(name, *args)
        assert (status, seen <= of_all(world, who) & titles) == (200 if coder else refused, True)
    # The analyst may code too, but no review is assigned to them.
    assert bool(seeker.leaf("coding-queue")) == (who == Role.CODER)
    assert seeker.get("continue-coding") == (302 if coder or who == VISITOR else 403, set())
    for cell in world[:: seeker.every]:
        desk = (*framework, cell.report.key)
        _, open_to = cell.open_to(who)
        status, seen = seeker.get("workbench", *desk)
        own = 200 if who == Role.CODER and open_to else 404 if coder else refused
        assert (status, seen <= cell.words("title", "board")) == (own, True)
        status, seen = seeker.get("workbench-part", *desk, 1)
        # A memo is shown to its own coder.
        assert (status, seen <= cell.allowed(who) | cell.words("memo")) == (own, True)
        assert (cell.words("text", "coded", "memo") <= seen) == (own == 200)
        # Before the content note, which the seeker has not read.
        for name in ("workbench-find", "workbench-nearest"):
            assert seeker.get(name, *desk) == (302 if own == 200 else own, set())
        none = 404 if coder else refused
        assert seeker.get("workbench-suggestion", *desk) == (none, set())
        for name in ("workbench-begin", "workbench-act", "workbench-finish"):
            assert seeker.get(name, *desk) == (405, set())


def test_every_page_of_the_site_is_looked_at_here():
    here = Path(__file__)
    said = here.read_text("utf-8") + here.with_name("test_records_matrix.py").read_text("utf-8")
    without_a_page = {"sign-out"}
    names = {page.name for page in site_pages()} - without_a_page
    assert {name for name in names if f'"{name}"' not in said} == set()
