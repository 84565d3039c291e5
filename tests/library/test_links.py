"""Links of public records: tried at a slow pace, listed for staff, told to visitors when sure."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.library.conftest import make_resource
from tests.library.link_server import link_server
from waymark.accounts.models import AuditEntry, Role, State
from waymark.alerts.feeds.fetching import FetchLimits
from waymark.alerts.feeds.link_status import ascii_address, ask_link
from waymark.core.errors import NotPermitted
from waymark.core.jobs import PacedRun
from waymark.library.models import CatalogueRecord, Resource
from waymark.library.queries.links import broken_links
from waymark.library.services import links
from waymark.library.services.resource_mapping import description_of
from waymark.library.services.resources import change_resource
from waymark.pipeline.library.check_links import check_links
from waymark.web.shared.waiting_work import waiting_tasks

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LOCAL = FetchLimits(private_hosts=("localhost",))


@pytest.fixture(scope="module")
def running():
    with link_server() as server:
        yield server


@pytest.fixture
def server(running, settings):
    settings.LINK_CHECKS, settings.FEED_PRIVATE_HOSTS = True, ("localhost",)
    running.pages, running.asked = {("*", "/there"): (200, "")}, []
    return running


def linked(server, path="/there", key="guide", **values) -> Resource:
    resource = make_resource(key, url=server.address(path), **values)
    CatalogueRecord.objects.create(resource=resource, changed_at=NOON)
    return resource


def ask(server, path):
    return ask_link(server.address(path), agent="Waymark test", limits=LOCAL)


# ---- asking an address ----


def test_a_page_that_is_there_is_asked_for_its_head_alone(server):
    assert ask(server, "/there").status == 200
    assert server.asked == [("HEAD", "/there")]


@pytest.mark.parametrize("head", [(405, ""), (404, ""), (500, ""), (0, "")])
def test_a_server_that_knows_no_head_is_asked_as_by_a_browser_and_no_body_is_read(server, head):
    server.pages = {("HEAD", "/x"): head, ("GET", "/x"): (200, "")}
    answer = ask(server, "/x")
    assert (answer.status, answer.fault) == (200, "")


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (404, "its server answered 404 Not Found"),
        (410, "its server answered 410 Gone"),
        (503, "its server answered 503 Service Unavailable"),
        (401, ""),
        (403, ""),
        (429, ""),
    ],
)
def test_a_page_that_is_gone_is_a_fault_and_one_that_refuses_programs_is_none(
    server, status, fault
):
    server.pages = {("*", "/x"): (status, "")}
    answer = ask(server, "/x")
    assert (answer.status, answer.fault) == (status, fault)


def test_redirects_are_followed_and_not_without_end(server):
    server.pages |= {("*", "/old"): (301, "/there"), ("*", "/loop"): (302, "/loop")}
    assert ask(server, "/old").status == 200
    assert "without end" in ask(server, "/loop").fault
    server.pages[("*", "/lost")] = (302, "/nowhere")
    assert ask(server, "/lost").fault == "its server answered 404 Not Found"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://127.0.0.1/", "ftp://a.example/"])
def test_a_redirect_leads_to_no_private_network_and_out_of_no_web(server, target):
    server.pages = {("*", "/x"): (302, target)}
    answer = ask(server, "/x")
    assert answer.fault
    assert not answer.unknown
    assert server.asked == [("HEAD", "/x")]


def test_an_address_on_a_private_network_is_not_contacted(server):
    answer = ask_link(server.address("/there"), agent="Waymark test")
    assert answer.fault == "localhost is not on the public internet"
    assert server.asked == []


def test_a_computer_that_cannot_look_up_names_learns_nothing(server, monkeypatch):
    def offline(*_, **__):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    resource = linked(server)
    assert ask(server, "/there").unknown
    assert check_links(now=NOON)
    resource.refresh_from_db()
    assert (resource.link_checked_at, resource.link_fault) == (None, "")
    assert resource.link_due_at == NOON + DAY


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("https://a.example/b%20c?d=e#f", "https://a.example/b%20c?d=e"),
        ("https://a.example/plant a theulu/é", "https://a.example/plant%20a%20theulu/%C3%A9"),
        ("https://tŷ.example/", "https://xn--t-foa.example/"),
    ],
)
def test_an_address_with_letters_of_any_script_is_sent_as_the_network_has_it(address, sent):
    assert ascii_address(address) == sent


# ---- which, and when ----


def test_an_address_that_works_is_tried_again_after_ninety_days(server):
    resource = linked(server)
    assert check_links(now=NOON)
    resource.refresh_from_db()
    assert (resource.link_checked_at, resource.link_status, resource.link_fault) == (NOON, 200, "")
    assert not check_links(now=NOON + 89 * DAY)
    assert check_links(now=NOON + 90 * DAY)


def test_one_that_failed_is_tried_again_after_a_week_and_told_to_visitors_if_it_fails_again(
    server, client
):
    resource = linked(server, "/gone")
    page = reverse("resource", args=["guide"])
    check_links(now=NOON)
    assert "did not answer" not in client.get(page).content.decode()
    assert not check_links(now=NOON + 6 * DAY)
    assert check_links(now=NOON + 7 * DAY)
    resource.refresh_from_db()
    assert (resource.link_failed_at, resource.link_checked_at) == (NOON, NOON + 7 * DAY)
    day = f"{(NOON + 7 * DAY).day} {NOON + 7 * DAY:%B %Y}"
    assert f"This address did not answer on {day}." in client.get(page).content.decode()
    server.pages[("*", "/gone")] = (200, "")
    check_links(now=NOON + 14 * DAY)
    assert "did not answer" not in client.get(page).content.decode()
    log = AuditEntry.objects.filter(action__startswith="link ").order_by("pk")
    assert [entry.action for entry in log] == ["link failed", "link failed", "link works again"]


def test_two_failures_on_one_day_are_not_told_to_visitors(server):
    resource = linked(server, "/gone")
    check_links(now=NOON)
    links.check_link_soon(by=make_person(Role.EDITOR), resource=resource, now=NOON)
    check_links(now=NOON + timedelta(hours=1))
    resource.refresh_from_db()
    assert resource.link_checked_at == NOON + timedelta(hours=1)
    assert not resource.is_link_down


def test_only_addresses_of_public_records_elsewhere_are_tried(server, settings):
    settings.SITE_ADDRESS = server.address("/own")
    linked(server, key="hidden", state=State.INTERNAL)
    linked(server, key="later", public_from=NOON + DAY, state=State.EMBARGOED)
    linked(server, "/own/answers/1/", key="own")
    make_resource("none")
    assert not check_links(now=NOON)
    assert server.asked == []


def test_a_round_tries_a_few_addresses_and_one_of_each_site(server):
    for number in range(4):
        linked(server, f"/there?{number}", key=f"same-{number}")
    for number in range(4):
        make_resource(f"other-{number}", url=f"https://host{number}.invalid/")
    leased = links.lease_links(now=NOON, most=3)
    assert [row.key for row in leased] == ["same-0", "other-0", "other-1"]
    assert [row.key for row in links.lease_links(now=NOON, most=3)] == [
        *("same-1", "other-2", "other-3"),
    ]


def test_rounds_are_a_minute_apart():
    rounds = []
    paced = PacedRun(lambda now: rounds.append(now) or True, timedelta(minutes=1))
    for seconds in (0, 59, 60, 100, 120):
        paced(lambda seconds=seconds: NOON + timedelta(seconds=seconds))
    assert [(moment - NOON).seconds for moment in rounds] == [0, 60, 120]


def test_an_installation_without_link_checks_contacts_nothing(server, settings):
    settings.LINK_CHECKS = False
    linked(server)
    assert not check_links(now=NOON)
    assert server.asked == []


def test_a_new_address_begins_anew_and_a_late_answer_about_the_old_one_is_not_kept(server):
    resource = linked(server, "/gone")
    check_links(now=NOON)
    before = Resource.objects.get(pk=resource.pk)
    described = replace(description_of(before), url=server.address("/there"))
    change_resource(
        by=None, resource=Resource.objects.get(pk=resource.pk), description=described, now=NOON
    )
    links.note_link(resource=before, status=404, fault="its server answered 404", now=NOON)
    resource.refresh_from_db()
    assert (resource.link_checked_at, resource.link_failed_at, resource.link_fault) == (
        *(None, None, ""),
    )
    assert check_links(now=NOON)


# ---- for staff ----


def test_cataloguers_have_a_list_of_links_that_do_not_work_and_my_work_counts_them(server, client):
    linked(server, "/gone", title="A guide that moved")
    linked(server, "/there", key="good")
    check_links(now=NOON)
    check_links(now=NOON)
    person = make_person(Role.EDITOR)
    assert [task.title for task in waiting_tasks(person, NOON)] == ["1 link that does not work"]
    client.force_login(person)
    page = client.get(reverse("broken-links")).content.decode()
    assert "A guide that moved" in page
    assert "its server answered 404 Not Found" in page
    assert reverse("resource-address", args=["guide"]) in page
    assert reverse("resource-address", args=["good"]) not in page
    with pytest.raises(NotPermitted):
        broken_links(make_person(Role.CODER))


def test_the_tab_address_of_a_record_shows_the_check_and_asks_for_another(server, client):
    resource = linked(server, "/gone")
    client.force_login(make_person(Role.EDITOR))
    page = reverse("resource-address", args=["guide"])
    assert "has not been tried yet" in client.get(page).content.decode()
    check_links(now=NOON)
    shown = client.get(page).content.decode()
    assert "its server answered 404 Not Found" in shown
    assert client.post(page, {"do": "check"}).status_code == 302
    resource.refresh_from_db()
    assert resource.link_due_at is None
    server.pages[("*", "/gone")] = (403, "")
    check_links(now=NOON + DAY)
    assert "to people and not to programs" in client.get(page).content.decode()
