"""What a search finds, where, in which order, and what it says of the collection."""

import json
from datetime import date

import pytest

from tests.factories import NOON, make_report, make_review
from tests.library.conftest import READER, agree_code, agree_value, ask, counts, found, shelve
from tests.written_once import written_once
from waymark.core.errors import ServiceUnavailable
from waymark.library.queries import search_json, search_passages
from waymark.library.search.parser import parse_query
from waymark.library.search.protocol import SearchRequest
from waymark.library.search.tree import as_text, from_json, to_json
from waymark.library.services import mark_changed, rebuild_index


@pytest.fixture
@written_once
def three(db):
    """Three reviews: R1 of two reports, R2 and R3 of one."""
    first = make_review(
        "R1",
        title="Review of Child Ash",
        nation="Wales",
        board="Loughside Board",
        review_type="Child practice review",
        published_on=date(2008, 3, 1),
        summary="A baby died at home.",
    )
    make_report(first, "The health visitor saw the baby twice.", "Co-sleeping was not discussed.")
    make_report(first, "The board accepts every finding on supervision.")
    second = make_review(
        "R2",
        title="Review of Child Birch",
        nation="Wales",
        board="Hillside Board",
        review_type="Case management review",
        completed_on=date(2005, 1, 9),
    )
    make_report(second, "Nobody supervised the social worker.", "The visitor's notes were lost.")
    third = make_review(
        "R3",
        title="Review of Child Oak",
        nation="Northern Ireland",
        board="Loughside Board",
        published_on=date(2010, 6, 30),
    )
    make_report(third, "Pháiste means child. The visits in the night were routine.")
    shelve(first, second, third)
    return first, second, third


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("", ["R1", "R2", "R3"]),
        ("baby", ["R1"]),
        ("BABIES", ["R1"]),
        ("supervision", ["R1", "R2"]),
        ("baby supervision", ["R1"]),
        ("visitor supervised", ["R1", "R2"]),
        ("baby OR routine", ["R1", "R3"]),
        ("baby and routine", []),
        ("visitor NOT baby", ["R2"]),
        ("NOT visitor", ["R3"]),
        ("NOT (baby OR routine)", ["R2"]),
        ("(baby OR routine) (twice OR night)", ["R1", "R3"]),
        ('"health visitor"', ["R1"]),
        ('"visitor health"', []),
        ('"supervised"', ["R2"]),
        ('"supervise"', []),
        ("supervise", ["R1", "R2"]),
        ('"twice co sleeping"', []),
        ("co-sleeping", ["R1"]),
        ("cosleeping", []),
        ("superv*", ["R1", "R2"]),
        ("phaiste", ["R3"]),
        ("PHÁISTE", ["R3"]),
        ("visitor's", ["R1", "R2"]),
        ('"visitor\'s notes"', ["R2"]),
        ('"visitor\u2019s notes"', ["R2"]),
        ("ash", ["R1"]),
        ("board:loughside", ["R1", "R3"]),
        ("board:loughside baby", ["R1"]),
        ("nation:wales", ["R1", "R2"]),
        ('nation:"northern ireland"', ["R3"]),
        ("type:practice", ["R1"]),
        ("review:R2", ["R2"]),
        ("review:birch", ["R2"]),
        ("year:2008", ["R1"]),
        ("year:2004-2008", ["R1", "R2"]),
        ("year:2009-", ["R3"]),
        ("NOT year:2008", ["R2", "R3"]),
        ("children", ["R1", "R2", "R3"]),
    ],
)
def test_a_query_finds_these_reviews(three, query, references):
    answer = ask(query)
    assert found(answer) == references
    assert answer.total == len(references)
    assert answer.notes == ()


def test_words_of_an_and_may_stand_in_different_reports_of_one_review(three):
    (hit,) = ask("baby supervision").hits
    assert {passage.text for passage in hit.passages} == {
        "The health visitor saw the baby twice.",
        "The board accepts every finding on supervision.",
    }


