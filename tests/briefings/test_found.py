"""Where people meet a briefing: search, feed, sitemap, My work, the command."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.urls import reverse

from tests.briefings.writing import describe, make_briefing, publish, sign_both, write
from tests.factories import NOON, make_person
from tests.written_once import written_once
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.briefings import services
from waymark.briefings.queries import editions
from waymark.cli import main
from waymark.documents.services import set_report_state
from waymark.library.models import Resource
from waymark.library.services import index_changed

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
@written_once
def small(db):
    return make_briefing()


@pytest.fixture
@written_once
def edition(small):
    return publish(small)


def record():
    return Resource.objects.get(key="briefings-visits")


def test_an_edition_has_a_record_in_the_library_that_leads_to_it(client, edition):
    assert record().state == State.PUBLISHED
    assert (record().kind, record().title) == ("thematic-briefing", "Visits that stop")
    answer = client.get(reverse("resource", args=["briefings-visits"]))
    assert (answer.status_code, answer["Location"]) == (301, "/briefings/visits/")


def test_it_is_found_where_people_search(client, edition):
    index_changed(now=LATER)
    html = client.get(reverse("find"), {"q": "kind:briefing"}).content.decode()
    assert "Visits that stop" in html
    assert "/resources/briefings-visits/" in html


def test_the_record_changes_with_the_next_edition_and_goes_with_it(small, edition):
    describe(small, title="Visits that end")
    second = publish(small, now=LATER)
    assert record().title == "Visits that end"
    pipeline.withdraw_briefing(by=small.editor, publication=edition, reason="old", now=LATER)
    assert record().state == State.PUBLISHED  # an older edition is not the one in the library
    pipeline.withdraw_briefing(by=small.editor, publication=second, reason="wrong", now=LATER)
    assert record().state == State.WITHDRAWN


def test_the_record_of_a_briefing_that_was_withdrawn_comes_back_with_the_next(small, edition):
    pipeline.withdraw_briefing(by=small.editor, publication=edition, reason="wrong", now=LATER)
    write(small, "helped", "A midwife came back. {own}")
    assert publish(small, now=LATER).edition == 2
    assert record().state == State.PUBLISHED


def test_the_sitemap_lists_it_once_and_not_the_page_of_its_record(client, edition):
    sitemap = client.get(reverse("sitemap")).content.decode()
    assert "/briefings/visits/</loc>" in sitemap
    assert "briefings-visits" not in sitemap


# ---- my work ----


def work(client, person):
    client.force_login(person)
    return " ".join(client.get(reverse("my-work")).content.decode().split())


def test_a_briefing_to_sign_waits_for_who_can_sign_it(client, small):
    assert "1 briefing to sign" in work(client, small.author)
    sign_both(small)
    assert "to sign" not in work(client, small.author)
    assert "to sign" not in work(client, make_person(Role.CODER))


def test_a_flagged_briefing_and_a_record_of_use_wait_for_people(client, small, edition):
    set_report_state(by=None, report=small.reports[0], state=State.WITHDRAWN, now=LATER)
    use = services.ReportedUse("Riverside team", NOON.date(), "We ring.")
    services.take_use(by=None, publication=edition, use=use, now=LATER)
    html = work(client, small.author)
    assert "1 briefing rests on changed passages" in html
    assert "1 record of how a team used a briefing" in html
    assert "changed passages" not in work(client, make_person(Role.CODER))


def test_to_see_that_nothing_changed_no_text_of_a_report_is_read(
    edition, django_assert_max_num_queries
):
    editions.content_of(edition)
    with django_assert_max_num_queries(6):
        assert editions.flagged_briefings(LATER) == []


# ---- the command ----


def run(*arguments):
    return CliRunner().invoke(main, ["briefing", *arguments])


def test_the_command_lists_what_must_be_checked_again(small, edition):
    assert run("check").exit_code == 0
    set_report_state(by=None, report=small.reports[2], state=State.WITHDRAWN, now=LATER)
    answer = run("check", "--json")
    assert answer.exit_code == 1
    (flagged,) = json.loads(answer.stdout)["flagged"]
    assert (flagged["slug"], flagged["edition"], len(flagged["statements"])) == ("visits", 1, 2)


def test_the_command_writes_the_files_of_an_edition(edition, tmp_path):
    answer = run("render", "visits", str(tmp_path / "out"), "--json")
    assert answer.exit_code == 0, answer.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "briefing-visits-seven-minutes.html",
        "briefing-visits.docx",
        "briefing-visits.html",
        "briefing-visits.pdf",
    ]
    assert run("render", "other", str(tmp_path / "out")).exit_code == 1
