"""Feeds: fetched with limits from public addresses alone, and read as untrusted."""

import gzip
import socket
import time
from datetime import date

import pytest

from tests.alerts.feed_server import ATOM, RDF, RSS, feed_server
from waymark.alerts.feeds.fetching import FetchFailed, FetchLimits, _unpacked, fetch_feed, is_public
from waymark.alerts.feeds.reading import NotAFeed, read_feed

LOCAL = FetchLimits(private_hosts=("localhost",))


@pytest.fixture
def server():
    with feed_server() as running:
        yield running


def fetch(address, limits=LOCAL, **marks):
    return fetch_feed(address, agent="Waymark test", limits=limits, **marks)


# ---- where it goes ----


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "no address",
    ],
)
def test_addresses_of_special_networks_are_not_public(ip):
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14"])
def test_addresses_of_the_internet_are_public(ip):
    assert is_public(ip)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "127.1"])
def test_nothing_on_this_computer_is_fetched_unless_its_host_is_listed(server, host):
    with pytest.raises(FetchFailed, match="public internet") as failed:
        fetch(server.address("/atom", host), FetchLimits())
    assert failed.value.final
    assert server.asked == []


def test_a_redirect_to_a_private_address_is_not_followed(server):
    server.targets["/to/private"] = server.address("/atom", "127.0.0.1")
    with pytest.raises(FetchFailed, match="public internet"):
        fetch(server.address("/to/private"))
    assert [path for path, _ in server.asked] == ["/to/private"]


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://localhost/x",
        "gopher://localhost/",
        "http://a@localhost/",
        "http://[::1/",
    ],
)
def test_a_redirect_to_anything_but_the_web_is_not_followed(server, target):
    server.targets["/to/other"] = target
    with pytest.raises(FetchFailed, match="not one of the web"):
        fetch(server.address("/to/other"))


def test_a_redirect_to_another_service_of_a_host_is_not_followed(server):
    server.targets["/to/port"] = "http://localhost:25/"
    with pytest.raises(FetchFailed, match="port 25"):
        fetch(server.address("/to/port"))


def test_a_name_is_resolved_once_and_the_connection_goes_where_it_was_checked(server, monkeypatch):
    real, asked = socket.getaddrinfo, []

    def rebinding(host, *args, **options):
        asked.append(host)
        return real("127.0.0.1" if host == "feeds.example" else host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    limits = FetchLimits(private_hosts=("feeds.example",))
    assert fetch(server.address("/atom", "feeds.example"), limits).content == ATOM
    # By its name once; the connection itself asks for the number.
    assert asked.count("feeds.example") == 1
    assert server.asked[0][1]["Host"] == f"feeds.example:{server.server_port}"


# ---- limits ----


def test_a_feed_that_is_too_large_is_not_read(server):
    with pytest.raises(FetchFailed, match=r"larger than 0\.1 MB"):
        fetch(server.address("/large"), FetchLimits(100_000, private_hosts=("localhost",)))


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_read():
    with pytest.raises(FetchFailed, match="larger"):
        _unpacked(gzip.compress(b"x" * 1_000_000), 100_000)
    assert _unpacked(gzip.compress(b"feed"), 100) == b"feed"


def test_a_server_that_never_ends_its_answer_is_left(server):
    limits = FetchLimits(most_seconds=0.3, private_hosts=("localhost",))
    with pytest.raises(FetchFailed, match="too long"):
        fetch(server.address("/drip"), limits)


def test_redirects_without_end_are_left(server):
    with pytest.raises(FetchFailed, match="without end"):
        fetch(server.address("/loop"))
    assert len(server.asked) == 6


def test_a_feed_that_has_not_changed_is_not_sent_again(server):
    first = fetch(server.address("/atom"))
    again = fetch(server.address("/atom"), etag=first.etag)
    assert (first.etag, again.content) == ('"v1"', None)


def test_a_feed_that_moved_for_good_says_where_to(server):
    assert fetch(server.address("/moved")).moved_to == server.address("/atom")


@pytest.mark.parametrize(
    ("status", "remedy", "final"),
    [
        (410, "remove it from the list", True),
        (404, "may have moved", False),
        (403, "Ask the publisher", False),
        (500, "try again later", False),
    ],
)
def test_each_refusal_says_what_to_do(server, status, remedy, final):
    server.pages["/x"] = (status, b"")
    with pytest.raises(FetchFailed, match=str(status)) as failed:
        fetch(server.address("/x"))
    assert remedy in failed.value.remedy
    assert failed.value.final == final


# ---- reading ----


def test_an_atom_feed_is_read_with_its_own_address_as_base():
    (entry,) = read_feed(ATOM, address="https://agency.example/feeds/all")
    assert (entry.title, entry.summary) == ("Safer sleep & babies", "A report.")
    assert entry.address == "https://agency.example/news/1?utm_source=feed"
    assert (entry.published, entry.dated) == (date(2026, 5, 3), "3 May 2026")


def test_an_rss_feed_is_read_with_its_doi():
    (entry,) = read_feed(RSS, address="https://stats.example/rss")
    assert entry.address == "https://stats.example/plans"
    assert (entry.published, entry.doi) == (date(2026, 5, 3), "10.1234/ab.5")


def test_the_oldest_form_of_rss_is_read():
    (entry,) = read_feed(RDF, address="https://a.example/")
    assert (entry.title, entry.published) == ("Old form of feed", date(2026, 5, 1))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<!DOCTYPE html><html><p>x</html>", "web page"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "web page"),
        (b"<rss><channel>", "line 1"),
        (b"", "line 1"),
        (b"\x00\xff", "line 1"),
        (b"<opml/>", "first element is opml"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel/></rss>', "document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><rss/>', "document type"),
    ],
)
def test_what_is_no_feed_is_refused_with_the_reason(content, problem):
    with pytest.raises(NotAFeed, match=problem) as refused:
        read_feed(content, address="https://a.example/")
    assert refused.value.remedy


def test_an_address_that_is_not_of_the_web_makes_no_entry():
    link = b"<link>javascript:alert(1)</link>"
    content = b"<rss><channel><item><title>x</title>" + link + b"</item></channel></rss>"
    assert read_feed(content, address="https://a.example/") == []


def test_a_very_long_feed_is_read_up_to_its_two_hundredth_entry():
    item = b"<item><title>t</title><link>https://a.example/%d</link></item>"
    content = b"<rss><channel>" + b"".join(item % n for n in range(500)) + b"</channel></rss>"
    assert len(read_feed(content, address="https://a.example/")) == 200


@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+12:00",
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "1 Jan 2026 00:00 +99999999999",
        "2026-13-45",
    ],
)
def test_a_date_that_no_calendar_has_is_left_out(moment):
    content = RSS.replace(b"Sun, 03 May 2026 10:00:00 +0100", moment.encode())
    (entry,) = read_feed(content, address="https://stats.example/rss")
    assert (entry.published, entry.dated) == (None, "")


def test_elements_inside_each_other_are_read_soon():
    title = b"Plans" + b"&lt;div&gt;" * 150_000
    content = RSS.replace(b"Annual statistics on child protection plans", title)
    began = time.process_time()
    (entry,) = read_feed(content, address="https://stats.example/rss")
    assert time.process_time() - began < 2
    assert entry.title == "Plans"


def test_the_name_of_an_entry_stays_when_its_title_is_corrected():
    (first,) = read_feed(RSS, address="https://stats.example/rss")
    (second,) = read_feed(RSS.replace(b"Annual", b"Yearly"), address="https://stats.example/rss")
    assert first.name == second.name
