"""The search page: words found, where they stand, facets, order, pages, and nothing found."""

from datetime import date

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_person, make_report, make_review
from tests.library.conftest import make_resource, make_subject, shelve
from tests.library.test_query import marks
from tests.web.test_pages import see, strictly
from waymark.accounts.models import Role, State
from waymark.library.search.protocol import FACETS
from waymark.web.library.search_request import SORTS
from waymark.web.shared.rate_limit import A_MINUTE, AT_ONCE, MOST_ADDRESSES, RateLimiter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf(settings, tmp_path):
    """The data folder of this test: each has its own index."""
    settings.DATA = tmp_path


@pytest.fixture
def shelved(coded):
    other = make_review("W02", title="A second review", published_on=date(2006, 3, 4))
    make_report(other, "The school kept no notes.", "A nurse visited twice.")
    shelve(coded.review, other)
    return coded


def look(client, **asked):
    return see(client, f"{reverse('library')}?{'&'.join(f'{k}={v}' for k, v in asked.items())}")


def test_without_words_the_library_lists_everything(client, shelved):
    said = look(client)
    assert "2 records" in said
    assert "A second review" in said
    assert "Case management review: Child Beech" in said


def test_words_are_shown_where_they_stand_with_marks_and_a_way_to_the_page(client, shelved, key_of):
    answer = client.get(reverse("library"), {"q": "school nurse"})
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


def submitted(tree, **ticked):
    """What the search form sends with these boxes ticked besides those that are: name -> values."""
    sent: dict[str, list[str]] = {}
    boxes = [one for one in tree.iter("input") if one.get("type") == "checkbox"]
    hidden = tree.findall(".//form[@id='asked']//input")
    for one in (*hidden, *boxes):
        box = one.get("type") == "checkbox"
        assert not box or one.get("form") == "asked"
        if not box or one.get("checked") is not None or one.get("value") in ticked.values():
            sent.setdefault(one.get("name"), []).append(one.get("value"))
    return sent


def test_a_facet_is_ticked_applied_and_taken_away_again(client, shelved):
    page = strictly(client.get(reverse("library")))
    sent = submitted(page, theme="prac.recording")
    assert sent == {"q": [""], "theme": ["prac.recording"]}
    narrowed = client.get(reverse("library"), sent)
    said = see(client, f"{reverse('library')}?theme=prac.recording")
    assert "1 record " in said
    assert "A second review" not in said
    page = strictly(narrowed)
    assert submitted(page) == sent
    back = next(one for one in page.iter("a") if one.get("class") == "tag")
    assert (back.get("href"), back.get("rel")) == ("?q=", "nofollow")


def test_every_box_has_a_label_and_stands_in_a_group_with_a_name(client, shelved):
    page = strictly(client.get(reverse("library"), {"q": "school"}))
    labels = {one.get("for") for one in page.iter("label")}
    boxes = [one.get("id") for one in page.iter("input") if one.get("type") == "checkbox"]
    assert boxes
    assert len(boxes) == len(set(boxes))
    assert set(boxes) <= labels
    for group in page.findall(".//aside//fieldset"):
        assert group.find("legend").text


def test_the_count_is_announced_and_can_be_skipped_to(client, shelved):
    page = strictly(client.get(reverse("library"), {"q": "school"}))
    told = page.find(".//div[@role='status']/h2[@id='found']")
    assert told.text.strip().startswith("2 records")
    assert page.find(".//title").text.startswith("2 results")
    skips = [one.get("href") for one in page.iter("a") if one.get("class") == "skip"]
    assert {"#found", "#narrow"} <= set(skips)


def test_a_new_search_keeps_what_is_narrowed_to_and_the_order(client, shelved):
    page = strictly(client.get(reverse("library"), {"theme": "prac.recording", "sort": "title"}))
    assert submitted(page) == {"q": [""], "sort": ["title"], "theme": ["prac.recording"]}
    unread = strictly(client.get(reverse("library"), {"q": "!!!", "theme": "prac.recording"}))
    assert submitted(unread) == {"q": ["!!!"], "theme": ["prac.recording"]}


