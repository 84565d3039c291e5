"""Lists of the workspace: search, filters, order, count and pages, the same way in each."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import Role, State, User
from waymark.documents.models import HiddenText, PossibleIdentifier, Reading, ReadingState, Review
from waymark.enquiries.models import Enquiry, LibraryGap, LiteratureSearch, PublishedAnswer
from waymark.library.models import (
    CatalogueRecord,
    Concept,
    Concern,
    Deposit,
    Import,
    Resource,
    ResourceKind,
    Retention,
    SavedSearch,
    ServiceNotice,
    ThesaurusScheme,
)
from waymark.library.services import catalogue_review
from waymark.library.services.topics import add_topic, withdraw_topic
from waymark.library.topics.description import TopicDescription
from waymark.mail.models import Letter

pytestmark = pytest.mark.django_db


@pytest.fixture
def cataloguer(client):
    person = make_person(Role.CATALOGUER, Role.ADMINISTRATOR, name="cataloguer")
    client.force_login(person)
    return person


def a_review(number, **values):
    review = make_review(f"T{number}", title=f"Review of {number}", **values)
    make_report(review, "Words.")


def a_resource(number, **values):
    values = {"kind": ResourceKind.GUIDANCE, "title": f"Resource of {number}", **values}
    Resource.objects.create(key=f"t{number}", added_at=NOON, **values)


def a_deposit(number, **values):
    Deposit.objects.create(
        reference=f"D{number}",
        board="A board",
        contact_name="A. Person",
        contact_email="board@zennorshire.example",
        title=f"Deposit of {number}",
        rights="Yes.",
        batch=f"D{number}",
        received_at=NOON,
        **values,
    )


def a_concern(number, **values):
    Concern.objects.create(
        reference=f"C{number}",
        page=f"/pages of {number}",
        kind="error",
        text="x",
        origin="x",
        received_at=NOON,
        **values,
    )


def an_enquiry(number, **values):
    Enquiry.objects.create(
        reference=f"E{number}",
        token=f"{number}",
        kind="question",
        channel="web",
        subject=f"Question of {number}",
        received_at=NOON,
        due_at=NOON,
        **values,
    )


def a_notice(number):
    day = date(2031, 5, 4) + timedelta(days=number)
    ServiceNotice.objects.create(text=f"Notice of {number}", first_day=day, added_at=NOON)


def a_saved_search(number):
    person = User.objects.get(username="cataloguer")
    SavedSearch.objects.create(person=person, name=f"Search of {number}", created_at=NOON)


def a_subject(number):
    ThesaurusScheme.objects.get_or_create(title="Subjects")
    concept = Concept.objects.create(key=f"s{number}")
    concept.labels.create(kind="preferred", language="en", text=f"Subject of {number}")
    concept.labels.create(kind="alternative", language="en", text=f"Name of {number}")
    ThesaurusScheme.objects.update(version=uuid4().hex)


def a_search(number):
    LiteratureSearch.objects.create(title=f"Search of {number}", question="Which?", created_at=NOON)


def an_account(number):
    make_person(name=f"person of {number}")


def an_import(number):
    Import.objects.create(key=f"k{number}", source=f"File of {number}", format="ris", at=NOON)


def an_email(number):
    Letter.objects.create(
        key=f"k{number}",
        to="board@zennorshire.example",
        subject=f"Email of {number}",
        message_id=f"m{number}",
        written_at=NOON,
    )


def hidden_words(number):
    report = make_report(make_review(f"H{number}", title=f"Report of {number}"), "Words.")
    HiddenText.objects.create(report=report, kind="comment", page=1, words="Late.", cause="x")


def a_possible_identifier(number):
    report = make_report(make_review(f"N{number}", title=f"Report of {number}"), "Words.")
    PossibleIdentifier.objects.create(
        report=report, kind="person", words="Fern", folded="fern", reason="A name.", count=1
    )


def a_file(number):
    report = make_report(make_review(f"F{number}", title=f"File of {number}"), "Words.")
    Retention.objects.create(report=report, until=date(2031, 5, 4) + timedelta(days=number))


def a_newer_text(number):
    report = make_report(make_review(f"W{number}", title=f"Report of {number}"), "Words.")
    Reading.objects.create(
        report=report,
        number=2,
        state=ReadingState.PENDING,
        extractor="test 2",
        content="Words.",
        read_at=NOON,
    )


def a_gap(number):
    title = f"Guide of {number}"
    LibraryGap.objects.create(title=title, folded=title, noted_at=NOON, changed_at=NOON)


def an_answer(number):
    resource = Resource.objects.create(
        key=f"answer-{number}", kind="answered-question", title=f"Answer of {number}", added_at=NOON
    )
    PublishedAnswer.objects.create(resource=resource, text="x", written_at=NOON)


LISTS = {
    "staff": (a_review, "title", "state=published", "?state=none"),
    "held-resources": (a_resource, "title", "state=received", "?state=none"),
    "deposits": (a_deposit, "title", "state=received", "?state=none"),
    "concerns": (a_concern, "page", "state=open", "?state=none"),
    "enquiries": (an_enquiry, "subject", "state=waiting", "?state=none"),
    "edit-answers": (an_answer, "question", "state=received", "?approved=none"),
    "gaps": (a_gap, "title", "state=to_find", "?state=none"),
    "searches": (a_search, "title", "state=open", "?state=none"),
    "accounts": (an_account, "account", "status=open", "?role=none"),
    "imports": (an_import, "source", "state=proposed", "?state=none"),
    "letters": (an_email, "subject", "state=waiting", "?state=none"),
    "hidden-texts": (hidden_words, "title", "state=published", "?state=none"),
    "anonymity-checks": (a_possible_identifier, "title", "state=published", "?state=none"),
    "keeping": (a_file, "title", "status=later", "?status=none"),
    "edit-notices": (a_notice, "text", "state=planned", "?state=none"),
    "keep-subjects": (a_subject, "name", "state=used", "?state=none"),
}
"""URL name of a list -> adds a row that ends with a number; order by it; a filter; a wrong one."""


def titles(client, page, query=""):
    """Words of the first cell of each row."""
    tree = strictly(client.get(reverse(page) + query))
    return [
        words_of(row)
        for body in tree.iter("tbody")
        for row in body.findall("tr/th")
        if " of " in words_of(row) and row.get("scope") in ("row", "rowgroup")
    ]


@pytest.mark.parametrize("page", LISTS)
def test_each_list_counts_searches_sorts_and_comes_in_pages(client, cataloguer, page):
    for number in range(101, 131):
        LISTS[page][0](number)
    first = see(client, reverse(page))
    number = 31 if page == "accounts" else 30  # with the person who looks
    assert f"{number} " in first
    assert f"1 to 25 of {number} " in first
    assert f"26 to {number} of {number} " in see(client, reverse(page) + "?page=2")
    found = see(client, reverse(page) + "?q=of+117")
    assert "found" in found
    assert "of 117" in found
    assert "of 118" not in found
    rising = see(client, reverse(page) + f"?sort={LISTS[page][1]}")
    falling = see(client, reverse(page) + f"?sort=-{LISTS[page][1]}")
    assert rising.index("of 101") < rising.index("of 102")
    assert "of 130" not in rising
    assert falling.index("of 130") < falling.index("of 129")


@pytest.mark.parametrize("page", LISTS)
def test_heads_and_cells_of_a_column_are_aligned_alike(client, cataloguer, page):
    LISTS[page][0](101)
    table = strictly(client.get(reverse(page))).find(".//main//table")
    heads = [head.get("class") == "n" for head in table.findall("thead/tr/th")]
    rows = [list(row) for row in table.iter("tr") if len(row) == len(heads)]
    assert len(rows) > 1
    for row in rows[1:]:
        assert [cell.get("class") == "n" for cell in row] == heads


@pytest.mark.parametrize("page", LISTS)
def test_a_list_without_matches_says_what_to_do(client, cataloguer, page):
    see(client, reverse(page))
    LISTS[page][0](101)
    said = see(client, reverse(page) + "?q=xyzzy")
    assert "match. Check the spelling, use fewer words, or clear search and filters" in said
    tree = strictly(client.get(reverse(page) + "?q=xyzzy"))
    assert reverse(page) in [link.get("href") for link in tree.find(".//main").iter("a")]


@pytest.mark.parametrize("page", LISTS)
def test_what_a_list_does_not_have_is_not_found(client, cataloguer, page):
    for query in ("?sort=password", "?sort=-", "?page=2", "?page=0"):
        see(client, reverse(page) + query, status=404)


@pytest.mark.parametrize("page", LISTS)
def test_a_filter_value_that_does_not_exist_is_told_at_its_field(client, cataloguer, page):
    LISTS[page][0](101)
    name = LISTS[page][3].strip("?").partition("=")[0]
    tree = strictly(client.get(reverse(page) + LISTS[page][3]))
    message = "there is no “none”. Choose a value from the list."
    assert message in words_of(tree.find(".//div[@role='alert']"))
    field = tree.find(f".//select[@name='{name}']")
    assert field.get("aria-invalid") == "true"
    (problem,) = [row for row in tree.iter("p") if row.get("id") == field.get("aria-describedby")]
    assert message in words_of(problem)
    assert "of 101" not in words_of(tree.find(".//main"))
    assert tree.find(".//main//form[@role='search']/details").get("open") is not None


@pytest.mark.parametrize("page", LISTS)
def test_the_form_of_a_list_says_what_was_chosen(client, cataloguer, page):
    add, key, choice, _ = LISTS[page]
    add(101)
    tree = strictly(client.get(reverse(page) + f"?q=of&sort=-{key}&{choice}"))
    form = tree.find(".//main//form[@role='search']")
    chosen = {
        f"{select.get('name')}={option.get('value')}"
        for select in form.iter("select")
        for option in select.iter("option")
        if option.get("selected") is not None
    }
    assert form.find(".//input[@name='q']").get("value") == "of"
    assert chosen >= {f"sort=-{key}", choice}
    assert "Filters and order (1)" in words_of(form)


@pytest.mark.parametrize("page", LISTS)
def test_the_head_of_a_column_sorts_the_other_way_and_keeps_the_filters(client, cataloguer, page):
    add, key, _, _ = LISTS[page]
    add(101)
    tree = strictly(client.get(reverse(page) + f"?q=of&sort={key}"))
    head = tree.find(".//th[@aria-sort]")
    assert head.get("aria-sort") == "ascending"
    assert head.find("a").get("href") == f"?q=of&sort=-{key}"


def fewest_queries(client, address):
    """One time of two something cached may have run out."""
    numbers = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        numbers.append(len(asked))
    return min(numbers)


@pytest.mark.parametrize("page", LISTS)
def test_a_list_asks_as_many_queries_for_a_full_page_as_for_one_row(client, cataloguer, page):
    def queries():
        return fewest_queries(client, reverse(page))

    LISTS[page][0](101)
    client.get(reverse(page))
    one = queries()
    for number in range(102, 131):
        LISTS[page][0](number)
    # What is cached for a version of the thesaurus is read anew once.
    client.get(reverse(page))
    assert queries() == one
    assert one <= 24


def test_every_word_of_a_search_must_occur_in_a_row(client, cataloguer):
    make_review("N1", title="Review of 1", board="North board")
    make_review("N2", title="Review of 2", board="South board")
    assert titles(client, "staff", "?q=review+north") == ["N1 Review of 1 catalogue record of N1"]
    assert titles(client, "staff", "?q=north+south") == []
    assert titles(client, "staff", "?q=n2+SOUTH") == ["N2 Review of 2 catalogue record of N2"]


def test_a_list_shows_no_more_than_the_person_may_see(client):
    client.force_login(make_person(Role.CODER))
    for number, state in enumerate((State.PUBLISHED, State.WITHDRAWN), start=101):
        a_review(number, state=state)
        a_resource(number, state=state)
    for page in ("staff", "held-resources"):
        for query in ("", "?q=of", "?sort=title", "?q=102"):
            assert "of 102" not in see(client, reverse(page) + query)
        assert "of 101" in see(client, reverse(page))


def test_reviews_and_resources_without_a_subject_are_a_filter(client, cataloguer):
    subject = Concept.objects.create(key="neglect")
    for number in (101, 102):
        a_review(number)
        a_resource(number)
    review = Review.objects.get(reference="T101")
    catalogue_review(by=None, review=review, now=NOON)
    review.record.subjects.add(subject)
    resource = Resource.objects.get(key="t101")
    CatalogueRecord.objects.create(resource=resource, changed_at=NOON).subjects.add(subject)
    for page in ("staff", "held-resources"):
        some = see(client, reverse(page) + "?subjects=some")
        none = see(client, reverse(page) + "?subjects=none")
        assert ("of 101" in some, "of 102" in some) == (True, False)
        assert ("of 101" in none, "of 102" in none) == (False, True)


def test_newer_texts_are_searched_and_ask_as_many_queries_for_a_page_as_for_one(client, cataloguer):
    def queries():
        return fewest_queries(client, reverse("newer-texts"))

    a_newer_text(101)
    client.get(reverse("newer-texts"))
    one = queries()
    for number in range(102, 131):
        a_newer_text(number)
    assert queries() == one
    assert "30 texts to accept" in see(client, reverse("newer-texts"))
    table = strictly(client.get(reverse("newer-texts") + "?q=W117")).find(".//main//table")
    assert "1 text to accept found" in words_of(table)
    assert "of 117" in words_of(table)
    assert "of 118" not in words_of(table)


def test_saved_searches_are_searched_sorted_and_come_in_pages(client, cataloguer):
    for number in range(101, 131):
        a_saved_search(number)
    page = reverse("saved-searches")
    first = see(client, page)
    assert "30 saved searches" in first
    assert "Search of 125" in first
    assert "Search of 126" not in first
    assert "Search of 126" in see(client, page + "?page=2")
    found = see(client, page + "?q=117")
    assert "1 saved search found" in found
    assert "Search of 118" not in found
    falling = see(client, page + "?sort=-name")
    assert falling.index("Search of 130") < falling.index("Search of 129")


def test_a_choice_of_deadlines_that_does_not_exist_is_told_at_its_field(client, cataloguer):
    tree = strictly(client.get(reverse("due") + "?due=none"))
    assert "there is no “none”" in words_of(tree.find(".//div[@role='alert']"))
    assert tree.find(".//select[@name='due']").get("aria-invalid") == "true"


def test_subjects_are_found_by_any_of_their_names_and_told_apart_by_their_state(client, cataloguer):
    for number in (1, 2, 3):
        a_subject(number)
    kept, merged = Concept.objects.get(key="s2"), Concept.objects.get(key="s3")
    merged.ended, merged.replaced_by = True, kept
    merged.save()
    ThesaurusScheme.objects.update(version=uuid4().hex)
    page = reverse("keep-subjects")
    assert "2 subjects in use, 1 retired" in see(client, page)
    assert titles(client, "keep-subjects", "?q=name+2") == ["Subject of 2 s2"]
    assert titles(client, "keep-subjects", "?state=retired") == ["Subject of 3 s3"]
    assert "Merged into Subject of 2" in see(client, page + "?state=retired")


def test_topics_are_searched_and_filtered_by_their_state(client, cataloguer):
    for name in ("Sleep", "Fire"):
        description = TopicDescription(name, f"About {name}.", (name,), (), ())
        add_topic(by=None, key=name.lower(), description=description, now=NOON)
    withdraw_topic(by=None, key="fire", reason="A test.", now=NOON)
    page = reverse("edit-topics")
    assert "2 topics" in see(client, page)
    assert titles_of_topics(client, "?q=sleep") == ["Sleep"]
    assert titles_of_topics(client, "?state=withdrawn") == ["Fire"]
    assert titles_of_topics(client, "?sort=-name") == ["Sleep", "Fire"]
    assert "there is no “none”" in see(client, page + "?state=none")


def titles_of_topics(client, query):
    table = strictly(client.get(reverse("edit-topics") + query)).find(".//main//table")
    return [words_of(head) for head in table.findall("tbody/tr/th")]
