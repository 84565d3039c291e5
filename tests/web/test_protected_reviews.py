"""Reviews whose small numbers an overview withholds: no page or search tells their agreed facts."""

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.frameworks.test_schema import GOOD
from tests.library.conftest import ask, counts, found, shelve
from tests.overview.world import ASKED, SPEC, STOPPED, make_world
from tests.publishing.giving import stored_edition
from tests.web.test_pages import see
from tests.written_once import written_once
from waymark.accounts.models import Role
from waymark.frameworks.models import Basis
from waymark.frameworks.services import load_framework, publish_framework
from waymark.library.queries.content_notes import notes_from_facts
from waymark.library.queries.protected_facts import FACT_FACETS
from waymark.library.queries.reviews import draft_abstract
from waymark.library.services import mark_changed
from waymark.overview.services import create_overview, freeze_overview
from waymark.profiles.models import AgreedJudgement
from waymark.recommendations.models import Recommendation

NATURE = """\
variables:
- id: nature
  name: Nature of the incident
  definition: What happened.
  level: review
  type: category
  values: [{value: assault, label: Assault}, {value: accident, label: Accident}]
"""
NOT_SHOWN = "An overview that counts this review withholds small numbers"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
@written_once
def framework(db):
    made = load_framework(
        by=None, source=GOOD.replace("variables:\n", NATURE), file="small.yaml", now=NOON
    )
    publish_framework(by=None, framework=made, now=NOON)
    return made


@pytest.fixture
@written_once
def world(framework):
    """S1: drinks, theme a, nature assault, one recommendation. S2: nothing of these."""
    world = make_world(framework)
    AgreedJudgement.objects.create(
        review=world.first.review,
        variable=framework.variables.get(variable="nature"),
        value="assault",
        basis=Basis.SOLE,
        decided_by=world.analyst,
        decided_at=NOON,
    )
    start = len(STOPPED) + 1
    Recommendation.objects.create(
        review=world.first.review,
        report=world.first,
        key=f"{world.first.key}-{start}-{start + len(ASKED)}",
        start=start,
        end=start + len(ASKED),
        exact=ASKED,
        page=1,
        number=1,
        category="training",
        audience="health",
        smart=["specific"],
        recorded_by=world.analyst,
        recorded_at=NOON,
    )
    return world


@pytest.fixture
def protect(world):
    """An edition of the small overview that withholds small numbers."""

    def publish(profile: str = "r5") -> None:
        spec = SPEC.replace("profile: open", f"profile: {profile}")
        spec = spec.replace("kind: crosstab", "kind: crosstab\n    process: true")
        made = create_overview(by=world.analyst, spec=spec, file="s.yaml", now=NOON)
        snapshot = freeze_overview(by=world.analyst, overview=made, now=NOON)
        stored_edition(snapshot, profile, by=world.editor)

    return publish


QUERIES = "theme:a", "nature:assault"


@pytest.mark.parametrize("query", QUERIES)
def test_no_search_lists_a_protected_review_by_a_fact_except_for_analysts(world, protect, query):
    shelve(world.first.review, world.second.review)
    assert found(ask(query)) == ["S1"]
    protect()
    assert found(ask(query)) == []
    assert found(ask(query, person=make_person(Role.CODER))) == []
    assert found(ask(f"NOT {query}")) == ["S1", "S2"]
    assert found(ask(query, person=world.analyst)) == ["S1"]


def test_no_filter_counts_a_protected_review_by_a_fact(world, protect):
    protect()
    shelve(world.first.review, world.second.review)
    answer = ask("", person=world.analyst)
    for facet in ("theme", "nature", "factor"):
        assert all(listed.name != facet for listed in answer.facets) or counts(answer, facet) == {}
    assert found(ask("", filters={"theme": ("a",)})) == []


