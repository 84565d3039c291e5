"""The search page: words found, where they stand, facets, order, pages, and nothing found."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import NOON, make_person, make_report, make_review
from tests.library.conftest import make_resource, make_subject, shelve
from tests.library.test_query import marks
from tests.web.test_pages import see, strictly, words_of
from tests.written_once import written_once
from waymark.accounts.models import Role, State
from waymark.library.search.protocol import FILTERS
from waymark.library.search.results import FacetValue
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription
from waymark.web.library.search_request import SORTS
from waymark.web.shared.addresses import address_of
from waymark.web.shared.rate_limit import A_MINUTE, AT_ONCE, MOST_ADDRESSES, RateLimiter
from waymark.web.templatetags.words import highlighted, ticks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    """The data folder of this test: each has its own index."""
    settings.DATA = tmp_path


@pytest.fixture
@written_once
def shelved(coded):
    other = make_review("W02", title="A second review", published_on=date(2006, 3, 4))
    make_report(other, "The school kept no notes.", "A nurse visited twice.")
    shelve(coded.review, other)
    return coded


def look(client, **asked):
    return see(client, f"{reverse('find')}?{'&'.join(f'{k}={v}' for k, v in asked.items())}")


def test_without_words_the_library_lists_everything(client, shelved):
    said = look(client)
    assert "2 records" in said
    assert "A second review" in said
    assert "Case management review: Child Beech" in said


def test_without_a_full_match_the_page_leads_past_its_advice_to_partial_matches(client, shelved):
    page = strictly(client.get(reverse("find"), {"q": "nurse zebra"}))
    (near,) = [link for link in page.iter("a") if link.get("href") == "#near"]
    assert near.text == "See records that match some of them"
    assert page.find(".//h2[@id='near']").text == "Partial matches"
    nothing = strictly(client.get(reverse("find"), {"q": "zebra"}))
    assert not [link for link in nothing.iter("a") if link.get("href") == "#near"]


def test_a_search_without_results_offers_the_nearest_topic(client, shelved):
    description = TopicDescription("Zebras", "About zebras.", words=("zebra",))
    add_topic(by=None, key="zebras", description=description, now=NOON)
    page = strictly(client.get(reverse("find"), {"q": "zebra unicorn"}))
    (link,) = [link for link in page.iter("a") if link.get("href") == "/topics/zebras/"]
    assert link.text == "Zebras"
    for words in ("unicorn", "nurse"):
        page = strictly(client.get(reverse("find"), {"q": words}))
        assert not [link for link in page.iter("a") if link.get("href") == "/topics/zebras/"]


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("q=nurse&topic=&from=&to=", "/find/?q=nurse"),
        ("q=&topic=&nation=&nation=Wales", "/find/?nation=Wales"),
        ("q=", "/find/"),
        ("q=nurse&sort=&page=2", "/find/?q=nurse&page=2"),
    ],
)
def test_the_empty_fields_of_a_form_are_left_out_of_the_address(client, shelved, query, address):
    answer = client.get(f"/find/?{query}")
    assert (answer.status_code, answer["Location"]) == (301, address)


def test_words_are_shown_where_they_stand_with_marks_and_a_way_to_the_page(client, shelved, key_of):
    answer = client.get(reverse("find"), {"q": "school nurse"})
    tree = strictly(answer)
    assert "school" in {mark.text for mark in tree.iter("mark")}
    paragraph = key_of(
        "3.1 Two letters about <missed> appointments were filed & never passed on to the "
        "school nurse."
    )
    links = [one.get("href") for one in tree.iter("a")]
    assert f"{reverse('passage-page', args=[paragraph])}?q=school+nurse" in links
    assert f"{reverse('passage', args=[paragraph])}#cite" in links
    assert reverse("review", args=["W01"]) in links
    said = look(client, q="school nurse")
    assert "2 records, 4 passages" in said
    assert "view on the page" in said


def filter_boxes(tree):
    """The boxes of the search form: without those that choose records to take."""
    boxes = [one for one in tree.iter("input") if one.get("type") == "checkbox"]
    return [box for box in boxes if box.get("form") != "chosen"]


def submitted(tree, **ticked):
    """What the search form sends with these boxes ticked besides those that are: name -> values."""
    sent: dict[str, list[str]] = {}
    boxes = filter_boxes(tree)
    inputs = tree.findall(".//form[@id='filter-form']//input")
    assert set(boxes) <= set(inputs)
    for one in inputs:
        box = one.get("type") == "checkbox"
        if not box or one.get("checked") is not None or one.get("value") in ticked.values():
            sent.setdefault(one.get("name"), []).append(one.get("value"))
    return sent


def test_a_facet_is_ticked_applied_and_taken_away_again(client, shelved):
    page = strictly(client.get(reverse("find")))
    sent = submitted(page, theme="prac.recording")
    assert sent == {"q": [""], "from": [""], "to": [""], "theme": ["prac.recording"]}
    narrowed = client.get(reverse("find"), sent, follow=True)
    said = see(client, f"{reverse('find')}?theme=prac.recording")
    assert "1 record " in said
    assert "A second review" not in said
    page = strictly(narrowed)
    assert submitted(page) == sent
    back = next(one for one in page.iter("a") if one.get("class") == "tag")
    assert (back.get("href"), back.get("rel")) == ("?", "nofollow")


def test_every_box_has_a_label_and_stands_in_a_group_with_a_name(client, shelved):
    page = strictly(client.get(reverse("find"), {"q": "school"}))
    boxes = [one for one in page.iter("input") if one.get("type") == "checkbox"]
    labelled = [box for label in page.iter("label") for box in label.findall("input")]
    filters = filter_boxes(page)
    assert len(boxes) - len(filters) == 2, "one to choose each record"
    assert set(boxes) <= set(labelled)
    groups = page.findall(".//form[@id='filter-form']//fieldset")
    assert all(group.find("legend").text for group in groups)
    assert set(filters) <= {box for group in groups for box in group.iter("input")}


def test_the_count_is_announced_and_can_be_skipped_to(client, shelved):
    page = strictly(client.get(reverse("find"), {"q": "school"}))
    told = page.find(".//div[@role='status']/h2[@id='found']")
    assert told.text.strip().startswith("2 records")
    assert page.find(".//title").text.startswith("“school”: 2 results")
    skips = [one.get("href") for one in page.iter("a") if one.get("class") == "skip"]
    assert {"#found", "#filters"} <= set(skips)


def test_a_new_search_keeps_what_is_narrowed_to_and_the_order(client, shelved):
    page = strictly(client.get(reverse("find"), {"theme": "prac.recording", "sort": "title"}))
    empty = {"from": [""], "to": [""]}
    kept = {"sort": ["title"], "theme": ["prac.recording"]}
    assert submitted(page) == {"q": [""], **kept, **empty}
    box = page.find(".//header//form")
    hidden = [one for one in box.iter("input") if one.get("type") == "hidden"]
    assert {one.get("name"): [one.get("value")] for one in hidden} == kept
    unread = strictly(client.get(reverse("find"), {"q": "!!!", "theme": "prac.recording"}))
    box = unread.find(".//header//form")
    assert [one.get("value") for one in box.iter("input")] == ["!!!", "prac.recording"]


def test_a_resource_is_found_beside_the_reviews_and_leads_to_its_page(client, shelved):
    shelve(make_resource("learning", title="What schools learned", strapline="A zqx strapline"))
    said = look(client, q="school")
    assert "3 records" in said
    assert "Guidance" in said
    assert "A zqx strapline" in said
    page = strictly(client.get(reverse("find"), {"q": "learned"}))
    assert reverse("resource", args=["learning"]) in [one.get("href") for one in page.iter("a")]


def test_what_is_wrong_in_several_places_is_told_once(client, shelved):
    said = look(client, q="school AND ((")
    assert said.count("This bracket is not closed") == 1
    assert said.count("There are no words between these brackets") == 1


def test_what_was_not_understood_is_told(client, shelved):
    assert "Add a closing quotation mark" in look(client, q='"school')


def test_nothing_found_explains_what_to_try(client, shelved):
    said = look(client, q="zebra")
    assert "0 records" in said
    assert "Check the spelling" in said
    assert "Use fewer words" in said


def test_a_spelling_close_to_a_word_there_is_is_proposed(client, shelved):
    assert "Did you mean school" in look(client, q="schooll")


def test_hidden_reviews_are_neither_found_nor_counted(client, shelved):
    hidden = make_review("W03", state=State.INTERNAL, title="An internal one")
    make_report(hidden, "The school was told.", state=State.INTERNAL)
    shelve(hidden)
    said = look(client, q="school")
    assert "An internal one" not in said
    assert "2 records" in said


def test_long_lists_have_pages_and_the_order_can_be_chosen(client):
    reviews = [
        make_review(f"L{number:02}", published_on=date(2001, 1, number)) for number in range(1, 13)
    ]
    for review in reviews:
        make_report(review, "The same words.")
    shelve(*reviews)
    first = strictly(client.get(reverse("find"), {"q": "words", "sort": "oldest"}))
    titles = [one.find("a").text for one in first.iter("h3") if one.find("a") is not None]
    assert titles[0] == "Review L01"
    assert len(titles) == 10
    later = next(one.get("href") for one in first.iter("a") if one.get("rel") == "next")
    second = see(client, reverse("find") + later)
    assert "11 to 12 of 12 records" in second
    assert "Review L12" in second


@pytest.mark.parametrize(
    "query",
    [
        "q=%00school%01%EF%BF%BF",
        "theme=%00",
        "q=" + "(" * 300,
        "q=%F0%9F%A6%93+AND+NOT",
        "theme=nonsense&year=abc&year=2005",
        "sort=sideways",
        "page=999",
        "q=school&page=7",
    ],
)
def test_odd_questions_get_a_page(client, shelved, query):
    see(client, f"{reverse('find')}?{query}")


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "9" * 30, ""])
def test_what_is_no_page_number_is_not_found(client, shelved, page):
    see(client, f"{reverse('find')}?page={page}", status=404)


# ---- other names of what is typed ----


@pytest.fixture
@written_once
def named(shelved):
    make_subject("school-nursing", "School nurse", "Nurse")
    return shelved


def test_what_was_searched_besides_is_told_and_can_be_left_out(client, named):
    said = look(client, q="nurse")
    assert "We also searched for School nurse" in said
    assert "For nurse: School nurse" in said or "For nurse : School nurse" in said
    page = strictly(client.get(reverse("find"), {"q": "nurse"}))
    off = next(one for one in page.iter("a") if one.text == "Search only the words you typed")
    assert (off.get("href"), off.get("rel")) == ("?q=nurse&broaden=no", "nofollow")
    page = strictly(client.get(reverse("find") + off.get("href")))
    assert submitted(page)["broaden"] == ["no"]
    on = next(one for one in page.iter("a") if one.text == "Search for related terms too")
    assert on.get("href") == "?q=nurse"
    links = [one.get("href") for one in page.iter("a") if "page/?" in (one.get("href") or "")]
    assert links
    assert all(link.endswith("broaden=no") for link in links)


def found_words(page):
    """The marked words of a search; the cited passage around them has a mark of its own."""
    return [one.text for one in page.iter("mark") if "target" not in one.get("class", "")]


def test_a_hit_opens_the_page_with_the_words_marked(client, named, key_of):
    paragraph = key_of(
        "3.1 Two letters about <missed> appointments were filed & never passed on to the "
        "school nurse."
    )
    opened = client.get(reverse("passage-page", args=[paragraph]), {"q": "nurse letter"})
    page = strictly(client.get(opened.url))
    assert found_words(page) == ["letters", "school nurse"]
    assert page.find(".//*[@id='at']") is not None
    plain = client.get(
        reverse("passage-page", args=[paragraph]), {"q": "nurse letter", "broaden": "no"}
    )
    page = strictly(client.get(plain.url))
    assert found_words(page) == ["letters", "nurse"]


def test_where_no_word_stands_on_the_page_the_place_itself_is_marked(client, shelved, key_of):
    paragraph = key_of(
        "3.1 Two letters about <missed> appointments were filed & never passed on to the "
        "school nurse."
    )
    opened = client.get(reverse("passage-page", args=[paragraph]), {"q": "zebra"})
    page = strictly(client.get(opened.url))
    marked = "".join("".join(mark.itertext()) for mark in page.findall(".//mark[@class='target']"))
    assert marked.startswith("3.1 Two letters")


# ---- tabs, passages, years ----


def hrefs(page, text):
    """The addresses of the links whose text begins so."""
    return [
        one.get("href")
        for one in page.iter("a")
        if " ".join("".join(one.itertext()).split()).startswith(text)
    ]


def test_each_tab_counts_what_its_link_shows(client, shelved):
    shelve(make_resource("learning", title="What schools learned"))
    page = strictly(client.get(reverse("find"), {"q": "school"}))
    tabs = page.find(".//ul[@class='tabs']")
    shown = {}
    for link in tabs.iter("a"):
        label, count = " ".join("".join(link.itertext()).split()).rsplit(" ", 1)
        answer = client.get(reverse("find") + link.get("href"))
        passages = answer.context["passages"]
        total = answer.context["answer"].total if passages is None else passages.total
        assert int(count) == total, label
        shown[label] = total
    assert shown == {"All": 3, "Reviews": 2, "Resources": 1, "Passages": 3}
    assert not tabs.findall(".//a[.='Courses']")


def test_each_filter_counts_the_hits_that_its_link_shows(client, shelved):
    shelve(make_resource("learning", title="Schools", authors=["Reed, Tom"], publisher="Heron"))
    facets = client.get(reverse("find"), {"q": "school"}).context["answer"].facets
    shown = {facet.name: {value.label: value.count for value in facet.values} for facet in facets}
    assert shown["agency"] == {"Health visiting": 1}
    assert shown["factor"] == {"Parental mental health problem": 1}
    assert shown["age"] == {"Under 1": 1}
    assert (shown["board"], shown["author"], shown["publisher"]) == (
        {"A board": 1},
        {"Reed, Tom": 1},
        {"Heron": 1},
    )
    for facet in facets:
        for value in facet.values:
            asked = {"q": "school", facet.name: value.value}
            answer = client.get(reverse("find"), asked).context["answer"]
            assert answer.total == value.count, asked


def test_the_number_of_passages_of_a_hit_leads_to_exactly_these(client):
    review, other = make_review("P1", title="Review of Child Ash"), make_review("P2")
    make_report(review, *(f"The school wrote letter {number}." for number in range(1, 13)))
    make_report(other, "The school.")
    shelve(review, other)
    page = strictly(client.get(reverse("find"), {"q": "school"}))
    (address,) = hrefs(page, "All 12 matching passages")
    listed = client.get(address)
    assert "12 passages in Review of Child Ash" in see(client, address)
    later = strictly(listed).find(".//a[@rel='next']").get("href")
    second = client.get(reverse("find") + later).context["passages"]
    keys = [hit.passage.key for hit in (*listed.context["passages"].hits, *second.hits)]
    assert len(set(keys)) == 12
    assert {hit.reference for hit in second.hits} == {"P1"}
    see(client, f"{reverse('find')}?q=school&view=passages&review=nobody", status=404)


def test_years_narrow_from_and_to_and_each_can_be_removed(client):
    for year in (2009, 2010, 2015, 2016):
        shelve(make_review(f"Y{year}", title=f"Review {year}", published_on=date(year, 5, 1)))
    page = strictly(client.get(reverse("find"), {"from": "2010", "to": "2015"}))
    assert "2 records" in see(client, f"{reverse('find')}?from=2010&to=2015")
    assert hrefs(page, "Year: from 2010") == ["?to=2015"]
    assert hrefs(page, "Year: to 2015") == ["?from=2010"]
    assert "3 records" in see(client, f"{reverse('find')}?to=2015")
    assert "We searched from 2010 to 2015" in see(client, f"{reverse('find')}?from=2015&to=2010")
    assert "soon is not a year" in see(client, f"{reverse('find')}?from=soon")
    assert "20100 is not a year" in see(client, f"{reverse('find')}?from=20100")
    assert "The year a review was completed." in see(client, reverse("find"))
    assert hrefs(page, "Save these results for Zotero (RIS)") == [
        "/library/results.ris?from=2010&to=2015"
    ]
    ris = client.get("/library/results.ris?from=2010&to=2015").content.decode()
    assert ris.count("TY  -") == 2


def test_filters_that_leave_nothing_are_named_with_a_way_out(client):
    review = make_review("Y2009", title="Review of 2009", published_on=date(2009, 5, 1))
    make_report(review, "The visitor saw the baby.")
    shelve(review)
    address = reverse("find")
    late = strictly(client.get(address, {"q": "baby & visitor", "from": "2010"}))
    assert "No results match all your words with these filters." in words_of(late)
    way_out = "search for the same words without filters"
    assert hrefs(late, way_out) == ["/find/?q=baby%20%26%20visitor"]
    without_words = see(client, f"{address}?from=2010")
    assert "No records match these filters." in without_words
    assert "Check the spelling" not in without_words
    passages = strictly(client.get(address, {"q": "baby", "from": "2010", "view": "passages"}))
    assert "No passages of reports match your words with these filters." in words_of(passages)
    assert hrefs(passages, way_out) == ["/find/?q=baby"]


def test_a_very_long_question_does_not_fill_the_page_with_its_heading(client):
    heading = strictly(client.get(reverse("find"), {"q": "baby " * 100})).find(".//h1")
    assert len(words_of(heading)) < 220


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/library/", "/find/"),
        ("/library/?q=a+b&theme=x&theme=y", "/find/?q=a+b&theme=x&theme=y"),
        ("/resources/", "/find/?collection=resources"),
        ("/resources/?kind=guidance&page=2", "/find/?kind=guidance&page=2"),
    ],
)
def test_addresses_from_before_find_lead_on_for_good(client, old, new):
    answer = client.get(old)
    assert (answer.status_code, answer["Location"]) == (301, new)


def test_the_address_to_cite_leaves_out_what_changes_nothing(client, shelved):
    page = strictly(client.get("/find/?q=school&page=1&broaden=yes"))
    link = page.find(".//link[@rel='canonical']")
    assert link.get("href") == "http://testserver/find/?q=school"


def test_a_search_asks_the_database_as_often_for_many_records_as_for_few(client, shelved):
    def questions(**asked):
        with CaptureQueriesContext(connection) as made:
            assert client.get(reverse("find"), asked).status_code == 200
        return len(made)

    def counted():
        return (questions(q="school and nurse"), questions(q="school", view="passages"))

    few = counted()
    for number in range(8):
        review = make_review(f"M{number}", board=f"Board {number}", published_on=date(2010, 1, 1))
        make_report(review, "The school.", "A nurse.", "The school nurse.")
        shelve(review)
    assert counted() == few


# ---- programs that walk ----


def test_far_pages_are_given_so_many_at_a_time_to_a_visitor(client, shelved, monkeypatch):
    seconds = [0.0]
    monkeypatch.setattr("waymark.web.library.find.PACE", RateLimiter(clock=lambda: seconds[0]))
    far = f"{reverse('find')}?page=1&year=2001&year=2002&year=2003&year=2004"
    for _ in range(AT_ONCE):
        assert client.get(far).status_code == 200
    slow = client.get(far)
    assert (slow.status_code, slow["Retry-After"]) == (429, "60")
    assert "Too many searches at once" in slow.content.decode()
    assert client.get(reverse("find"), {"q": "school", "page": 1}).status_code == 200
    other = client.get(far, REMOTE_ADDR="192.0.2.7")
    assert other.status_code == 200
    seconds[0] += 60 / A_MINUTE
    assert client.get(far).status_code == 200
    assert client.get(far).status_code == 429
    client.force_login(make_person(Role.READER))
    assert client.get(far).status_code == 200


def test_what_is_counted_of_visitors_stays_small():
    pace = RateLimiter(clock=lambda: 0.0)
    for number in range(MOST_ADDRESSES + 50):
        pace.allows(f"192.0.2.{number}")
    assert len(pace._left) == MOST_ADDRESSES


# ---- nothing that is asked breaks the page ----

asked_for = st.fixed_dictionaries(
    {},
    optional={
        "q": st.one_of(st.text(), st.lists(marks).map("".join), st.lists(marks).map(" ".join)),
        "sort": st.one_of(st.text(), st.sampled_from(list(SORTS))),
        "broaden": st.sampled_from(["no", "yes", ""]),
        **{name: st.lists(st.one_of(st.text(), st.just("2006")), max_size=3) for name in FILTERS},
    },
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked_for)
def test_whatever_is_asked_there_is_a_page(client, named, asked):
    answer = client.get(reverse("find"), asked, follow=True)
    assert answer.status_code in {200, 429}
    if answer.status_code == 200:
        strictly(answer)


# ---- what a page writes by the hundred ----


@pytest.mark.parametrize(
    "name",
    [
        *("review", "resource", "edit-review", "review-state", "report", "report-state"),
        *("hidden-text", "anonymity", "passage", "passage-page"),
    ],
)
def test_addresses_written_by_the_hundred_are_those_of_the_pages(name):
    for key in ("R0-10", "a0b1c2d3e4f5-0-120"):
        assert address_of(key, name) == reverse(name, args=[key])


def test_values_of_facets_and_marked_words_are_escaped():
    values = [FacetValue("a&b", "<b>Board</b>", 10018, chosen=True), FacetValue("c", "C", 1, False)]
    assert ticks("board", values) == (
        '<label class="tick"><input type="checkbox" name="board" value="a&amp;b" checked>'
        "&lt;b&gt;Board&lt;/b&gt; <span>10018</span></label>\n"
        '<label class="tick"><input type="checkbox" name="board" value="c">C <span>1</span></label>'
    )
    marked = highlighted("<i>two</i> words", [(3, 6)])
    assert marked == "&lt;i&gt;<mark>two</mark>&lt;/i&gt; words"