def test_a_phrase_never_runs_from_one_passage_into_the_next(three):
    assert found(ask('"twice co-sleeping"')) == []


def test_a_hit_shows_its_places_with_the_words_marked(three):
    answer = ask("visitor")
    (hit,) = [hit for hit in answer.hits if hit.record.reference == "R2"]
    (passage,) = hit.passages
    assert passage.text == "The visitor's notes were lost."
    assert [passage.text[s:e] for s, e in passage.highlights] == ["visitor's"]
    assert (passage.page, passage.heading) == (1, "Findings")
    start = len("Nobody supervised the social worker.\n")
    assert passage.key.endswith(f"-{start}-{start + len(passage.text)}")
    assert (answer.passages_total, hit.passages_total) == (2, 1)


def test_records_with_very_many_passages_are_searched_one_by_one_and_show_the_same(
    three, monkeypatch
):
    queries = ("visitor", "baby supervision", "child OR visitor OR supervised")
    together = [ask(query).as_json() for query in queries]
    assert [len(answer["hits"]) for answer in together] == [2, 1, 3]
    monkeypatch.setattr("waymark.library.search.passage_search.MOST_TOGETHER", 1)
    assert [ask(query).as_json() for query in queries] == together


def test_a_hit_shows_its_record(three):
    (hit,) = ask("baby").hits
    record = hit.record
    assert (record.title, record.board, record.year) == (
        "Review of Child Ash",
        "Loughside Board",
        2008,
    )
    assert [(report.kind_label, report.pages) for report in record.reports] == [
        ("Overview report", 1),
        ("Overview report", 1),
    ]
    assert record.pages == 2


def test_a_word_of_the_title_is_marked_there(three):
    (hit,) = ask("ash").hits
    ((start, end),) = hit.record.title_highlights
    assert hit.record.title[start:end] == "Ash"
    assert hit.passages == ()


def test_a_review_with_the_words_in_fewer_other_words_comes_first(db):
    much = make_review("MUCH")
    make_report(much, "Neglect, neglect and again neglect.")
    little = make_review("LITTLE")
    make_report(little, "Neglect is named once " + "and then other things follow " * 20)
    shelve(little, much)
    answer = ask("neglect")
    assert [hit.record.reference for hit in answer.hits] == ["MUCH", "LITTLE"]
    assert answer.hits[0].score > answer.hits[1].score > 0


def test_among_the_places_of_a_review_texts_come_before_headings(db):
    review = make_review("R1")
    report = make_report(review, "Neglect", "A long paragraph in which neglect is named once.")
    report.passages.filter(ordinal=0).update(kind="heading")
    shelve(review)
    (hit,) = ask("neglect").hits
    assert [passage.text for passage in hit.passages] == [
        "A long paragraph in which neglect is named once.",
        "Neglect",
    ]


def test_an_empty_query_lists_everything_newest_first_and_undated_last(three):
    undated = make_review("R4", published_on=None)
    shelve(undated)
    assert [hit.record.reference for hit in ask("").hits] == ["R3", "R1", "R2", "R4"]
    oldest = ask("", sort="oldest")
    assert [hit.record.reference for hit in oldest.hits] == ["R4", "R2", "R1", "R3"]


def test_a_saved_tree_is_searched_like_the_text_it_was_made_of(three):
    tree = from_json(to_json(parse_query("supervision NOT baby").tree))
    assert found(ask(as_text(tree))) == ["R2"]
    assert ask(as_text(tree)).query == "supervision NOT baby"


def test_what_is_not_understood_is_told_beside_the_answer(three):
    answer = ask("baby OR")
    assert found(answer) == ["R1"]
    assert [note.message for note in answer.notes] == ["Enter words on both sides of OR."]


def test_a_query_of_which_nothing_is_understood_finds_nothing(three):
    answer = ask("!!!")
    assert (answer.total, answer.hits) == (0, ())
    assert len(answer.notes) == 1


# ---- facets ----


