"""The steps of an overview: what is done, what comes next and for whom, and the pages of two."""

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, make_world
from tests.publishing.giving import sign, write_introduction
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import Role
from waymark.overview.models import Snapshot, SpecVersion
from waymark.overview.queries.overviews import latest_version, overview_for
from waymark.overview.services import create_overview, freeze_overview, revise_overview
from waymark.publishing.models import SigningCapacity
from waymark.publishing.queries.in_progress import overviews_in_progress
from waymark.publishing.services import save_text, store_unsaved_text
from waymark.web.staff.my_work import tasks_of

pytestmark = pytest.mark.django_db

REVIEWS = reverse("overview-reviews", args=["small"])
FREEZE = reverse("overview-freeze", args=["small"])
WRITE = reverse("writing", args=["small"])
PROPOSED = SPEC.replace("profile: open,", "profile: open, proposed: true,").replace(
    "overview: small", "overview: early"
)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def analyst(client, framework):
    """An analyst who is signed in, and has begun the overview small, of two reviews."""
    make_world(framework)
    person = make_person(Role.ANALYST, name="ann")
    create_overview(by=person, spec=SPEC, file="small.yaml", now=NOON)
    client.force_login(person)
    return person


@pytest.fixture
def editor(db):
    return make_person(Role.EDITOR, name="eddie")


def steps(client, page):
    """Label, and whether it is done, of each step; the one that is current; the next action."""
    tree = strictly(client.get(page))
    items = tree.findall(".//ol[@class='steps']/li")
    done = {words_of(item).removesuffix(" , done") for item in items if item.get("class") == "done"}
    current = [words_of(item) for item in items if item.get("aria-current") == "step"]
    forward = tree.find(".//p[@class='next-step']")
    link = forward.find("a")
    return done, current, words_of(forward), None if link is None else link.get("href")


def freeze(analyst):
    return freeze_overview(by=analyst, overview=overview_for("small"), now=NOON)


def write(person):
    save_text(
        by=person, overview=overview_for("small"), slot="introduction", text="A.", base=0, now=NOON
    )


def test_an_undecided_overview_needs_the_decision_first(client, analyst):
    create_overview(by=analyst, spec=PROPOSED, file="early.yaml", now=NOON)
    done, current, action, link = steps(client, reverse("overview-reviews", args=["early"]))
    assert done == {"Choose reviews"}
    assert current == ["Choose reviews , done"]
    assert action == "Next: Record the decision on small numbers"
    assert link == reverse("decide", args=["early"])


def test_the_next_action_goes_from_freezing_to_writing_to_signing(client, analyst):
    assert steps(client, WRITE)[2:] == ("Next: Freeze the numbers", FREEZE)
    freeze(analyst)
    done, _, action, link = steps(client, FREEZE)
    assert done == {"Choose reviews", "Tables", "Small numbers", "Freeze"}
    assert (action, link) == ("Next: Write the chapters", WRITE)
    write(analyst)
    draft, sign_page = (reverse(name, args=["small"]) for name in ("draft", "sign-report"))
    assert steps(client, FREEZE)[2:] == ("Next: Read the draft", draft)
    assert steps(client, draft)[2:] == ("Next: Sign", sign_page)
    assert steps(client, sign_page)[2:] == ("Next: Sign", None)


def test_who_cannot_do_what_comes_next_reads_who_does_it(client, analyst, editor):
    client.force_login(editor)
    assert steps(client, WRITE)[2:] == ("Next: an analyst freezes the numbers.", None)
    tree = strictly(client.get(WRITE))
    links = {words_of(link) for link in tree.findall(".//ol[@class='steps']/li/a")}
    # No draft is there before anything is frozen, and the tables are an analyst's.
    assert links == {"Small numbers"}


def test_after_both_have_signed_an_editor_publishes_and_an_analyst_waits(client, analyst, editor):
    snapshot = freeze(analyst)
    sign(analyst, snapshot, SigningCapacity.ANALYST)
    assert steps(client, WRITE)[2:] == ("Next: an editor must sign; each person signs once.", None)
    sign(editor, snapshot, SigningCapacity.EDITOR)
    done, _, action, link = steps(client, WRITE)
    assert done >= {"Write", "Read draft", "Sign"}
    assert (action, link) == ("Next: an editor publishes the next edition.", None)
    client.force_login(editor)
    publish = f"{reverse('sign-report', args=['small'])}#publish"
    assert steps(client, WRITE)[2:] == ("Next: Publish the next edition", publish)
    client.post(reverse("sign-report", args=["small"]), {"action": "publish"})
    done, _, action, link = steps(client, WRITE)
    assert "Publish" in done
    assert (action, link) == ("Next: Read the published overview", "/overviews/small/")


