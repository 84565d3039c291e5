"""Records, results and feeds on the site, read by programs that are not ours."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from defusedxml import ElementTree as ET
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from oaipmh.client import Client as Harvester
from oaipmh.metadata import MetadataRegistry, oai_dc_reader

from tests.factories import NOON, make_person, make_review
from tests.library.conftest import make_resource, shelve
from tests.web.test_validator import SHORT_RUN, VALIDATOR
from tests.written_once import written_once
from waymark.accounts.models import Role, State
from waymark.documents.models import Review
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import Resource
from waymark.library.services import index_changed, set_details
from waymark.library.services.resources import change_resource
from waymark.web.middleware.downloads import DownloadLock
from waymark.web.shared.take_away import access_note

GRAMMAR = Path(__file__).with_name("atom.rnc")
DAY = timedelta(days=1)


@pytest.fixture
def shelves(db, settings, tmp_path):
    """A public review, two resources (one with an odd title) and a review in check."""
    settings.DATA = tmp_path
    _shelved()


@written_once
def _shelved():
    shelve(make_review("A1", title="Review of care", summary="What was learnt.", board="A board"))
    shelve(
        make_resource("wise", title="Wise <words> & \u201cmore\u201d", summary="Learning."),
        now=NOON + DAY,
    )
    shelve(make_resource("late", title="A late thing"), now=NOON + 2 * DAY)
    shelve(make_review("B1", title="Hidden review", state=State.IN_CHECK))


def feed_of(name: str, **asked: str):
    answer = Client().get(reverse(name), asked)
    assert answer.status_code == 200
    return answer, feedparser.parse(answer.content)


@pytest.mark.parametrize(
    "ending", ["ris", "csv", "bib", "marc.xml", "dc.xml", "jsonld", "mods.xml"]
)
def test_files_cite_the_address_of_the_site_whatever_host_was_asked_and_never_localhost(
    shelves, settings, ending
):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_ADDRESS = "https://library.example.org"
    asked = {"headers": {"host": "localhost:8000"}}
    file = Client().get(reverse("review-record", args=["A1", ending]), **asked).content.decode()
    assert "https://library.example.org/reviews/A1/" in file
    settings.SITE_ADDRESS = "http://localhost:8000"
    alone = Client().get(reverse("review-record", args=["A1", ending]), **asked).content.decode()
    assert "/reviews/A1/" not in alone
    assert "localhost" not in alone.replace("waymark.localhost", "")


def test_a_citation_on_a_page_names_the_address_of_the_site_or_the_one_the_reader_used(
    shelves, settings
):
    settings.SITE_ADDRESS, settings.ALLOWED_HOSTS = "http://localhost:8000", ["*"]
    request = RequestFactory().get("/topics/", headers={"host": "127.0.0.1:8000"})
    assert access_note(request, "/topics/sleep/").startswith("http://127.0.0.1:8000/topics/sleep/ ")
    settings.SITE_ADDRESS = "https://library.example.org"
    noted = access_note(request, "/topics/sleep/")
    assert noted.startswith("https://library.example.org/topics/sleep/ (accessed ")
    page = Client().get("/reviews/A1/", headers={"host": "127.0.0.1:8000"}).content.decode()
    assert "https://library.example.org/reviews/A1/" in page


def test_lists_of_references_are_made_one_at_a_time(shelves):
    """Fifty of them take a second of the processor; other formats are made at once."""
    busy = DownloadLock()
    answer = Client().get(reverse("results", args=["apa.txt"]))
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert Client().get(reverse("results", args=["ris"])).status_code == 200
    busy.end()
    assert Client().get(reverse("results", args=["apa.txt"])).status_code == 200


def checked_by_jing(file: Path) -> subprocess.CompletedProcess[str]:
    """What jing says of a feed and the grammar of Atom. The Nu HTML validator has jing in it."""
    driver = "nu.validator.vendor.thaiopensource.relaxng.util.Driver"
    command = ["java", *SHORT_RUN, "-cp", str(VALIDATOR), driver, "-c", str(GRAMMAR), str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("name", "version"), [("feed-atom", "atom10"), ("feed-rss", "rss20")])
def test_a_feed_tells_what_came_last_first_and_nothing_that_is_hidden(
    shelves, name, version
) -> None:
    answer, feed = feed_of(name)
    assert (feed.version, feed.bozo) == (version, 0)
    assert [one.title for one in feed.entries][:2] == [
        "A late thing",
        "Wise <words> & \u201cmore\u201d",
    ]
    assert len(feed.entries) == 3
    assert b"Hidden" not in answer.content


def test_a_feed_of_a_search_has_what_the_search_finds(shelves) -> None:
    _, feed = feed_of("feed-atom", q="kind:guidance learning")
    assert [one.link for one in feed.entries] == ["http://testserver/resources/wise/"]
    assert feed.feed.title.endswith("kind:guidance learning")


@pytest.mark.parametrize("asked", [{}, {"q": "nothingisfoundbythis"}, {"q": "((("}])
def test_every_atom_feed_keeps_to_the_grammar(shelves, tmp_path, asked) -> None:
    answer, _ = feed_of("feed-atom", **asked)
    file = tmp_path / "feed.atom"
    file.write_bytes(answer.content)
    done = checked_by_jing(file)
    assert done.returncode == 0, done.stdout


def test_the_grammar_refuses_an_entry_without_a_name(shelves, tmp_path) -> None:
    """So that the test above can fail."""
    answer, _ = feed_of("feed-atom")
    file = tmp_path / "feed.atom"
    file.write_bytes(answer.content.replace(b"<id>", b"<x>", 2).replace(b"</id>", b"</x>", 2))
    done = checked_by_jing(file)
    assert (done.returncode, "“entry”" in done.stdout) == (1, True), done


def test_the_ids_of_a_feed_stay_when_a_record_is_edited_or_the_host_changes(shelves) -> None:
    def ids(host: str) -> tuple[str, list[str]]:
        content = (
            Client(SERVER_NAME=host)
            .get(reverse("feed-atom"), {"q": "kind:guidance learning"})
            .content
        )
        feed = feedparser.parse(content)
        return feed.feed.id, [entry.id for entry in feed.entries]

    before = ids("testserver")
    assert before == (
        "tag:waymark.localhost,2026:find/?q=kind%3Aguidance+learning",
        ["tag:waymark.localhost,2026:resource/wise"],
    )
    change_resource(
        by=None,
        resource=Resource.objects.get(key="wise"),
        description=ResourceDescription(kind="guidance", title="Another title about learning"),
        now=NOON + 3 * DAY,
    )
    index_changed(now=NOON + 3 * DAY)
    assert ids("localhost") == before


@pytest.mark.parametrize("name", ["feed-atom", "feed-rss"])
@pytest.mark.parametrize("asked", [{}, {"q": "nothingisfoundbythis"}])
def test_a_reader_that_has_a_feed_is_not_sent_it_again_until_it_changes(
    shelves, name, asked
) -> None:
    first, _ = feed_of(name, **asked)
    assert first.has_header("Last-Modified")
    again = Client().get(reverse(name), asked, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    # A withdrawal leaves the date of the newest entry as it is, so a date alone is never enough.
    dated = {"If-Modified-Since": first["Last-Modified"]}
    assert Client().get(reverse(name), asked, headers=dated).status_code == 200
    Review.objects.filter(reference="A1").update(title="Another title")
    changed = Client().get(reverse(name), asked, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == (304 if asked else 200)


def test_the_entry_of_a_review_begins_with_what_it_describes(shelves) -> None:
    def entry() -> str:
        _, feed = feed_of("feed-atom")
        return next(entry.summary for entry in feed.entries if entry.id.endswith("review/A1"))

    opening = "Content note: this review describes"
    assert entry() == (
        f"<p>{opening} the death or serious harm of a child.</p>\n\n<p>What was learnt.</p>"
    )
    set_details(
        by=None, review=Review.objects.get(reference="A1"), content_notes=["neglect"], now=NOON
    )
    assert entry() == f"<p>{opening} neglect.</p>\n\n<p>What was learnt.</p>"


def test_signs_of_html_in_an_abstract_are_text_in_a_feed(shelves) -> None:
    Review.objects.filter(reference="A1").update(summary="Under <5 & <b>x</b>")
    for name in ("feed-atom", "feed-rss"):
        _, feed = feed_of(name)
        summary = next(one.summary for one in feed.entries if one.id.endswith("review/A1"))
        assert summary.endswith("<p>Under &lt;5 &amp; &lt;b&gt;x&lt;/b&gt;</p>")


def test_a_feed_is_kept_from_search_engines_like_the_search_itself(shelves) -> None:
    answer, _ = feed_of("feed-atom")
    assert "noindex" in answer["X-Robots-Tag"]


@pytest.mark.parametrize(
    "ending", ["ris", "bib", "csl.json", "marc.xml", "mrc", "dc.xml", "jsonld"]
)
def test_a_record_and_a_list_of_results_come_in_every_form(shelves, ending) -> None:
    one = Client().get(f"/reviews/A1/record.{ending}")
    assert (one.status_code, f'.{ending}"' in one["Content-Disposition"]) == (200, True)
    assert b"Review of care" in one.content
    listed = Client().get(f"/library/results.{ending}")
    assert listed.status_code == 200
    assert b"A late thing" in listed.content
    assert b"Hidden" not in listed.content


@pytest.mark.parametrize(
    "address", ["/reviews/B1/", "/resources/draft/", "/reviews/none/", "/resources/none/"]
)
def test_what_may_not_be_seen_has_no_file_of_its_record(shelves, address) -> None:
    """A hidden record and a missing one answer alike."""
    shelve(make_resource("draft", title="A draft", state=State.INTERNAL))
    assert Client().get(f"{address}record.ris").status_code == 404


def test_staff_have_a_file_of_a_record_in_check(shelves) -> None:
    staff = Client()
    staff.force_login(make_person(Role.CATALOGUER))
    assert b"Hidden review" in staff.get("/reviews/B1/record.ris").content


def test_a_record_has_no_file_in_a_format_that_nobody_knows(shelves) -> None:
    assert Client().get("/reviews/A1/record.exe").status_code == 404


def test_the_json_of_a_page_of_results_says_how_many_pages_there_are(shelves) -> None:
    found = json.loads(Client().get("/library/results.json").content)
    assert (found["total"], found["page"], found["pages"]) == (3, 1, 1)


def test_the_json_of_results_is_the_same_whatever_words_an_internal_record_has(shelves) -> None:
    """The engine weighs "care" by all records it holds: its scores would tell of the hidden one."""
    address = "/library/results.json?q=care"
    before = Client().get(address).content
    hidden = Review.objects.get(reference="B1")
    Review.objects.filter(pk=hidden.pk).update(title="Care of care in care")
    shelve(hidden, now=NOON + 3 * DAY)
    assert Client().get(address).content == before
    assert not any("score" in hit for hit in json.loads(before)["hits"])


def test_the_sitemap_lists_resources_and_no_case(shelves) -> None:
    root = ET.fromstring(Client().get("/sitemap.xml").content)
    pages = [one.text for one in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert "http://testserver/resources/wise/" in pages
    assert not [page for page in pages if "/reviews/" in page]


HARVEST = r"""
use HTTP::OAI;
my $h = HTTP::OAI::Harvester->new(baseURL => $ARGV[0]);
my $said = $h->Identify;
die $said->message if $said->is_error;
print $said->deletedRecord, "\n";
# next() gives the records of the last page alone: each page is read as it comes.
my $list = $h->ListRecords(
  metadataPrefix => 'oai_dc', onRecord => sub { print $_[0]->identifier, "\n" });