@pytest.fixture
@written_once
def coded(three, framework):
    """R1 bears a and a.b, R2 bears a; harm is no theme; R3 is known not to bear a."""
    codes = {code.code: code for code in framework.codes.all()}
    variables = {one.variable: one for one in framework.variables.all()}
    first, second, third = three
    agree_code(first, codes["a"])
    agree_code(first, codes["a.b"])
    agree_code(first, codes["h"])
    agree_code(second, codes["a"])
    agree_code(third, codes["a"], present=False)
    agree_value(first, variables["nature"], "infant_death")
    agree_value(second, variables["nature"], "assault")
    agree_value(third, variables["nature"], "assault")
    agree_value(first, variables["review_year"], "2007")
    mark_changed(reviews=three, now=NOON)
    shelve()
    return three


def test_facets_count_the_reviews_found(coded):
    answer = ask("")
    assert counts(answer, "theme") == {"a": 2, "a.b": 1}
    assert counts(answer, "nature") == {"assault": 2, "infant_death": 1}
    assert counts(answer, "year") == {"2010": 1, "2007": 1, "2005": 1}
    assert counts(answer, "nation") == {"Wales": 2, "Northern Ireland": 1}
    assert counts(answer, "type") == {"Case management review": 1, "Child practice review": 1}
    assert counts(ask("baby"), "theme") == {"a": 1, "a.b": 1}


def test_facets_carry_the_frameworks_labels(coded):
    labels = {facet.name: [v.label for v in facet.values] for facet in ask("").facets}
    assert labels["theme"] == ["A", "B"]
    assert labels["nature"] == ["Assault", "Sudden infant death"]
    assert labels["year"] == ["2010", "2007", "2005"]


def test_a_hit_has_the_agreed_year(coded):
    (hit,) = ask("baby").hits
    assert hit.record.year == 2007


def test_selections_of_different_facets_must_all_hold(coded):
    answer = ask("", filters={"nation": ["Wales"], "nature": ["assault"]})
    assert found(answer) == ["R2"]
    assert ask("", filters={"nation": ["Wales"], "year": ["2010"]}).total == 0


def test_selections_of_one_facet_are_alternatives_and_its_counts_stay_in_view(coded):
    answer = ask("", filters={"nature": ["infant_death"]})
    assert found(answer) == ["R1"]
    assert counts(answer, "nature") == {"assault": 2, "infant_death": 1}
    assert counts(answer, "nation") == {"Wales": 1}
    both = ask("", filters={"nature": ["infant_death", "assault"]})
    assert found(both) == ["R1", "R2", "R3"]


def test_what_is_chosen_stays_in_view_even_where_nothing_has_it(coded):
    answer = ask("baby", filters={"nation": ["Scotland"]})
    nation = next(facet for facet in answer.facets if facet.name == "nation")
    assert [(v.value, v.count, v.chosen) for v in nation.values] == [
        ("Wales", 1, False),
        ("Scotland", 0, True),
    ]


def test_passages_are_counted_within_the_selections(coded):
    assert ask("visitor").passages_total == 2
    assert ask("visitor", filters={"nature": ["assault"]}).passages_total == 1
    assert ask("visitor board:loughside").passages_total == 1


def test_passages_are_counted_within_the_years(coded):
    # R1 is of 2007 and R2 of 2005, each with one passage about a visitor.
    for years, total in (({"from": ("2006",)}, 1), ({"from": ("2011",)}, 0)):
        answer = ask("visitor", filters=years)
        assert (answer.total, answer.passages_total) == (total, total)
        request = SearchRequest("visitor", filters=years)
        assert search_passages(request, person=READER, now=NOON).total == total


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        ({"state": ["internal"]}, "There is no filter state"),
        ({"year": ["soon"]}, "soon is not a year"),
    ],
)
def test_a_filter_that_means_nothing_is_told_and_left_out(three, filters, says):
    answer = ask("", filters=filters)
    assert answer.total == 3
    assert says in answer.notes[0].message


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("theme:a", ["R1", "R2"]),
        ("nature:assault", ["R2", "R3"]),
        ('nature:"sudden infant death"', ["R1"]),
        ("nature:infant_death", ["R1"]),
        ("year:2007", ["R1"]),
        ("year:2008", []),
        ("theme:a NOT nature:assault", ["R1"]),
    ],
)
def test_agreed_facts_are_fields_of_the_language(coded, query, references):
    assert found(ask(query)) == references


