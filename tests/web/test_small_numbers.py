"""The step of small numbers: all tables are checked by a worker, and buttons change them."""

from datetime import timedelta

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, make_world
from tests.publishing.giving import stored_edition
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import AuditEntry, Role, State
from waymark.documents.models import Review
from waymark.documents.services import set_review_state
from waymark.overview.models import SpecVersion, TableCheck
from waymark.overview.queries.overviews import latest_version, overview_for
from waymark.overview.services import (
    create_overview,
    finish_check,
    freeze_overview,
    lease_check,
    note_round,
    prepare_release,
)
from waymark.pipeline.publishing import check_tables
from waymark.pipeline.publishing.check_tables import check_next
from waymark.pipeline.publishing.preview import preview_cache

pytestmark = pytest.mark.django_db

PAGE = reverse("decide", args=["small"])
CHECK = reverse("check-tables", args=["small"])
REMEDY = reverse("remedy", args=["small"])
PROTECTED = SPEC.replace("profile: open,", "profile: k5,").replace(
    "  - There are {T2/all/n} reviews.", "  - Words alone."
)

SHOWN = {"shown": 4, "of": 4, "numbers": 10, "withheld": 0, "refused": {}, "others": []}


@pytest.fixture
def analyst(client, framework, settings, tmp_path):
    settings.DATA = tmp_path
    preview_cache.clear()
    make_world(framework)
    person = make_person(Role.ANALYST, name="ann")
    create_overview(by=person, spec=PROTECTED, file="small.yaml", now=NOON)
    client.force_login(person)
    return person


def work():
    """Make all checks that wait, as a worker does."""
    while check_next(lambda: NOON):
        continue


def check(client, profile="k5"):
    """Ask for a check, let the worker make it, and open its page."""
    address = client.post(CHECK, {"profile": profile})["Location"]
    work()
    return strictly(client.get(address))


def refused_on(tree):
    """The tables that a page says cannot be shown, each with its buttons."""
    return {
        section.get("aria-labelledby").removeprefix("refused-"): [
            button.get("value") for button in section.iter("button")
        ]
        for section in tree.findall(".//section[@class='advice']")
    }


def refused(client):
    return refused_on(check(client))


def outcomes(tree):
    """What the list says of each profile."""
    rows = tree.findall(".//div[@id='live']/table/tbody/tr")
    return {
        words_of(row.find("th")).partition("(")[2][:2]: words_of(row.find("td")) for row in rows
    }


def next_step(client, page):
    forward = strictly(client.get(page)).find(".//p[@class='next-step']")
    return words_of(forward)


# ---- the check ----


def test_the_page_of_the_decision_leads_to_the_check_and_counts_nothing(client, analyst):
    assert "Try the profiles and check all tables" in see(client, PAGE)
    assert client.get(f"{PAGE}?check=1")["Location"] == CHECK
    assert not TableCheck.objects.exists()
    assert "k5: Not checked." in see(client, CHECK)


def test_a_check_waits_for_a_worker_and_the_page_says_what_is_happening(client, analyst):
    address = client.post(CHECK, {"profile": "k5"})["Location"]
    page = client.get(address)
    assert b'http-equiv="refresh"' in page.content
    assert "k5: Waiting to start." in words_of(strictly(page))
    TableCheck.objects.update(asked_at=NOON)
    assert "Still waiting to start. Ask the person who runs this site" in see(client, address)
    leased = lease_check(now=NOON)
    assert "k5: Being checked now." in see(client, address)
    note_round(check=leased, left_out=2, now=NOON)
    assert "Being checked now: 2 tables cannot be shown so far" in see(client, address)
    finish_check(check=leased, result=SHOWN, content="", digest="", now=NOON)
    page = client.get(address)
    assert b'http-equiv="refresh"' not in page.content
    assert "All tables can be shown under k5." in words_of(strictly(page))


def test_other_profiles_are_tried_and_nothing_of_the_overview_changes(client, analyst):
    entries = AuditEntry.objects.count()
    tree = check(client, "open")
    assert outcomes(tree)["op"].startswith("All 4 tables can be shown")
    assert outcomes(tree)["k5"] == "Not checked"
    tree = check(client, "k5")
    assert outcomes(tree)["k5"].startswith("2 of 4 tables can be shown")
    assert SpecVersion.objects.count() == 1
    assert AuditEntry.objects.count() == entries
    answer = client.post(CHECK, {"profile": "k9"})
    assert (answer.status_code, TableCheck.objects.count()) == (400, 2)


