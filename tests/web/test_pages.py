"""Every public page, by the test client: what it says, to whom, and how it fails."""

from datetime import date, timedelta

import html5lib
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.frameworks.test_version_1_1 import ALONE
from waymark.accounts.models import Role, State
from waymark.accounts.services import withdraw_role
from waymark.frameworks.services import load_framework, publish_framework
from waymark.pipeline import suggest_codes
from waymark.recommendations.services import record_progress
from waymark.web.middleware import navigation
from waymark.web.middleware.navigation import MenuPlace

pytestmark = pytest.mark.django_db


def strictly(answer):
    """The page as a tree. Raises where the HTML is not as the standard wants it."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
        answer.content.decode()
    )


def words_of(tree):
    return " ".join(" ".join(tree.itertext()).split())


def see(client, address, status=200):
    """The words of a page, after the checks that hold for every page."""
    answer = client.get(address)
    assert answer.status_code == status
    tree = strictly(answer)
    assert tree.get("lang") == "en-GB"
    assert len(tree.findall(".//h1")) == 1
    assert len(tree.findall(".//main")) == 1
    assert tree.find(".//a[@class='skip']").get("href") == "#main"
    assert not [one for one in tree.iter() if one.get("style") or one.tag == "style"]
    # A block of data is no script: no browser runs it.
    scripts = [one for one in tree.iter("script") if one.get("type") != "application/ld+json"]
    assert all(one.get("src") for one in scripts)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    assert "no-" in answer["Cache-Control"]
    return words_of(tree)


@pytest.fixture
def staff(client):
    client.force_login(make_person(Role.CATALOGUER))
    return client


@pytest.mark.parametrize(
    ("address", "menu", "current"),
    [
        ("/", "Main", {}),
        ("/find/", "Main", {"Find": "page"}),
        ("/reviews/r-1/", "Main", {"Find": "true"}),
        ("/overviews/", "Main", {"Findings": "page"}),
        ("/compare/", "Main", {"Findings": "true"}),
        ("/staff/", "Workspace", {"Reviews and reports": "page"}),
        ("/staff/overviews/", "Workspace", {"Overviews in progress": "page"}),
        ("/staff/overviews/new/", "Workspace", {"Overviews in progress": "true"}),
        ("/staff/coding/rounds/add/", "Workspace", {"Rounds": "true"}),
        ("/account/password/", "Tools", {"My account": "true"}),
    ],
)
def test_the_navigation_marks_the_section_of_a_page(client, address, menu, current):
    make_review("r-1")
    client.force_login(make_person(Role.CATALOGUER, Role.ANALYST))
    assert marked(client, address, menu) == current


def marked(client, address, menu):
    links = strictly(client.get(address)).iterfind(f'.//nav[@aria-label="{menu}"]//a')
    marks = {words_of(link): link.get("aria-current") for link in links}
    return {name: mark for name, mark in marks.items() if mark}


@pytest.mark.parametrize(
    ("address", "crumbs"),
    [
        ("/reviews/r-1/", "Find Review r-1"),
        ("/compare/", "Findings Compare"),
        ("/subjects/", "Methods Subjects"),
        ("/staff/deposits/", "Collection Deposits"),
        ("/staff/subjects/add/", "Collection Thesaurus Add a subject"),
        ("/staff/reviews/r-1/visibility/", "Collection Reviews and reports r-1 Visibility"),
        ("/staff/reviews/r-1/progress/", "Collection Reviews and reports r-1 Progress"),
        ("/staff/overviews/new/", "Analysis Overviews in progress Create an overview"),
    ],
)
def test_breadcrumbs_begin_at_the_section(client, address, crumbs):
    make_review("r-1")
    client.force_login(make_person(Role.CATALOGUER, Role.ANALYST))
    trail = strictly(client.get(address)).find('.//nav[@aria-label="Breadcrumb"]')
    assert words_of(trail) == crumbs
    assert {client.get(link.get("href")).status_code for link in trail.iter("a")} <= {200, 301}


def test_every_entry_of_every_menu_opens(client):
    client.force_login(make_person(*Role))
    for page in ("/", "/staff/"):
        links = strictly(client.get(page)).iterfind(".//nav//a")
        addresses = {link.get("href") for link in links}
        assert {client.get(address, follow=True).status_code for address in addresses} == {200}


def test_a_menu_has_no_entry_for_a_page_that_does_not_exist(rf, monkeypatch):
    places = (
        MenuPlace("Soon", ("a-page-to-come",)),
        MenuPlace("Find", ("a-page-to-come", "find")),
        MenuPlace("Accounts", ("accounts",), "manage accounts"),
    )
    shown = navigation.entries(places, rf.get("/"), AnonymousUser())
    assert [(entry.label, entry.url) for entry in shown] == [("Find", "/find/")]
    areas = [navigation.Area("Admin", places[2:]), navigation.Area("Soon", places[:1])]
    monkeypatch.setattr(navigation, "WORKSPACE", areas)
    assert navigation.workspace_groups(rf.get("/"), make_person(Role.CATALOGUER)) == ()


@pytest.mark.parametrize("roles", [(), (Role.CODER,), (Role.CATALOGUER,), (Role.ADMINISTRATOR,)])
def test_the_public_sections_are_the_same_for_everyone(client, roles):
    if roles:
        client.force_login(make_person(*roles))
    links = strictly(client.get("/")).iterfind('.//nav[@aria-label="Main"]//a')
    assert {words_of(link) for link in links} <= FIVE_SECTIONS


FIVE_SECTIONS = {"Find", "Topics", "Findings", "Statistics", "Recommendations"}


@pytest.mark.parametrize("address", ["/", "/find/", "/about/", "/overviews/", "/staff/"])
def test_every_header_has_a_search_box(client, address):
    client.force_login(make_person(Role.CATALOGUER))
    form = strictly(client.get(address)).find('.//header//form[@role="search"]')
    assert form.find(".//input").get("name") == "q"
    assert client.get(form.get("action"), {"q": "neglect"}).status_code == 200


PLAIN = [
    "home",
    "about",
    "help",
    "accessibility",
    "contact",
    "privacy",
    "terms",
    "complaints",
    "removals",
    "notices",
    "alerts",
    "concern",
    "find",
    "topics",
    "methods",
    "frameworks",
    "sign-in",
]


@pytest.mark.parametrize("name", PLAIN)
def test_every_page_is_whole_in_an_empty_installation(client, name):
    see(client, reverse(name))


@pytest.mark.parametrize("name", PLAIN)
def test_every_page_is_whole_with_a_coded_review(client, coded, name):
    see(client, reverse(name))


def test_the_page_titles_are_neutral(client, coded, key_of):
    passage = reverse("passage", args=[key_of("died suddenly at home")])
    page = reverse("report-page", args=[coded.key, 1])
    for address in (passage, page):
        title = strictly(client.get(address)).find(".//title").text
        assert "W01" in title
        assert "died" not in title


# ---- the review ----


def test_a_review_tells_what_was_agreed_each_with_its_words(client, coded, key_of):
    address = reverse("review", args=["W01"])
    said = see(client, address)
    for words in (
        "Fictional.",
        "Sudden unexpected infant death",
        "Child Beech",
        "4 months",
        "Female",
        "Recorded as present",
        "Suspected",
        "Stated absent",
        "Not mentioned in the report: neglect",
        "Health visiting",
        "In contact",
        "Communication and information sharing",
        "Recommendation 1",
        "No progress has been reported yet.",
    ):
        assert words in said
    tree = strictly(client.get(address))
    links = {one.get("href") for one in tree.iter("a")}
    assert reverse("passage", args=[key_of("died suddenly at home")]) in links
    assert reverse("code", args=["cr-core", "1.0.0", "prac.recording"]) in links
    assert reverse("report", args=[coded.key]) in links


def test_evidence_of_progress_is_shown_and_doubts_only_to_those_who_can_correct_it(client, coded):
    record_progress(
        by=make_person(Role.CATALOGUER, name="keeper"),
        review=coded.review,
        number=1,
        status="in_progress",
        impact="outcome_for_children",
        due=None,
        evidence="Audit of 20 files by the board.",
        evidence_on=date(2025, 3, 7),
        now=NOON,
    )
    address = reverse("review", args=["W01"])
    doubt = "Check the reported progress:"
    page = see(client, address)
    assert "Evidence: Audit of 20 files by the board. (7 March 2025)" in page
    assert doubt not in page
    client.login(username="keeper", password="correct horse battery")
    assert f"{doubt} children's outcomes are said to have changed" in see(client, address)


def test_words_of_a_report_are_shown_as_words_not_as_html(client, coded):
    content = client.get(reverse("review", args=["W01"])).content.decode()
    assert "about &lt;missed&gt; appointments were filed &amp; never" in content


@pytest.mark.parametrize("state", [State.RECEIVED, State.INTERNAL, State.IN_CHECK])
def test_what_is_not_published_is_for_staff_only(client, state):
    review = make_review("W02", state=state)
    report = make_report(review, "One.", state=state)
    addresses = [
        reverse("review", args=["W02"]),
        reverse("report-page", args=[report.key, 1]),
        reverse("passage", args=[f"{report.key}-0-4"]),
    ]
    for address in addresses:
        see(client, address, status=404)
    client.force_login(make_person(Role.CODER))
    for address in addresses:
        assert "W02" in see(client, address)


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.EXPIRED])
def test_what_is_withdrawn_is_gone_for_everybody(staff, state):
    review = make_review("W02", state=state)
    report = make_report(review, "One.", state=state)
    see(staff, reverse("review", args=["W02"]), status=404)
    see(staff, reverse("report-page", args=[report.key, 1]), status=404)
    see(staff, reverse("passage", args=[f"{report.key}-0-4"]), status=404)


def test_an_unpublished_report_of_a_published_review_stays_hidden(client, coded):
    hidden = make_report(coded.review, "A draft.", state=State.INTERNAL)
    assert hidden.key not in client.get(reverse("review", args=["W01"])).content.decode()
    see(client, reverse("report-page", args=[hidden.key, 1]), status=404)


def test_a_published_report_of_a_hidden_review_stays_hidden(client):
    report = make_report(make_review("W03", state=State.INTERNAL), "One.")
    see(client, reverse("report-page", args=[report.key, 1]), status=404)
    see(client, reverse("passage", args=[f"{report.key}-0-4"]), status=404)


def test_a_review_under_embargo_opens_when_its_moment_has_passed(client, monkeypatch):
    make_review("W04", state=State.EMBARGOED, public_from=NOON)
    for now, status in ((NOON - timedelta(seconds=1), 404), (NOON, 200)):
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        see(client, reverse("review", args=["W04"]), status=status)


# ---- pages of reports and places in them ----


def test_a_page_shows_its_text_with_the_cited_words_marked(client, coded, key_of):
    address = reverse("report-page", args=[coded.key, 1])
    answer = client.get(address, {"at": key_of("missed")})
    marks = [one.text for one in strictly(answer).iter("mark")]
    assert marks == ["missed"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("at", ["nonsense", "000000000000-1-2", "{key}-900000-900001", "{key}-5-2"])
def test_a_place_that_is_none_marks_nothing_and_harms_nothing(client, coded, at):
    answer = client.get(
        reverse("report-page", args=[coded.key, 1]), {"at": at.format(key=coded.key)}
    )
    assert answer.status_code == 200
    assert not list(strictly(answer).iter("mark"))


def test_going_to_a_page_leads_to_the_nearest_one(client, coded):
    for said in ("1", "0", "99", "-3", "", "one", "9" * 400, "¹"):
        answer = client.get(reverse("to-page", args=[coded.key]), {"number": said})
        assert answer.url.partition("?")[0] == reverse("report-page", args=[coded.key, 1])


def test_a_page_that_does_not_exist_leads_to_the_nearest_and_says_so(client, coded):
    answer = client.get(reverse("report-page", args=[coded.key, 2]), follow=True)
    assert "There is no page 2 in this report. This is its only page." in words_of(strictly(answer))
    see(client, f"/reports/{coded.key}/pages/0/", status=404)
    see(client, reverse("page-image", args=[coded.key, 1]), status=404)


def test_a_passage_tells_its_place_its_codes_and_facts_and_how_to_cite_it(client, coded, key_of):
    said = see(client, reverse("passage", args=[key_of("The health visitor wrote no chronology.")]))
    assert "The health visitor wrote no chronology." in said
    assert "Findings" in said
    assert "Recording and record keeping" in said
    assert "Judgement: coded by one person" in said
    assert "Health visiting : In contact" in said
    assert "A board. Case management review: Child Beech" in said
    assert "http://testserver/p/" in said


def test_a_paragraph_shows_the_codes_on_words_within_it(client, coded, key_of):
    paragraph = key_of("3.2 The health visitor wrote no chronology.")
    said = see(client, reverse("passage", args=[paragraph]))
    assert "Recording and record keeping" in said
    assert "based on “The health visitor wrote no chronology.”" in said


def test_who_agreed_on_a_code_is_told_to_staff_only(client, coded, key_of):
    address = reverse("passage", args=[key_of("The health visitor wrote no chronology.")])
    assert "(analyst)" not in see(client, address)
    client.force_login(make_person(Role.EDITOR))
    assert "(analyst)" in see(client, address)


def test_suggestions_are_shown_apart_and_to_coders_only(client, coded, key_of, core):
    suggest_codes(by=None, report=coded, framework=core, now=NOON)
    address = reverse("passage", args=[key_of("3.3 Information sharing between")])
    assert "Suggested by software" not in see(client, address)
    client.force_login(make_person(Role.EDITOR))
    assert "Suggested by software" not in see(client, address)
    client.force_login(make_person(Role.CODER))
    assert "Suggested by software, not yet decided" in see(client, address)


@pytest.mark.parametrize("key", ["x", "abc-1-2", "{key}-5-5", "{key}-0-99999", "{key}-0-0"])
def test_what_is_no_place_is_not_found(client, coded, key):
    see(client, f"/p/{key.format(key=coded.key)}/", status=404)


def test_a_place_leads_to_its_page_with_the_words_marked(client, coded, key_of):
    key = key_of("missed")
    answer = client.get(reverse("passage-page", args=[key]))
    assert answer.url == f"{reverse('report', args=[coded.key])}?at={key}#at"


# ---- frameworks ----


def test_a_framework_shows_its_codes_with_the_reviews_that_bear_them(client, coded):
    said = see(client, reverse("framework", args=["cr-core", "1.0.0"]))
    assert "Recording and record keeping · 1 review" in said
    assert "Themes for learning" in said


def test_a_code_opens_to_the_agreed_passages_in_reviews_one_may_see(client, coded):
    address = reverse("code", args=["cr-core", "1.0.0", "prac.recording"])
    said = see(client, address)
    assert "1 review with this code" in said
    assert "The health visitor wrote no chronology." in said
    assert "Quality, access or absence of records." in said
    coded.review.state = State.WITHDRAWN
    coded.review.save()
    said = see(client, address)
    assert "0 reviews with this code" in said
    assert "chronology." not in said


def test_a_code_shows_its_rule_examples_nations_and_other_frames(client, db):
    later = load_framework(by=None, source=ALONE, file="small.yaml", now=NOON)
    publish_framework(by=None, framework=later, now=NOON)
    said = see(client, reverse("code", args=["small", "1.1.0", "c.not_in_school"]))
    for words in (
        "Code this if no school has the child.",
        "she was not on a roll",
        "The mother studied.",
        "additional support needs",
        "Children missing education",
        "Say what the school did.",
        "Only in reviews of Northern Ireland: Education Authority",
    ):
        assert words in said
    said = see(client, reverse("framework", args=["small", "1.1.0"]))
    assert "Computed, never recorded: assault = overt, covert; infant death = sudi." in said
    assert "Values: None stated; Hearing; Learning; Not stated." in said


def test_an_unknown_code_or_version_is_not_found(client, coded):
    see(client, reverse("code", args=["cr-core", "1.0.0", "no.such"]), status=404)
    see(client, reverse("framework", args=["cr-core", "9.0.0"]), status=404)
    see(client, f"{reverse('code', args=['cr-core', '1.0.0', 'prac.early'])}?page=2", status=404)
    see(client, f"{reverse('code', args=['cr-core', '1.0.0', 'prac.early'])}?page=x", status=404)


@pytest.mark.parametrize("name", ["review", "passage", "find", "code"])
def test_a_page_asks_once_which_roles_a_person_has(client, coded, key_of, name):
    args = {
        "review": ["W01"],
        "passage": [key_of("The health visitor wrote no chronology.")],
        "find": [],
        "code": ["cr-core", "1.0.0", "prac.recording"],
    }
    client.force_login(make_person(Role.CODER))
    with CaptureQueriesContext(connection) as asked:
        see(client, reverse(name, args=args[name]))
    assert sum("accounts_rolegrant" in query["sql"] for query in asked) == 1


def test_a_role_that_is_withdrawn_opens_nothing_at_the_next_request(client):
    make_review("T1", state=State.INTERNAL)
    person = make_person(Role.CODER)
    client.force_login(person)
    see(client, reverse("review", args=["T1"]))
    withdraw_role(person=person, role=Role.CODER, by=None, now=NOON)
    see(client, reverse("review", args=["T1"]), status=404)


def test_what_was_noted_while_reading_a_file_is_told_to_staff_only(client, report):
    report.warnings = ["the file names 3 people who changed it"]
    report.save()
    address = f"/reports/{report.key}/pages/1/"
    assert "3 people" not in client.get(address).content.decode()
    client.force_login(make_person(Role.CATALOGUER))
    assert "3 people" in client.get(address).content.decode()


def test_the_addresses_of_the_menus_are_worked_out_once(client, db, monkeypatch):
    client.get("/about/")
    asked = []
    monkeypatch.setattr(navigation, "reverse", asked.append)
    assert client.get("/about/").status_code == 200
    assert asked == []