# ---- pages ----


def test_pages_divide_what_is_found(three):
    assert [hit.record.reference for hit in ask("", limit=2).hits] == ["R3", "R1"]
    second = ask("", limit=2, page=2)
    assert [hit.record.reference for hit in second.hits] == ["R2"]
    assert (second.total, second.pages, second.page) == (3, 2, 2)


@pytest.mark.parametrize("page", [3, 10_000, 10**15])
def test_a_page_that_is_not_there_is_answered_plainly(three, page):
    answer = ask("", limit=2, page=page)
    assert (answer.total, answer.hits) == (3, ())
    assert answer.notes[-1].message == f"There is no page {page:,}. The last page is 2."


def test_a_page_before_the_first_is_the_first(three):
    assert [hit.record.reference for hit in ask("", limit=2, page=-4).hits] == ["R3", "R1"]


# ---- what else one could ask ----


def test_a_word_that_nobody_wrote_is_answered_with_the_word_most_like_it(three):
    answer = ask("supervisoin")
    assert (answer.total, answer.hits) == (0, ())
    assert (answer.suggestion.query, answer.suggestion.total) == ("supervision", 2)
    assert answer.suggestion.reason == "spelling"


def test_words_that_never_meet_are_answered_with_the_reviews_that_have_any(three):
    answer = ask("baby routine")
    assert answer.total == 0
    assert (answer.suggestion.query, answer.suggestion.total) == ("baby OR routine", 2)
    assert answer.suggestion.reason == "any word"


def test_nothing_is_suggested_where_something_is_found(three):
    assert ask("baby").suggestion is None


# ---- the engine ----


@pytest.mark.parametrize(
    "query",
    [
        'stems:baby', "audience:staff", "[a TO z]", "baby^9", "baby~2", "/.*/", "+baby -visitor",
        "{* TO *}", "exact:/b.*/", "\\", "a\x00b", "*", "**", "IN [a b]", "(?i)baby*", "'*", "a'*",
    ],
)  # fmt: skip
def test_the_engines_own_language_means_nothing_here(three, query):
    answer = ask(query)
    assert answer.total in (0, 1)


def test_the_answer_as_json_is_what_the_command_promises(three):
    answer = json.loads(json.dumps(search_json("supervised", limit=1, now=NOON)))
    assert answer["total"] == 2
    (hit,) = answer["hits"]
    assert set(hit) == {"record", "kind", "title", "score", "passages"}
    assert hit["kind"] == "case-review"
    (passage,) = hit["passages"]
    assert set(passage) == {"id", "page", "scan", "text", "highlights"}
    assert [passage["text"][s:e] for s, e in passage["highlights"]] in (
        ["supervised"],
        ["supervision"],
    )
    assert answer["facets"]["nation"] == [{"value": "Wales", "label": "Wales", "count": 2}]


def test_an_empty_library_needs_no_index(db):
    assert ask("baby").total == 0


def test_without_an_index_a_search_says_so_instead_of_finding_nothing(three, shelf):
    (shelf / "index" / "current").unlink()
    with pytest.raises(ServiceUnavailable, match="run waymark index rebuild"):
        ask("baby")


def test_an_index_that_cannot_be_read_is_told_in_one_line(three, shelf):
    for meta in shelf.glob("index/*/*/records/meta.json"):
        meta.write_text("{}", encoding="ascii")
    with pytest.raises(
        ServiceUnavailable, match="is missing or damaged: run waymark index rebuild"
    ):
        ask("baby")
    rebuild_index(now=NOON)
    assert found(ask("baby")) == ["R1"]