def test_the_same_check_again_is_answered_from_the_last_result(client, analyst, monkeypatch):
    first = refused(client)
    monkeypatch.setattr(check_tables, "preview_of_source", None)
    assert refused(client) == first


def test_a_change_of_the_reviews_makes_a_result_stale_and_is_counted_anew(client, analyst):
    check(client)
    assert "Something on this site was changed" not in see(client, CHECK)
    person = make_person(Role.EDITOR)
    set_review_state(
        by=person, review=Review.objects.get(reference="S2"), state=State.WITHDRAWN, now=NOON
    )
    assert "Something on this site was changed after that." in see(client, CHECK)
    before = TableCheck.objects.get().content
    check(client)
    assert "Something on this site was changed" not in see(client, CHECK)
    assert TableCheck.objects.get().content != before


def test_a_check_whose_worker_was_killed_three_times_says_so(client, analyst):
    address = client.post(CHECK, {"profile": "k5"})["Location"]
    late = NOON
    for _ in range(3):
        assert lease_check(now=late) is not None
        assert lease_check(now=late) is None
        late += timedelta(hours=1)
    assert lease_check(now=late) is None
    assert "The check was stopped three times" in see(client, address)
    work()
    client.post(CHECK, {"profile": "k5"})
    work()
    assert "2 of 4 tables can be shown" in see(client, address)


def test_a_check_whose_worker_is_told_to_stop_waits_again_at_once(client, analyst, monkeypatch):
    client.post(CHECK, {"profile": "k5"})

    def stopped(*_):
        raise SystemExit

    monkeypatch.setattr(check_tables, "_result_of", stopped)
    for _ in range(4):
        with pytest.raises(SystemExit):
            check_next(lambda: NOON)
    row = TableCheck.objects.get()
    assert (row.attempts, row.lease_until, row.done_at) == (0, None, None)


def test_the_result_of_a_worker_that_was_overtaken_is_ignored(client, analyst):
    client.post(CHECK, {"profile": "k5"})
    slow = lease_check(now=NOON)
    late = NOON + timedelta(hours=1)
    quick = lease_check(now=late)
    finish_check(check=slow, result={"failure": "Late."}, content="", digest="", now=late)
    assert not TableCheck.objects.get().is_done
    finish_check(check=quick, result=SHOWN, content="", digest="", now=late)
    assert TableCheck.objects.get().result == SHOWN


def unsafe_together(client):
    """The buttons of a page whose check found no single cause."""
    client.post(CHECK, {"profile": "k5"})
    result = {"failure": "No single table is the cause.", "together": True}
    leased = lease_check(now=NOON)
    finish_check(check=leased, result=result, content="", digest="", now=NOON)
    return [button.get("value") for button in strictly(client.get(CHECK)).iter("button")]


def test_tables_that_are_unsafe_together_offer_profiles_tables_and_the_last_edition(
    client, analyst
):
    snapshot = freeze_overview(by=analyst, overview=overview_for("small"), now=NOON)
    stored_edition(snapshot, "k5", by=make_person(Role.EDITOR))
    buttons = unsafe_together(client)
    assert buttons.count("leave-out") == 4
    assert {"open", "k3", "r5"} <= set(buttons)
    # The tables are still those of the edition.
    assert "tables-of-edition" not in buttons
    client.post(REMEDY, {"seen": "1", "profile": "k5", "table": "T3", "do": "leave-out"})
    assert "tables-of-edition" in unsafe_together(client)
    client.post(REMEDY, {"seen": "2", "profile": "k5", "do": "tables-of-edition"})
    specs = [yaml.safe_load(row.spec) for row in SpecVersion.objects.order_by("number")]
    assert specs[2]["tables"] == specs[0]["tables"] != specs[1]["tables"]
    assert specs[2]["figures"] == specs[0]["figures"]


# ---- the steps ----


def test_a_table_that_stops_the_release_comes_before_every_later_step(client, analyst):
    writing = reverse("writing", args=["small"])
    assert next_step(client, writing) == "Next: Freeze the numbers"
    check(client)
    expected = "Next: See which tables cannot be shown, and change them"
    assert next_step(client, writing) == expected
    tree = strictly(client.get(writing))
    done = [words_of(item) for item in tree.findall(".//ol[@class='steps']/li[@class='done']")]
    assert "Small numbers , done" not in done
    client.force_login(make_person(Role.EDITOR))
    waiting = "Next: an analyst changes the tables that cannot be shown."
    assert next_step(client, writing) == waiting