die $list->message if $list->is_error;
"""


@pytest.mark.browser
def test_debians_harvester_and_pythons_find_the_same_records(site) -> None:
    done = subprocess.run(
        ["perl", "-e", HARVEST, f"{site.address}/oai/"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    policy, *names = done.stdout.split()
    assert policy == "persistent"
    registry = MetadataRegistry()
    registry.registerReader("oai_dc", oai_dc_reader)
    records = Harvester(f"{site.address}/oai/", registry).listRecords(metadataPrefix="oai_dc")
    found = {header.identifier(): data for header, data, _ in records}
    assert sorted(found) == sorted(names)
    review = found["oai:waymark.localhost:review/R01"]
    assert review.getField("type") == ["Case review"]
    # Two of the 26 reviews are known by their record alone. Other tests add reviews to the site.
    demo = {f"oai:waymark.localhost:review/R{number:02}" for number in range(1, 27)}
    assert demo <= set(names)


def test_a_page_offers_its_record_to_reference_managers(shelves) -> None:
    page = Client().get("/resources/wise/").content.decode()
    assert (
        '<meta name="citation_title" content="Wise &lt;words&gt; &amp; \u201cmore\u201d">' in page
    )
    assert 'href="/resources/wise/record.ris"' in page
    told = json.loads(page.partition('<script type="application/ld+json">')[2].partition("</")[0])
    assert told["name"] == "Wise <words> & \u201cmore\u201d"


@pytest.mark.parametrize("path", ["/resources/edited/", "/reviews/A1/"])
def test_a_page_is_cited_in_harvard_style_as_the_file_of_its_record_has_it(shelves, path) -> None:
    edited = {"authors": [], "publisher": "", "editors": ["Sidmouth, Pat"], "year": 2012}
    shelve(make_resource("edited", kind="book", title="Care", strapline="a study", **edited))
    (line,) = Client().get(f"{path}record.harvard.txt").content.decode().splitlines()
    assert Client().get(path).context["take"].citation == line
    assert line.startswith(("Sidmouth, P. (ed.) (2012) Care: a study.", "A board (no date) Review"))
    assert f"(Accessed: {date_format(timezone.localdate(), 'j F Y')})." in line


def test_search_engines_are_told_nothing_of_a_case(shelves) -> None:
    page = Client().get("/reviews/A1/").content.decode()
    assert "citation_title" in page
    assert '<script type="application/ld+json"' not in page


def test_what_a_search_finds_is_offered_as_files_and_as_a_feed(shelves) -> None:
    page = Client().get("/find/", {"q": "learning"}).content.decode()
    assert 'href="/library/results.ris?q=learning"' in page
    assert 'href="/library/feed.atom?q=learning"' in page
