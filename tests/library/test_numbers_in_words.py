"""Years and ages as people write them, and what the search says about reading them."""

import pytest

from tests.factories import NOON
from tests.library.conftest import ask, found, make_resource, make_subject, shelve
from waymark.library.search.numbers_in_words import with_numbers
from waymark.library.search.parser import parse_query
from waymark.library.search.tree import ExpandedNode, OrNode, YearsNode
from waymark.library.services.thesaurus import load_builtin


def years(query):
    tree, readings = with_numbers(parse_query(query).tree, lambda words: ())
    parts = tree.parts if isinstance(tree, OrNode) else ()
    spans = [(part.first, part.last) for part in parts if isinstance(part, YearsNode)]
    spans += [(tree.first, tree.last)] if isinstance(tree, YearsNode) else []
    return spans, [reading.meant for reading in readings]


@pytest.mark.parametrize(
    ("query", "span", "meant"),
    [
        ("2019-2021", (2019, 2021), "records from 2019 to 2021"),
        ("2004 to 2006", (2004, 2006), "records from 2004 to 2006"),
        ("2004\u20132006", (2004, 2006), "records from 2004 to 2006"),
        ("between 2004 and 2006", (2004, 2006), "records from 2004 to 2006"),
        ("2009/10", (2009, 2010), "records from 2009 to 2010"),
        ("since 2015", (2015, None), "records from 2015"),
        ("after 2015", (2016, None), "records from 2016"),
        ("before 2010", (None, 2009), "records up to 2009"),
        ("2013", (2013, 2013), "records of 2013"),
    ],
)
def test_years_are_read_as_people_write_them(query, span, meant):
    assert years(query) == ([span], [meant])


@pytest.mark.parametrize("query", ["2006-2004", '"2004 to 2006"', "title:2004", "NOT 2004", "1066"])
def test_other_numbers_are_words(query):
    assert years(query) == ([], [])


def test_years_are_searched_as_words_of_the_title_and_as_years_of_the_record(db):
    shelve(
        make_resource("a", title="Otters 2004-2006", year=2010),
        make_resource("b", title="Otters from 2004 to 2006", year=2011),
        make_resource("c", title="Otters", year=2005),
        make_resource("d", title="Otters", year=2012),
    )
    answer = ask("otters 2004 to 2006")
    assert found(answer) == ["a", "b", "c"]
    assert [term.names for term in answer.related_terms] == [("records from 2004 to 2006",)]
    assert found(ask("otters 2004-06")) == ["a", "b", "c"]
    assert found(ask("otters since 2011")) == ["b", "d"]


def test_a_program_gets_exactly_the_words_it_asks_for(db):
    shelve(make_resource("c", title="Otters", year=2005), make_resource("d", title="Otters 2005"))
    assert found(ask("otters 2005", broaden=False)) == ["d"]


def test_partial_matches_leave_out_years_that_are_words(db):
    shelve(make_resource("c", title="Otters", year=2005))
    answer = ask("otters 2011", include_partial=True)
    assert [hit.record.reference for hit in answer.partial_matches] == ["c"]


def test_under_1_is_about_babies_and_not_about_every_1(db):
    make_subject("infants", "Babies under one", "Infants")
    shelve(
        make_resource("a", title="Infants in danger"),
        make_resource("b", title="Children under 1"),
        make_resource("c", title="Under review: part 1"),
    )
    for query in ("under 1", "under one", "under 1s", "below the age of 1"):
        assert (query, found(ask(query))) == (query, ["a", "b"])
    assert ask("under 1").related_terms[0].names == ("babies under one",)


def test_without_such_a_subject_under_1_are_words(db):
    tree, readings = with_numbers(parse_query("under 1").tree, lambda words: ())
    assert (tree, readings) == (parse_query("under 1").tree, ())
    assert not isinstance(tree, ExpandedNode)


def test_the_thesaurus_names_babies_under_one_and_illness_with_or_in_its_name(db):
    load_builtin(by=None, now=NOON)
    shelve(
        make_resource("a", title="Infants in danger"),
        make_resource("b", title="FII in hospital"),
        make_resource("c", title="Illness or accident"),
    )
    assert found(ask("Which reviews are about under ones?")) == ["a"]
    assert found(ask("fabricated or induced illness")) == ["b"]