def test_a_resource_is_found_beside_the_reviews_and_leads_to_its_page(client, shelved):
    shelve(make_resource("learning", title="What schools learned", strapline="A zqx strapline"))
    said = look(client, q="school")
    assert "3 records" in said
    assert "Guidance" in said
    assert "A zqx strapline" in said
    page = strictly(client.get(reverse("library"), {"q": "learned"}))
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
    first = strictly(client.get(reverse("library"), {"q": "words", "sort": "oldest"}))
    titles = [one.find("a").text for one in first.iter("h3") if one.find("a") is not None]
    assert titles[0] == "Review L01"
    assert len(titles) == 10
    later = next(one.get("href") for one in first.iter("a") if one.get("rel") == "next")
    second = see(client, reverse("library") + later)
    assert "11 to 12 of 12 records" in second
    assert "Review L12" in second


@pytest.mark.parametrize(
    "query",
    [
        "q=%00school%01%EF%BF%BF",
        "theme=%00",
        "q=" + "(" * 300,
        "q=%F0%9F%A6%93+AND+NOT",
        "theme=nonsense&year=abc&year=2005&nation=",
        "sort=sideways",
        "page=999",
        "q=school&page=7",
    ],
)
def test_odd_questions_get_a_page(client, shelved, query):
    see(client, f"{reverse('library')}?{query}")


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "9" * 30, ""])
def test_what_is_no_page_number_is_not_found(client, shelved, page):
    see(client, f"{reverse('library')}?page={page}", status=404)


# ---- other names of what is typed ----


@pytest.fixture
def named(shelved):
    make_subject("school-nursing", "School nurse", "Nurse")
    return shelved


def test_what_was_searched_besides_is_told_and_can_be_left_out(client, named):
    said = look(client, q="nurse")
    assert "for nurse : School nurse" in said or "for nurse: School nurse" in said
    page = strictly(client.get(reverse("library"), {"q": "nurse"}))
    off = next(one for one in page.iter("a") if one.text == "Search only the words you typed")
    assert (off.get("href"), off.get("rel")) == ("?q=nurse&broaden=no", "nofollow")
    page = strictly(client.get(reverse("library") + off.get("href")))
    assert submitted(page)["broaden"] == ["no"]
    on = next(one for one in page.iter("a") if one.text == "Search for related terms too")
    assert on.get("href") == "?q=nurse"
    links = [one.get("href") for one in page.iter("a") if "page/?" in (one.get("href") or "")]
    assert links
    assert all(link.endswith("broaden=no") for link in links)


def test_a_hit_opens_the_page_with_the_words_marked(client, named, key_of):
    paragraph = key_of(
        "3.1 Two letters about <missed> appointments were filed & never passed on to the "
        "school nurse."
    )
    opened = client.get(reverse("passage-page", args=[paragraph]), {"q": "nurse letter"})
    page = strictly(client.get(opened.url))
    assert [mark.text for mark in page.iter("mark")] == ["letters", "school nurse"]
    assert page.find(".//*[@id='at']") is not None
    plain = client.get(
        reverse("passage-page", args=[paragraph]), {"q": "nurse letter", "broaden": "no"}
    )
    page = strictly(client.get(plain.url))
    assert [mark.text for mark in page.iter("mark")] == ["letters", "nurse"]


def test_where_no_word_stands_on_the_page_the_place_itself_is_marked(client, shelved, key_of):
    paragraph = key_of(
        "3.1 Two letters about <missed> appointments were filed & never passed on to the "
        "school nurse."
    )
    opened = client.get(reverse("passage-page", args=[paragraph]), {"q": "zebra"})
    page = strictly(client.get(opened.url))
    assert next(mark.text for mark in page.iter("mark")).startswith("3.1 Two letters")


# ---- programs that walk ----


def test_far_pages_are_given_so_many_at_a_time_to_a_visitor(client, shelved, monkeypatch):
    seconds = [0.0]
    monkeypatch.setattr("waymark.web.library.search.PACE", RateLimiter(clock=lambda: seconds[0]))
    far = f"{reverse('library')}?page=1&year=2001&year=2002&year=2003&year=2004"
    for _ in range(AT_ONCE):
        assert client.get(far).status_code == 200
    slow = client.get(far)
    assert (slow.status_code, slow["Retry-After"]) == (429, "60")
    assert "Too many searches at once" in slow.content.decode()
    assert client.get(reverse("library"), {"q": "school", "page": 1}).status_code == 200
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
        **{name: st.lists(st.one_of(st.text(), st.just("2006")), max_size=3) for name in FACETS},
    },
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked_for)
def test_whatever_is_asked_there_is_a_page(client, named, asked):
    answer = client.get(reverse("library"), asked)
    assert answer.status_code in {200, 429}
    if answer.status_code == 200:
        strictly(answer)
