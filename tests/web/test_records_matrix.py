"""Who finds which record, everywhere: each thing that may become of it, each person, each way out.

Publications and reviews, each with a word of its own (a canary) in everything that its record says,
went through what may become of them. What leads from record to record, lists them, counts them or
gives them to other programs is then fetched by everybody, while the index still holds all of it as
if it were public, and again when the index has followed.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from defusedxml import ElementTree as ET
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_person, make_report, make_review
from tests.library.conftest import make_resource
from tests.web.seeking import (
    CANARY,
    KEEPERS,
    OVER,
    PEOPLE,
    STAFF,
    STATES,
    THOROUGH,
    TO_COME,
    VISITOR,
    Seeker,
    planted,
    states_open_to,
)
from tests.web.worlds import made_once
from waymark import pipeline
from waymark.accounts.models import Role, State, User
from waymark.documents.files.storage import page_images_folder
from waymark.documents.models import Page, Report, Review
from waymark.documents.reading.words import pack_words
from waymark.library.exchange.writers import WRITINGS
from waymark.library.models import CatalogueRecord, Deposit, DepositState, Resource
from waymark.library.queries import search_json
from waymark.library.queries.thesaurus import NO_SCHEME
from waymark.library.services import (
    catalogue_resource,
    catalogue_review,
    index_changed,
    link_records,
    rebuild_index,
    record_step,
    retention,
    set_details,
    set_subjects,
)
from waymark.library.services.imports import keep_abstract
from waymark.library.services.retention import TombstoneText
from waymark.library.services.saved_searches import save_search
from waymark.library.services.thesaurus import load_thesaurus
from waymark.library.thesaurus import SubjectName, Thesaurus, ThesaurusSubject, write_turtle
from waymark.mail.models import Letter

DAY = timedelta(days=1)
UNSEEN, CLOSED, PART = "withdrawn, never public", "closed again", "report withdrawn"
FATES = (*STATES, UNSEEN, CLOSED, PART)
"""What became of a thing: its state, or how it came to it. PART: of reviews alone."""
NOW_IN = {UNSEEN: State.WITHDRAWN, CLOSED: State.INTERNAL, PART: State.PUBLISHED}
ONCE_PUBLIC = {State.PUBLISHED, State.WITHDRAWN, State.EXPIRED, CLOSED, PART}
TOMBSTONES = {State.WITHDRAWN, State.EXPIRED}
RESOURCE, COURSE, REVIEW = "resource", "course", "review"
SORTS = (RESOURCE, COURSE, REVIEW)

SHARED = ("title", "subject", "summary", "nation", "type")
OF_RESOURCE = (
    *("strapline", "author", "conducted", "publisher", "series", "covers"),
    *("point", "content", "url", "doi"),
)
OF_REVIEW = ("board", "period", "pseudonym", "keyword", "text", "image")
SAID = (*SHARED, *OF_RESOURCE, *OF_REVIEW)
FOR_STAFF = ("abstract", "warning")
"""What an imported abstract said, and what was seen in a file while it was read."""
FOR_KEEPERS = ("step", "depositor", "hold")
"""Why a review took a step, who sent it for the repository, why its file is kept for longer."""
KINDS = {kind: f"{number:c}" for number, kind in enumerate((*SAID, *FOR_STAFF, *FOR_KEEPERS), 97)}
OF_REPORT = ("text", "image", "warning")
NOT_IN_FILES = ("covers", "conducted", "point", "period", "pseudonym")
"""What no form for other programs has a place for."""
FILE_OF = {"review": "review-record", "resource": "resource-record"}
MISTAKE = "It was sent by mistake."
BYNAME = "byname{}"
"""Another name of the subject of a thing: who types it is shown what is about the subject."""


@dataclass(frozen=True)
class Thing:
    """A publication or a review and what became of it; number: its place in the world."""

    number: int
    sort: str
    fate: str
    thing: Resource | Review
    record: CatalogueRecord

    def word(self, kind: str) -> str:
        return planted(KINDS[kind], self.number)

    def words(self, *kinds: str) -> set[str]:
        """The canaries of these kinds, as far as it has them."""
        if self.sort == REVIEW:
            own = {*SHARED, *OF_REVIEW, *FOR_STAFF, *FOR_KEEPERS}
        else:
            own = {"title", "subject", "summary", "nation", *OF_RESOURCE}
            own -= {"series"} if self.sort == COURSE else set()
        return {self.word(kind) for kind in kinds if kind in own}

    @property
    def named(self) -> tuple[str, str]:
        """The name of its page, and what its address says of it."""
        if isinstance(self.thing, Review):
            return "review", self.thing.reference
        return "resource", self.thing.key

    @property
    def identifier(self) -> str:
        return "/".join(self.named)

    @property
    def report(self) -> Report:
        return Report.objects.get(review=self.thing)

    def open_to(self, who: str) -> bool:
        return NOW_IN.get(self.fate, self.fate) in states_open_to(who)

    def status_for(self, who: str) -> int:
        """Of its page: here, gone with a tombstone, or as if it had never been."""
        if self.open_to(who):
            return 200
        return 410 if self.fate in TOMBSTONES else 404

    def allowed(self, who: str) -> set[str]:
        """Every canary of it that a person may find, wherever it is looked for."""
        if not self.open_to(who):
            return set()
        found = self.words(*SAID) | (self.words(*FOR_STAFF) if who in STAFF else set())
        return found - (self.words(*OF_REPORT) if self.fate == PART else set())

    def held(self, who: str) -> set[str]:
        """What those who keep the repository find besides, on pages that are theirs alone."""
        return self.words(*KINDS) if who in KEEPERS else set()


def open_things(world: list[Thing], who: str) -> list[Thing]:
    return [one for one in world if one.open_to(who)]


def of_all(world: list[Thing], who: str) -> set[str]:
    """Every canary that a person may find."""
    return set().union(*(one.allowed(who) for one in world))


def words(world: list[Thing], who: str, *kinds: str) -> set[str]:
    """The canaries of these kinds, as far as a person may find them."""
    return set().union(*(one.words(*kinds) & one.allowed(who) for one in world))


def some_of(world: list[Thing], who: str) -> list[Thing]:
    """All of it for two of the people; for the others some of each fate."""
    return world if who in THOROUGH else world[::2]


# ---- the world ----


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[list[Thing]]:
    """What may become of each sort of thing; the index holds all of it as if all were public."""
    with made_once(django_db_blocker, tmp_path_factory.mktemp("records")):
        yield _world()


def _world() -> list[Thing]:
    now = timezone.now()
    before = now - 3 * DAY
    for who in Role:
        make_person(who, name=who.value)
    pairs = [(fate, sort) for fate in FATES for sort in SORTS if sort == REVIEW or fate != PART]
    _load_subjects(len(pairs), before)
    things = [_entered(number, sort, fate, before) for number, (fate, sort) in enumerate(pairs)]
    hubs = [_hub(sort, before) for sort in (RESOURCE, REVIEW)]
    for one in things:
        for hub in hubs:
            link_records(by=None, source=hub, target=one.record, now=before)
    for one, other in pairwise(things):
        link_records(by=None, source=one.record, target=other.record, now=before)
    for one in things:
        if one.fate in ONCE_PUBLIC:
            pipeline.change_state(by=None, item=one.thing, state=State.PUBLISHED, now=before)
    _index_as_if_all_were_public(things, before)
    hidden = {one.sort: one.record for one in things if one.fate == State.IN_CHECK}
    for one in things:
        _let(one, before if one.fate in {OVER, TO_COME} else now, hidden, now)
    return things


def _load_subjects(number: int, before) -> None:
    """A subject for each thing, to be given to it alone, under one that is wider."""
    birds = ThesaurusSubject(
        "birds", (SubjectName("alternative", "en", "Fowl"), SubjectName("preferred", "en", "Birds"))
    )
    subjects = [birds]
    for one in range(number):
        names = (
            SubjectName("alternative", "en", BYNAME.format(one)),
            SubjectName("preferred", "en", planted(KINDS["subject"], one)),
        )
        subjects.append(ThesaurusSubject(f"subject-{one}", names, broader=frozenset({"birds"})))
    thesaurus = Thesaurus(NO_SCHEME, {one.key: one for one in subjects})
    source = write_turtle(thesaurus).encode()
    load_thesaurus(by=None, source=source, file="birds.ttl", now=before)


def _entered(number: int, sort: str, fate: str, before) -> Thing:
    """A thing as it was received, with a canary in everything that is said of it."""
    word = {kind: planted(letter, number) for kind, letter in KINDS.items()}
    if sort == REVIEW:
        thing = _review(number, word, before)
        record = catalogue_review(by=None, review=thing, now=before)
    else:
        thing = make_resource(
            f"thing-{number}",
            state=State.RECEIVED,
            kind="training-course" if sort == COURSE else "research-report",
            title=f"Title {word['title']}",
            strapline=f"Strapline {word['strapline']}",
            authors=[f"{word['author']}, Ann"],
            conducted_by=f"Body {word['conducted']}",
            publisher=f"Press {word['publisher']}",
            series="Herons" if sort == COURSE else f"Series {word['series']}",
            covers=word["covers"],
            nation=f"Nation {word['nation']}",
            summary=f"About {word['summary']}.",
            key_points=[f"Point {word['point']}."],
            contents=[[f"Chapter {word['content']}", 3]],
            url=f"https://example.org/{word['url']}",
            doi=f"10.1234/{word['doi']}",
            year=2020,
            added_at=before,
        )
        record = catalogue_resource(by=None, resource=thing, now=before)
    about = ["birds"] if sort == COURSE else []
    set_subjects(by=None, record=record, subjects=[f"subject-{number}", *about], now=before)
    return Thing(number, sort, fate, thing, record)


def _review(number: int, word: dict[str, str], before) -> Review:
    review = make_review(
        f"M{number:03}",
        state=State.RECEIVED,
        title=f"Review {word['title']}",
        summary=f"About {word['summary']}.",
        board=f"Board {word['board']}",
        nation=f"Nation {word['nation']}",
        review_type=f"Type {word['type']}",
        period=word["period"],
        added_at=before,
    )
    set_details(
        by=None,
        review=review,
        scheme="eng-scr",
        pseudonym=word["pseudonym"],
        keywords=[word["keyword"]],
        now=before,
    )
    record_step(
        by=None,
        review=review,
        status="summary-only",
        on=before.date(),
        reason=f"Because {word['step']}",
        now=before,
    )
    keep_abstract(
        by=None, review=review, year=2020, abstract={"heading": word["abstract"]}, now=before
    )
    report = make_report(review, f"1.1 The heron {word['text']} stood by.")
    report.warnings = [f"Hidden words: {word['warning']}"]
    report.save(update_fields=["warnings"])
    retention.set_retention(
        by=None,
        report=report,
        until=None,
        legal_hold=True,
        hold_reason=f"Wanted by {word['hold']}",
        reason="A letter came",
        now=before,
    )
    _deposited(review, word["depositor"], before)
    Page.objects.filter(report=report).update(
        has_image=True, width=595, height=842, words=pack_words([])
    )
    kept = page_images_folder() / report.key[:2] / f"{report.key}-1-1240.png"
    kept.parent.mkdir(parents=True, exist_ok=True)
    for image in (kept, kept.parent / f"{report.key}-1-480.webp"):
        image.write_bytes(f"IMAGE {word['image']}".encode())
    return review


def _deposited(review: Review, who: str, before) -> None:
    """Somebody sent it on behalf of a board that is not to be named, and was written to."""
    reference = f"D-{review.reference}"
    Deposit.objects.create(
        reference=reference,
        board=f"Board {who}",
        contact_name=who,
        contact_email=f"{who}@example.org",
        title=f"Review {who}",
        note=who,
        rights="Ours",
        anonymous=True,
        batch=reference,
        state=DepositState.PUBLISHED,
        review=review,
        received_at=before,
    )
    Letter.objects.create(
        key=f"{reference} received",
        to=f"{who}@example.org",
        subject=f"Review {who}",
        body=who,
        message_id=reference,
        written_at=before,
    )


def _hub(sort: str, before) -> CatalogueRecord:
    """A public record without any canary, which all others have to do with."""
    if sort == REVIEW:
        return catalogue_review(by=None, review=make_review("HUB"), now=before)
    hub = make_resource("hub", kind="guidance", series="Herons", year=2021)
    record = catalogue_resource(by=None, resource=hub, now=before)
    set_subjects(by=None, record=record, subjects=["birds"], now=before)
    return record


def _index_as_if_all_were_public(things: list[Thing], before) -> None:
    kept = [(one.thing, type(one.thing).objects.get(pk=one.thing.pk).state) for one in things]
    for rows in (Review, Resource):
        rows.objects.update(state=State.PUBLISHED)
    rebuild_index(now=before)
    for thing, state in kept:
        type(thing).objects.filter(pk=thing.pk).update(state=state)


def _let(one: Thing, when, hidden: dict[str, CatalogueRecord], now) -> None:
    """Have become of a thing what its fate says; of a tombstone the successor is hidden."""
    thing = one.report if one.fate == PART else one.thing
    state = State.WITHDRAWN if one.fate == PART else NOW_IN.get(one.fate, one.fate)
    until = {OVER: now - DAY, TO_COME: now + DAY}.get(one.fate)
    pipeline.change_state(
        by=None,
        item=thing,
        state=State.EMBARGOED if until else state,
        public_from=until,
        now=when,
        tombstone=TombstoneText(MISTAKE, successor=hidden[one.sort]),
    )


@pytest.fixture(params=PEOPLE)
def seeker(request, world, db) -> Seeker:
    return Seeker(request.param)


@pytest.fixture(scope="module")
def followed(world, tmp_path_factory) -> Path:
    """A folder whose index has followed all that became of things."""
    folder = tmp_path_factory.mktemp("followed") / "data"
    shutil.copytree(settings.DATA, folder)
    with override_settings(DATA=folder), transaction.atomic():
        index_changed(now=timezone.now())
        transaction.set_rollback(True)
    return folder


@pytest.fixture(params=["behind", "followed"])
def index(request, world, followed, db) -> Iterator[str]:
    """The index as it was before anything became of anything, and as it has followed."""
    if request.param == "behind":
        yield request.param
        return
    with override_settings(DATA=followed):
        index_changed(now=timezone.now(), limit=0)
        CatalogueRecord.objects.update(indexed_at=F("changed_at"))
        yield request.param


def listed(world: list[Thing], who: str, index: str) -> list[Thing]:
    """What a search may list. One that the index holds more of than is open is left out until the
    index has followed."""
    found = open_things(world, who)
    return found if index == "followed" else [one for one in found if one.fate != PART]


# ---- a record, its files, what stands in its place, what it leads to ----


def test_the_page_and_the_files_of_a_record_show_each_only_what_they_may_see(seeker, world):
    who, endings = seeker.who, list(WRITINGS)
    may = of_all(world, who)
    for one in some_of(world, who):
        page, name = one.named
        status, seen = seeker.get(page, name)
        assert status == one.status_for(who), one
        assert seen <= may, one
        assert (MISTAKE in seeker.said) == (status == 410 or one.fate == PART), one
        if status == 200:
            assert seen >= one.words(*SAID) - one.words("series", "keyword", *OF_REPORT), one
        here = endings if who in THOROUGH else [endings[one.number % len(endings)]]
        told: set[str] = set()
        for ending in here:
            status, seen = seeker.get(FILE_OF[page], name, ending)
            assert status == one.status_for(who), (one, ending)
            assert seen <= may, (one, ending)
            told |= seen
        if status == 200:
            assert one.word("title") in told, one
        if status == 200 and who in THOROUGH:
            assert told >= one.words(*SAID) - one.words(*NOT_IN_FILES, *OF_REPORT), one


def test_a_tombstone_names_what_to_look_at_instead_to_those_only_who_may_see_it(seeker, world):
    who = seeker.who
    for one in world:
        if one.fate in TOMBSTONES:
            hidden = next(x for x in world if (x.sort, x.fate) == (one.sort, State.IN_CHECK))
            named = hidden.words("title") if who in STAFF else set()
            assert seeker.get(*one.named) == (410, named), one


def test_the_pages_of_a_report_that_went_say_so_without_a_word_of_it(seeker, world):
    who = seeker.who
    for one in some_of(world, who):
        if one.sort != REVIEW:
            continue
        report = one.report
        gone = 410 if one.fate == PART else one.status_for(who)
        passage = report.passages.values_list("key", flat=True)[0]
        for name, args in (
            ("report", (report.key,)),
            ("to-page", (report.key,)),
            ("report-page", (report.key, 1)),
            ("page-image", (report.key, 1)),
            ("page-image-webp", (report.key, 1, 480)),
            ("passage", (passage,)),
            ("passage-page", (passage,)),
        ):
            status, seen = seeker.get(name, *args)
            if gone == 200:
                assert status in {200, 302}, (one, name)
                warned = (
                    one.words("warning")
                    if name in {"report", "report-page"} and who in STAFF
                    else set()
                )
                assert seen & one.words("warning") == warned, (one, name)
                assert seen <= one.allowed(who), (one, name)
            else:
                assert status == gone, (one, name)
                assert seen <= words(world, who, "title"), (one, name)


def test_a_public_record_names_of_those_it_has_to_do_with_only_what_each_may_see(seeker, world):
    who = seeker.who
    titles = words(world, who, "title")
    assert seeker.get("resource", "hub") == (200, titles)
    assert seeker.get("review", "HUB") == (200, titles)
    hidden = {one.named[1] for one in world} - {one.named[1] for one in open_things(world, who)}
    for page, name in (("resource", "hub"), ("review", "HUB")):
        for where in (("page",), *WRITINGS):
            args = (page, name) if where == ("page",) else (FILE_OF[page], name, where)
            assert seeker.get(*args)[1] <= titles, where
            assert not {one for one in hidden if f"/{one}/" in seeker.said}, where


# ---- what brings many together ----


def test_every_list_of_what_is_found_holds_for_each_only_what_they_may_see(seeker, world, index):
    who = seeker.who
    found = listed(world, who, index)
    may = of_all(world, who)
    titles = set().union(*(one.words("title") for one in found))
    everything = {"subject": "birds"}
    shown = seeker.leaf("find", sort="oldest")
    assert shown <= may
    assert shown >= titles | set().union(*(one.words("nation", "type") for one in found))
    # Beside few records that hold all of the words stand those that hold some.
    texts = set().union(*(one.words("text") for one in found if one.fate != PART))
    status, seen = seeker.get("find", q="heron kingfisher")
    assert seen <= may
    assert seen & texts
    for name, args in (
        *(("results", (ending,)) for ending in WRITINGS),
        ("results-json", ()),
        ("feed-atom", ()),
        ("feed-rss", ()),
    ):
        status, seen = seeker.get(name, *args, **everything)
        assert status == 200, (name, args)
        assert seen <= may, (name, args)
        assert seen >= titles, (name, args)


def test_every_count_is_for_each_of_what_they_may_see(seeker, world, index):
    who = seeker.who
    found = listed(world, who, index)
    hubs = 2
    answer = seeker.client.get(reverse("find")).context["answer"]
    assert answer.total == len(found) + hubs
    counted = {one.name: {v.value: v.count for v in one.values} for one in answer.facets}
    kinds = Counter(
        {RESOURCE: "research-report", COURSE: "training-course", REVIEW: "case-review"}[one.sort]
        for one in found
    )
    assert counted["kind"] == kinds + Counter(["guidance", "case-review"])
    assert counted["nation"] == {f"Nation {one.word('nation')}": 1 for one in found}
    assert counted["type"] == {f"Type {x.word('type')}": 1 for x in found if x.sort == REVIEW}
    assert counted["subject"] == {f"subject-{one.number}": 1 for one in found}
    assert counted["year"] == {"2020": len(found), "2021": 1}
    # By another name of a wider subject one finds all that stands under it.
    answer = seeker.client.get(reverse("find"), {"q": "subject:fowl"}).context["answer"]
    assert answer.total == len(found) + 1
    answer = seeker.client.get(reverse("find"), {"q": "heron"}).context["answer"]
    reports = [one for one in found if one.sort == REVIEW and one.fate != PART]
    courses = [one for one in found if one.sort == COURSE]
    assert (answer.total, answer.passages_total) == (len(reports) + len(courses) + 1, len(reports))


@pytest.mark.parametrize("who", sorted(THOROUGH))
def test_words_and_subjects_find_a_record_for_those_only_who_may_see_it(world, index, who):
    client = Seeker(who).client
    found = listed(world, who, index)
    for one in world:
        worded = one in found and one.sort == REVIEW and one.fate != PART
        asked_for = [
            ({"q": one.word("title"), "subject": f"subject-{one.number}"}, one in found),
            ({"q": BYNAME.format(one.number)}, one in found),
            *([({"q": one.word("text")}, worded)] if one.sort == REVIEW else []),
        ]
        for asked, there in asked_for:
            answer = client.get(reverse("find"), asked).context["answer"]
            assert answer.total == there, (one, asked)


def test_did_you_mean_offers_only_words_that_each_may_see(seeker, world, index):
    who = seeker.who
    may = of_all(world, who)
    sought = [one.word("title") for one in world]
    sought += [one.word("text") for one in world if one.sort == REVIEW]
    offered: set[str] = set()
    for first in range(0, len(sought), 6):
        wrong = [f"{word[:-1]}x" for word in sought[first : first + 6]]
        asked = {"q": " OR ".join([*wrong, "hreon"])}
        answer = seeker.client.get(reverse("find"), asked).context["answer"]
        assert answer.total == 0, asked
        told = set(CANARY.findall(answer.suggestion.query))
        assert told <= may, asked
        offered |= told
    assert offered


def test_a_search_that_was_kept_finds_today_what_its_owner_may_see(seeker, world, index):
    who = seeker.who
    if who == VISITOR:
        return
    owner = User.objects.get(username=who)
    found = listed(world, who, index)
    for one in world[::4]:
        kept = save_search(
            by=owner, name="mine", query=one.word("title"), now=timezone.now(), filters={}
        )
        assert seeker.get("saved-search", kept.pk) == (302, one.words("title"))
        answer = seeker.client.get(reverse("saved-search", args=[kept.pk]), follow=True)
        assert answer.context["answer"].total == (one in found), one
        assert set(CANARY.findall(answer.content.decode())) <= of_all(world, who) | one.words(
            "title"
        )
        seeker.client.post(reverse("delete-search", args=[kept.pk]))


def test_lists_of_publications_and_the_start_page_count_for_each_what_they_may_see(seeker, world):
    who = seeker.who
    found = open_things(world, who)
    sorts = Counter(one.sort for one in found)
    resources = [one for one in found if one.sort != REVIEW]
    listed = seeker.leaf("find", collection=["resources", "courses"])
    assert listed >= set().union(*(one.words("title", "nation", "strapline") for one in resources))
    assert listed <= of_all(world, who)
    answer = seeker.client.get(reverse("find"), {"collection": "reviews"}).context["answer"]
    facets = {facet.name: facet.values for facet in answer.facets}
    counts = {one.label: one.count for one in facets["collection"]}
    assert counts["Resources"] == sorts[RESOURCE] + 1
    assert counts["Courses"] == sorts[COURSE]
    start = seeker.client.get(reverse("home"))
    numbers = {one.noun: one.number for one in start.context["totals"]}
    assert numbers["review"] == sorts[REVIEW] + 1
    assert set(CANARY.findall(start.content.decode())) <= of_all(world, who)


def test_subjects_count_for_each_only_the_records_that_they_may_see(seeker, world):
    who = seeker.who
    found = open_things(world, who)
    subjects = {one.word("subject") for one in world}
    # The thesaurus holds no facts about anybody: its names are for all.
    assert seeker.get("subjects") == (200, subjects)
    page = seeker.client.get(reverse("subjects")).content.decode()
    counted = {
        key: int(number or 0)
        for key, number in re.findall(
            r'/subjects/([\w-]+)/">[^<]*</a>(?: <span[^>]*>·\s*(\d+))?', page
        )
    }
    (top,) = counted.keys() - {f"subject-{one.number}" for one in world}
    assert counted.pop(top) == len(found) + 1
    assert counted == {f"subject-{one.number}": int(one in found) for one in world}
    for one in world[:: seeker.every]:
        key = f"subject-{one.number}"
        assert seeker.get("subject", key) == (200, one.words("subject"))
        page = seeker.client.get(reverse("subject", args=[key])).context["page"]
        assert page.records == int(one in found), one
        assert seeker.get("subject-file", key, "ttl") == (200, one.words("subject"))
    assert seeker.get("thesaurus-file") == (200, subjects)


# ---- what machines are told ----


def test_harvesters_are_told_of_what_is_public_in_full_and_of_what_was_that_it_is_gone(
    seeker, world, index
):
    may = of_all(world, VISITOR)
    public = {one.identifier for one in open_things(world, VISITOR)}
    gone = {one.identifier for one in world if one.fate in ONCE_PUBLIC} - public
    # When an embargo has ended by itself is noted by whoever makes the index follow.
    late = {one.identifier for one in world if one.fate == OVER} if index == "behind" else set()
    hubs = {"resource/hub", "review/HUB"}
    for prefix in ("oai_dc", "marc21"):
        whole, told = harvested(seeker, "ListRecords", prefix)
        here = dict.fromkeys((public | hubs) - late, "here")
        assert whole == here | dict.fromkeys(gone, "deleted")
        assert told <= may
        assert told >= words(
            [one for one in world if one.identifier in whole], VISITOR, "title", "summary"
        )
        headers, told = harvested(seeker, "ListIdentifiers", prefix)
        assert (headers, told) == (whole, set())
    for one in world if seeker.who in THOROUGH else ():
        asked = {"verb": "GetRecord", "metadataPrefix": "oai_dc"}
        identifier = f"oai:{settings.REPOSITORY}:{one.identifier}"
        status, seen = seeker.get("oai", **asked, identifier=identifier)
        assert status == 200
        assert seen <= may, one
        assert ("idDoesNotExist" in seeker.said) == (one.identifier not in whole), one


OAI = "{http://www.openarchives.org/OAI/2.0/}"


def harvested(seeker: Seeker, verb: str, prefix: str) -> tuple[dict[str, str], set[str]]:
    """Name of each record -> here or deleted, over all pages of a list; the canaries on them."""
    asked, found, told = {"verb": verb, "metadataPrefix": prefix}, {}, set()
    while True:
        status, seen = seeker.get("oai", **asked)
        assert status == 200
        told |= seen
        page = ET.fromstring(seeker.content)
        for header in page.iter(f"{OAI}header"):
            name = header.findtext(f"{OAI}identifier").rpartition(":")[2]
            found[name] = header.get("status", "here")
        token = page.find(f".//{OAI}resumptionToken")
        if token is None or not token.text:
            return found, told
        asked = {"verb": verb, "resumptionToken": token.text}


def test_the_sitemap_lists_the_pages_of_public_publications_alone(seeker, world):
    status, seen = seeker.get("sitemap")
    assert (status, seen) == (200, set())
    public = [one for one in open_things(world, VISITOR) if one.sort != REVIEW]
    listed_there = {one for one in world if f"/{one.named[1]}/" in seeker.said}
    assert listed_there == set(public)
    assert seeker.get("robots") == (200, set())


def test_a_program_that_asks_is_answered_what_its_account_may_see(world, index):
    now = timezone.now()
    people = {who: Seeker(who).person for who in PEOPLE}
    # At the command line one is shown what staff are.
    for who, person in [*people.items(), (Role.CODER, None)]:
        for query in ("", "subject:birds"):
            told = str(search_json(query, person=person, now=now, limit=100, broaden=True))
            found = set(CANARY.findall(told))
            names = {one.word("subject") for one in world}
            titles = set().union(*(one.words("title") for one in listed(world, who, index)))
            assert found - names <= of_all(world, who), who
            assert found >= titles, who


# ---- the pages of those who catalogue ----


def test_the_list_of_publications_held_names_what_is_gone_to_those_only_who_may_bring_it_back(
    seeker, world
):
    who = seeker.who
    if who not in STAFF:
        assert seeker.get("held-resources") == (302 if who == VISITOR else 403, set())
        return
    held = [one for one in world if one.sort != REVIEW and (one.open_to(who) or who in KEEPERS)]
    named = set().union(*(one.words("title") for one in held))
    seen = seeker.leaf("held-resources")
    assert seen >= named
    assert seen <= set().union(*(one.words(*KINDS) for one in held))
    listed = seeker.client.get(reverse("held-resources")).context["list"]
    assert listed.total == len(held) + 1


def test_forms_about_a_record_hold_for_each_only_what_they_may_see(seeker, world):
    who = seeker.who
    refused = 302 if who == VISITOR else 403
    may = of_all(world, who)
    for one in world[:: seeker.every]:
        page, name = one.named
        # Publications that are gone are opened here to be brought back; reviews on another page.
        mine = may | (one.held(who) if page == "resource" else set())
        here = page == "resource" or one.open_to(who)
        about = {"record": "title", "subject": "kx"}
        for form, asked in (
            (f"edit-{page}", {}),
            (f"{page}-about", about),
            (f"{page}-state", {}),
            (f"withdraw-{page}", {}),
        ):
            status, seen = seeker.get(form, name, **asked)
            if who not in KEEPERS:
                assert (status, seen) == (refused, set()), (form, one)
            elif form in {f"edit-{page}", f"{page}-about"}:
                assert status == (200 if here else 404), (form, one)
                assert seen - {x.word("subject") for x in world} <= mine, (form, one)
            else:
                assert status in {200, 302}, (form, one)
                assert seen <= may | one.held(who), (form, one)


def test_what_an_imported_abstract_said_is_for_those_who_work_here(seeker, world):
    who = seeker.who
    for one in world:
        if one.sort != REVIEW:
            continue
        status, seen = seeker.get("review-abstract", one.named[1])
        if who not in STAFF:
            assert (status, seen) == (302 if who == VISITOR else 403, set()), one
        elif one.open_to(who):
            assert status == 200, one
            assert one.words("abstract", "title") <= seen <= one.allowed(who), one
        else:
            assert (status, seen) == (404, set()), one


def test_what_the_repository_knows_of_a_review_is_for_its_keepers_alone(seeker, world):
    who = seeker.who
    reviews = [one for one in world if one.sort == REVIEW]
    kept = set().union(*(one.held(who) for one in reviews))
    senders = set().union(*(one.words("depositor") for one in reviews))
    # No time runs for a report that is gone; of a review that is gone it goes on.
    holds = set().union(*(one.words("hold") for one in reviews if one.fate != PART))
    pages = [
        ("deposits", (), senders),
        ("letters", (), senders),
        ("keeping", (), holds),
        *(("report-keeping", (one.report.key,), one.words("hold")) for one in reviews),
        *(("deposit-check", (f"D-{one.named[1]}",), one.words("depositor")) for one in reviews),
    ]
    for name, args, told in pages:
        status, seen = seeker.get(name, *args)
        if who in KEEPERS:
            assert status == 200, name
            assert told <= seen <= kept, (name, args)
        else:
            assert (status, seen) == (302 if who == VISITOR else 403, set()), name
    for one in reviews:
        status, seen = seeker.get("review-steps", one.named[1])
        if who in KEEPERS and one.open_to(who):
            assert status == 200, one
            assert one.words("step") <= seen <= one.held(who), one
        else:
            refused = 404 if who in KEEPERS else 302 if who == VISITOR else 403
            assert (status, seen) == (refused, set()), one