def test_from_the_list_to_an_edition_both_signers_only_follow_links(client, analyst, editor):
    spec = PROPOSED.replace("A small overview", "An early overview")
    create_overview(by=analyst, spec=spec, file="early.yaml", now=NOON)
    page = reverse("specs")

    def follow(label):
        nonlocal page
        links = strictly(client.get(page)).findall(".//main//a")
        page = next(link.get("href") for link in links if words_of(link) == label)

    def send(**fields):
        nonlocal page
        tree = strictly(client.get(page))
        hidden = {
            field.get("name"): field.get("value")
            for field in tree.findall(".//main//form//input[@type='hidden']")
        }
        answer = client.post(page, {**hidden, **fields})
        page = answer.headers["Location"]

    follow("An early overview")
    follow("Record the decision on small numbers")
    day = {"decided_day": "12", "decided_month": "1", "decided_year": "2026"}
    by_whom = {"controller": "Jo Ash", "role": "Chair", "reason": "All of it is public."}
    send(profile="open", **by_whom, **day)
    follow("Freeze the numbers")
    send()
    follow("Write the chapters")
    follow("The text of Introduction")
    send(text="These reviews were read to learn from them.", action="save")
    follow("Read the draft")
    follow("Sign")
    send(capacity="analyst")
    client.force_login(editor)
    page = reverse("specs")
    follow("Read the draft of An early overview")
    follow("Sign")
    send(capacity="editor")
    send(action="publish")
    assert page == reverse("overview", args=["early"])


def test_a_change_after_freezing_asks_for_freezing_again(client, analyst):
    freeze(analyst)
    changed = SPEC.replace("For tests", "Changed")
    revise_overview(
        by=analyst, overview=overview_for("small"), spec=changed, file="small.yaml", now=NOON
    )
    done, _, action, _ = steps(client, WRITE)
    assert "Freeze" not in done
    assert action == "Next: Freeze the numbers"


@pytest.mark.parametrize(
    ("page", "places"),
    [
        *((page, []) for page in ("spec", "spec-history", "decide", "overview-reviews")),
        *((page, []) for page in ("overview-freeze", "writing", "draft", "sign-report")),
        ("spec-version", [1]),
        ("write-text", ["introduction"]),
        ("text-history", ["introduction"]),
        ("text-version", ["introduction", 1]),
        ("choose-passages", ["a"]),
    ],
)
def test_every_page_of_an_overview_shows_its_steps_and_one_next_action(
    client, analyst, page, places
):
    freeze(analyst)
    write(analyst)
    address = reverse(page, args=["small", *places])
    see(client, address)
    tree = strictly(client.get(address))
    assert len(tree.findall(".//ol[@class='steps']/li")) == 8
    assert len(tree.findall(".//p[@class='next-step']")) == 1
    area, place, *_ = tree.findall(".//nav[@aria-label='Breadcrumb']//li")
    assert (words_of(area), words_of(place)) == ("Analysis", "Overviews in progress")


def test_an_error_summary_takes_the_focus(client, analyst):
    summary = strictly(client.post(REVIEWS, {"seen": "1"})).find(".//div[@role='alert']")
    assert (summary.get("tabindex"), summary.get("autofocus")) == ("-1", "")


# ---- choosing reviews ----


def test_reviews_are_chosen_without_a_line_of_yaml(client, analyst):
    answer = client.post(REVIEWS, {"seen": "1", "reviews": "S1\nS2"})
    assert answer.status_code == 302
    spec = latest_version(overview_for("small")).spec
    assert yaml.safe_load(spec)["select"] == {"reviews": ["S1", "S2"]}


def test_what_was_left_out_with_a_reason_stays_left_out(client, analyst):
    excluding = SPEC.replace(
        "{collection: small}",
        "{collection: small, exclude: [{review: S3, reason: Only a summary.}]}",
    )
    revise_overview(
        by=analyst, overview=overview_for("small"), spec=excluding, file="small.yaml", now=NOON
    )
    client.post(REVIEWS, {"seen": "2", "reviews": "S1\nS3"})
    select = yaml.safe_load(latest_version(overview_for("small")).spec)["select"]
    assert select["exclude"] == [{"review": "S3", "reason": "Only a summary."}]


def test_that_no_machine_was_used_is_ticked_and_unticked(client, analyst):
    def stored():
        return yaml.safe_load(latest_version(overview_for("small")).spec).get("no_machine")

    sent = {"collection": "small"}
    client.post(REVIEWS, {**sent, "seen": "1"})
    assert stored() is None
    client.post(REVIEWS, {**sent, "seen": "2", "no_machine": "on"})
    assert stored() is True
    box = strictly(client.get(REVIEWS)).find(".//input[@name='no_machine']")
    assert "checked" in box.attrib
    client.post(REVIEWS, {**sent, "seen": "3"})
    assert stored() is False


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Choose a collection, write a search or list references."),
        ({"collection": "small", "query": "x"}, "list references: only one of them."),
        ({"query": "nature:"}, "nature"),
        (
            {"reviews": "no such review!"},
            "References of reviews: must be the reference of a review",
        ),
    ],
)
def test_a_choice_that_is_none_is_refused_beside_its_field(client, analyst, values, message):
    answer = client.post(REVIEWS, {"seen": "1", **values})
    assert answer.status_code == 400
    tree = strictly(answer)
    assert message in words_of(tree.find(".//div[@role='alert']"))
    assert SpecVersion.objects.count() == 1