def test_frozen_numbers_that_a_worker_could_not_protect_come_before_writing(client, analyst):
    snapshot = freeze_overview(by=analyst, overview=overview_for("small"), now=NOON)
    writing = reverse("writing", args=["small"])
    assert next_step(client, writing) == "Next: Write the chapters"
    prepare_release(snapshot=snapshot, profile="k5", earlier=(), now=NOON)
    assert next_step(client, writing).startswith("Next: See which tables cannot be shown")


def test_freezing_asks_for_the_check_of_what_was_frozen(client, analyst):
    client.post(reverse("overview-freeze", args=["small"]), {"seen": "1"})
    work()
    assert next_step(client, reverse("writing", args=["small"])).startswith("Next: See which")


def test_each_refused_table_has_its_remedies_and_a_button_removes_the_refusal(client, analyst):
    before = refused(client)
    assert before
    for number, table in enumerate(before, start=1):
        assert before[table][-1] == "leave-out"
        data = {"seen": str(number), "profile": "k5", "table": table, "do": "leave-out"}
        answer = client.post(REMEDY, data)
        assert answer["Location"] == f"{CHECK}?profile=k5&undo={number + 1}#check"
    work()
    assert "All tables can be shown under k5." in see(client, CHECK)
    ids = {
        table["id"]
        for table in yaml.safe_load(latest_version(overview_for("small")).spec)["tables"]
    }
    assert ids == {"T1", "T2", "T3", "T10"} - set(before)


@pytest.mark.parametrize("page", ["sign-report", "draft"])
def test_a_release_that_its_tables_stop_leads_an_analyst_to_the_remedies(client, analyst, page):
    freeze_overview(by=analyst, overview=overview_for("small"), now=NOON)
    address = reverse(page, args=["small"])
    links = [link.get("href") for link in strictly(client.get(address)).iter("a")]
    assert CHECK in links
    client.force_login(make_person(Role.EDITOR))
    shown = see(client, address)
    assert "An analyst can change this." in shown
    assert CHECK not in shown


@pytest.mark.parametrize(
    "data", [{"table": "T2", "do": "nonsense"}, {"table": "T9", "do": "leave-out"}]
)
def test_a_remedy_that_is_not_offered_changes_nothing_and_says_so(client, analyst, data):
    answer = client.post(REMEDY, {"seen": "1", **data})
    assert answer.status_code == 400
    alert = strictly(answer).find(".//div[@role='alert']")
    assert "does not have this remedy any more" in words_of(alert)
    assert SpecVersion.objects.count() == 1


def test_the_last_remedy_can_be_undone_from_the_page_that_it_led_to(client, analyst):
    text = latest_version(overview_for("small")).spec
    table = next(iter(refused(client)))
    data = {"seen": "1", "profile": "k5", "table": table, "do": "leave-out"}
    page = client.post(REMEDY, data)["Location"]
    work()
    (form,) = [
        form
        for form in strictly(client.get(page)).iter("form")
        if "Undo the last change" in words_of(form)
    ]
    seen = form.find(".//input[@name='seen']").get("value")
    assert client.post(REMEDY, {"seen": seen, "do": "undo"})["Location"] == (
        f"{CHECK}?profile=k5#check"
    )
    version = latest_version(overview_for("small"))
    assert (version.number, version.spec) == (3, text)
    assert table in refused(client)
    # A page from before offers and does nothing any more.
    assert "Undo the last change" not in see(client, page.replace("#check", ""))
    client.post(REMEDY, {"seen": seen, "do": "undo"})
    assert SpecVersion.objects.count() == 3
    client.post(REMEDY, {"seen": "3", "table": table, "do": "leave-out"})
    assert client.post(REMEDY, {"seen": seen, "do": "undo"}).status_code == 400
    assert SpecVersion.objects.count() == 4


def test_a_remedy_for_a_version_that_was_overtaken_changes_nothing(client, analyst):
    client.post(REMEDY, {"seen": "1", "table": "T3", "do": "leave-out"})
    answer = client.post(REMEDY, {"seen": "1", "table": "T2", "do": "leave-out"})
    assert answer.status_code == 400
    assert SpecVersion.objects.count() == 2


def test_an_editor_decides_and_neither_counts_nor_changes_tables(client, analyst):
    client.force_login(make_person(Role.EDITOR))
    assert "check all tables" not in see(client, PAGE)
    assert client.get(CHECK).status_code == 403
    assert client.post(CHECK, {"profile": "k5"}).status_code == 403
    data = {"seen": "1", "table": "T2", "do": "leave-out"}
    assert client.post(REMEDY, data).status_code == 403
    client.logout()
    assert client.post(REMEDY, data)["Location"].startswith("/sign-in/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(analyst)
    assert strict.post(REMEDY, data).status_code == 403
    assert SpecVersion.objects.count() == 1