def test_until_the_index_follows_no_filter_tells_a_fact_of_a_review_that_is_now_protected(
    world, protect
):
    shelve(world.first.review, world.second.review)
    assert counts(ask(""), "theme") == {"a": 1}
    protect()
    mark_changed(reviews=[world.first.review, world.second.review], now=NOON)
    assert found(ask("")) == ["S1", "S2"]
    assert [counts(ask(""), facet) for facet in FACT_FACETS] == [{}] * 5
    assert found(ask("", filters={"theme": ("a",)})) == []
    assert counts(ask("", filters={"theme": ("a",)}), "nature") == {}
    assert counts(ask(""), "kind") == {"case-review": 2}
    assert counts(ask("", person=world.analyst), "theme") == {"a": 1}
    assert found(ask("", filters={"theme": ("a",)}, person=world.analyst)) == ["S1"]


def test_an_open_overview_leaves_the_facts_in_the_filters(world, protect):
    protect("open")
    shelve(world.first.review, world.second.review)
    assert counts(ask(""), "theme") == {"a": 1}
    assert counts(ask(""), "nature") == {"assault": 1}


def test_the_page_of_a_protected_review_has_its_catalogue_and_reports_and_no_agreed_fact(
    client, world, protect
):
    address = reverse("review", args=["S1"])
    agreed = ("Recorded as present", "Nature of the incident", "Child A", "Themes", "· Training ·")
    before = see(client, address)
    assert all(words in before for words in agreed)
    protect()
    page = see(client, address)
    assert not [words for words in (*agreed, STOPPED, "Specific") if words in page]
    assert NOT_SHOWN in page
    assert ASKED in page  # the words of the recommendation, which the report prints for everyone
    assert reverse("report", args=[world.first.key]) in client.get(address).content.decode()
    brief = see(client, f"{address}?view=summary")
    assert NOT_SHOWN in brief
    assert not [words for words in agreed if words in brief]
    client.force_login(world.analyst)
    assert all(words in see(client, address) for words in agreed)


def test_the_page_of_a_passage_tells_no_code_or_fact_of_a_protected_review(client, world, protect):
    coded = f"{world.first.key}-{len(STOPPED) + 1}-{len(STOPPED) + 1 + len(ASKED)}"
    judged = f"{world.first.key}-0-{len(STOPPED)}"
    pages = [reverse("passage", args=[key]) for key in (coded, judged)]
    assert reverse("code", args=["small", "1.0.0", "a"]) in client.get(pages[0]).content.decode()
    assert "Facts based on this passage" in see(client, pages[1])
    protect()
    for page in pages:
        told = see(client, page)
        assert NOT_SHOWN in told
        assert "Facts based on this passage" not in told
        assert (
            reverse("code", args=["small", "1.0.0", "a"]) not in client.get(page).content.decode()
        )
    client.force_login(world.analyst)
    assert "Facts based on this passage" in see(client, pages[1])


def test_the_pages_say_nothing_of_protection_where_the_overview_is_open(client, world, protect):
    protect("open")
    assert NOT_SHOWN not in see(client, reverse("review", args=["S1"]))


def test_no_spelling_is_offered_with_a_number_that_tells_a_fact_of_a_protected_review(
    world, protect
):
    shelve(world.first.review, world.second.review)
    misspelt = [f"{query} stoppped" for query in QUERIES]
    assert [ask(query).suggestion.total for query in misspelt] == [1, 1]
    protect()
    assert [ask(query).suggestion for query in misspelt] == [None, None]
    assert ask(misspelt[0], person=world.analyst).suggestion.total == 1


def test_the_record_page_proposes_nothing_from_facts_of_a_protected_review(world, protect):
    review, cataloguer = world.first.review, make_person(Role.CATALOGUER)

    def reasons(person):
        return {sentence.why for sentence in draft_abstract(review, person, NOON)}

    assert notes_from_facts(review, cataloguer, NOON)
    agreed = {why for why in reasons(cataloguer) if why.startswith("agreed")}
    protect()
    assert notes_from_facts(review, cataloguer, NOON) == ()
    assert notes_from_facts(review, world.analyst, NOON)
    assert agreed
    assert not agreed & reasons(cataloguer)