def test_two_people_who_choose_reviews_do_not_overwrite_each_other(client, analyst):
    client.post(REVIEWS, {"seen": "1", "reviews": "S1"})
    answer = client.post(REVIEWS, {"seen": "1", "reviews": "S2"})
    assert answer.status_code == 400
    assert "saved version 2 since you opened version 1" in words_of(strictly(answer))
    assert SpecVersion.objects.count() == 2


# ---- freezing ----


def test_one_button_freezes_and_the_page_says_how_many_reviews_are_counted(client, analyst):
    assert client.post(FREEZE, {"seen": "1"}).status_code == 302
    assert Snapshot.objects.count() == 1
    assert "frozen in snapshot 1" in see(client, FREEZE)
    assert "2 reviews counted" in see(client, FREEZE)
    client.post(FREEZE, {"seen": "1"})
    assert "Nothing has changed since snapshot 1." in see(client, FREEZE)


def test_a_version_that_nobody_saw_is_not_frozen(client, analyst):
    client.post(REVIEWS, {"seen": "1", "reviews": "S1"})
    answer = client.post(FREEZE, {"seen": "1"})
    assert answer.status_code == 400
    assert "saved version 2 since" in words_of(strictly(answer))
    assert not Snapshot.objects.exists()


def test_what_cannot_be_frozen_says_why(client, analyst):
    client.post(REVIEWS, {"seen": "1", "reviews": "S3"})
    answer = client.post(FREEZE, {"seen": "2"})
    assert "no review is coded with" in words_of(strictly(answer))


def test_an_overview_waits_for_a_signature_only_once_it_can_be_signed(client, analyst):
    def tasks():
        return [task.title for task in tasks_of(analyst, NOON) if "sign" in task.title]

    freeze(analyst)
    assert tasks() == []
    assert "No overview is waiting for your signature." in see(client, reverse("specs"))
    write_introduction(overview_for("small"))
    assert tasks() == ["1 overview to sign"]
    assert "Nobody has signed yet." in see(client, reverse("specs"))


def test_overviews_in_progress_ask_as_many_queries_for_ten_as_for_two(client, analyst):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            overviews_in_progress(analyst, NOON)
        return len(captured)

    def add(first, last):
        for number in range(first, last):
            spec = SPEC.replace("overview: small", f"overview: number-{number}")
            overview = create_overview(by=analyst, spec=spec, file="x.yaml", now=NOON)
            freeze_overview(by=analyst, overview=overview, now=NOON)
            save_text(
                by=analyst, overview=overview, slot="introduction", text="A.", base=0, now=NOON
            )

    add(1, 3)
    queries()
    few = queries()
    add(3, 11)
    assert queries() == few
    assert "1 overview found" in see(client, reverse("specs") + "?q=number-7")


def test_nobody_is_offered_to_sign_what_is_signed_or_published(client, analyst, editor):
    page = reverse("sign-report", args=["small"])
    snapshot = freeze(analyst)
    write_introduction(overview_for("small"))
    assert "Sign as analyst" in see(client, page)
    for person, capacity in (
        (analyst, SigningCapacity.ANALYST),
        (editor, SigningCapacity.EDITOR),
    ):
        sign(person, snapshot, capacity)
    client.force_login(make_person(Role.ANALYST, Role.EDITOR))
    signed = see(client, page)
    assert "Sign as" not in signed
    assert "Publish next edition" in signed
    assert client.post(page, {"action": "publish"}).status_code == 302
    published = see(client, page)
    assert "All of this is published as edition 1: there is nothing to sign." in published
    assert "Sign as" not in published
    assert "Publish next edition" not in published


def test_my_work_leads_to_the_drafts_that_one_opened_last_and_to_what_is_not_saved(
    client, analyst, editor
):
    def drafts():
        table = strictly(client.get(reverse("my-work"))).find(".//main//table")
        if table is None or words_of(table.find("caption")) != "Drafts you opened last":
            return []
        return [[words_of(cell) for cell in row] for row in table.findall("tbody/tr")]

    freeze(analyst)
    assert drafts() == []
    for slot in ("introduction", "plan", "introduction"):
        client.get(reverse("write-text", args=["small", slot]))
    overview = overview_for("small")
    assert [row[0].split(" of ")[0] for row in drafts()] == ["Introduction", "The plan"]
    store_unsaved_text(
        by=analyst, overview=overview, slot="introduction", text="B.", base=0, seen=0, now=NOON
    )
    assert [row[2] for row in drafts()] == ["Not saved", "Saved"]
    # Another person has other drafts; what is not saved outlasts the session.
    client.force_login(editor)
    assert drafts() == []
    client.force_login(analyst)
    assert [row[2] for row in drafts()] == ["Not saved"]
