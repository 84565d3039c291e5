"""The query language: what is read, what is told, and that nothing typed ever raises."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waymark.core.errors import ParseError
from waymark.library.search.parser import (
    DEEPEST_BRACKETS,
    LONGEST_QUERY,
    MOST_LEAVES,
    MOST_PREFIXES,
    parse_query,
)
from waymark.library.search.tree import (
    AndNode,
    DatesNode,
    ExpandedNode,
    FieldNode,
    NotNode,
    OrNode,
    PhraseNode,
    PrefixNode,
    WordNode,
    YearsNode,
    all_of,
    any_of,
    as_text,
    from_json,
    none_of,
    text_nodes,
    to_json,
)

A, B, C = WordNode("a"), WordNode("b"), WordNode("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", None),
        ("  \n ", None),
        ("a", A),
        ("a b", AndNode((A, B))),
        ("a AND b", AndNode((A, B))),
        ("a and b", AndNode((A, WordNode("and"), B))),
        ("a OR b", OrNode((A, B))),
        ("a b OR c", OrNode((AndNode((A, B)), C))),
        ("a (b OR c)", AndNode((A, OrNode((B, C))))),
        ("((a (b c)))", AndNode((A, B, C))),
        ("a NOT b", AndNode((A, NotNode(B)))),
        ("NOT NOT a", A),
        ("NOT (a OR b)", NotNode(OrNode((A, B)))),
        ('"a  b"', PhraseNode("a b")),
        ("“a b”", PhraseNode("a b")),
        ('"a" b', AndNode((PhraseNode("a"), B))),
        ("co-sleeping", WordNode("co-sleeping")),
        ("child's", WordNode("child's")),
        ("10:30", WordNode("10-30")),
        ("practition*", PrefixNode("practition")),
        ("multi-agenc*", AndNode((WordNode("multi"), PrefixNode("agenc")))),
        ("theme:neglect", FieldNode("theme", "neglect")),
        ("THEME:neglect", FieldNode("theme", "neglect")),
        ('theme:"mental health"', FieldNode("theme", "mental health")),
        ("theme:prac.early", FieldNode("theme", "prac early")),
        ("type:review a", AndNode((FieldNode("type", "review"), A))),
        ("year:2004", YearsNode(2004, 2004)),
        ("year:2004-2006", YearsNode(2004, 2006)),
        ("year:2004-", YearsNode(2004, None)),
        ("year:-2006", YearsNode(None, 2006)),
        ("added:2026-01", DatesNode("added", "2026-01", "2026-01")),
        ("added:2026-01-31", DatesNode("added", "2026-01-31", "2026-01-31")),
        ("published:2012-2014", DatesNode("published", "2012", "2014")),
        ("published:2012\u20132014", DatesNode("published", "2012", "2014")),
        ("added:2026-01..2026-03", DatesNode("added", "2026-01", "2026-03")),
        ("added:2026-01-2026-03", DatesNode("added", "2026-01", "2026-03")),
        ("added:2026-01-15..", DatesNode("added", "2026-01-15", None)),
        ("added:2026-", DatesNode("added", "2026", None)),
        ("added:..2026-02-28", DatesNode("added", None, "2026-02-28")),
        ('added:"2026-01"', DatesNode("added", "2026-01", "2026-01")),
        ("added:2026..2026-05", DatesNode("added", "2026", "2026-05")),
        ('author:"munro e"', FieldNode("author", "munro e")),
        ("subject:neglect", FieldNode("subject", "neglect")),
        ("kind:briefing", FieldNode("kind", "briefing")),
        ("a - b", AndNode((A, B))),
    ],
)
def test_a_query_is_read_as_this_tree_with_nothing_to_tell(text, tree):
    read = parse_query(text)
    assert (read.tree, read.notes) == (tree, ())


@pytest.mark.parametrize(
    ("text", "tree", "at", "says"),
    [
        ("a OR", A, "OR", "both sides"),
        ("OR a", A, "OR", "both sides"),
        ("a AND", A, "AND", "both sides"),
        ("a AND AND b", AndNode((A, B)), "AND", "both sides"),
        ("NOT", None, "NOT", "a word after NOT"),
        ("a ()", A, "(", "no words between"),
        ("(a", A, "(", "closed it at the end"),
        ("a)", A, ")", "no opening bracket"),
        ('a "b c', AndNode((A, PhraseNode("b c"))), '"b c', "a closing quotation mark"),
        ('a ""', A, '""', "no words"),
        ("a colour:red", AndNode((A, WordNode("colour-red"))), "colour:red", "no field colour"),
        ("theme: a", A, "theme:", "directly after theme:"),
        ("a year:soon", A, "year:soon", "like 2004 or 2004-2006"),
        ("a year:20042006", A, "year:20042006", "like 2004 or 2004-2006"),
        ("a added:soon", A, "added:soon", "like 2026-01-31, 2026 or"),
        ("a added:2026-13", A, "added:2026-13", "like 2026-01-31, 2026 or"),
        ("a added:2026-02-30", A, "added:2026-02-30", "like 2026-01-31, 2026 or"),
        ("a added:2026-00", A, "added:2026-00", "like 2026-01-31, 2026 or"),
        ("a added:0000", A, "added:0000", "like 2026-01-31, 2026 or"),
        ("a added:..", A, "added:..", "like 2026-01-31, 2026 or"),
        ("a added:", A, "added:", "like 2026-01-31, 2026 or"),
        (
            "added:2026-03..2026-01",
            DatesNode("added", "2026-01", "2026-03"),
            "added:2026-03..2026-01",
            "We searched for added:2026-01..2026-03",
        ),
        (
            "year:2006-2004",
            YearsNode(2004, 2006),
            "year:2006-2004",
            "We searched for year:2004-2006",
        ),
        ("a ab*cd", AndNode((A, WordNode("ab-cd"))), "ab*cd", "at the end of a word"),
        ("a b*", A, "b*", "at least 2 letters"),
        ("theme:neg*", FieldNode("theme", "neg"), "theme:neg*", "does not work in a field"),
        ("a -b", AndNode((A, B)), "-b", "enter NOT"),
        ("a §§", A, "§§", "no letters or numbers"),
        ("*AND a", AndNode((WordNode("and"), A)), "*AND", "at the end of a word"),
    ],
)
def test_what_is_not_understood_is_told_with_its_place_and_the_rest_is_searched(
    text, tree, at, says
):
    read = parse_query(text)
    assert read.tree == tree
    (note,) = [note for note in read.notes if says in note.message]
    assert text[note.start : note.end] == at


def test_leaves_know_where_they_stood():
    tree = parse_query('baby OR "not seen"').tree
    assert [(leaf.start, leaf.end) for leaf in text_nodes(tree)] == [(0, 4), (8, 18)]


def test_words_under_not_are_not_sought():
    assert list(text_nodes(parse_query("a NOT (b OR c)").tree)) == [A]


def test_a_long_query_is_cut_and_told():
    read = parse_query("a " * LONGEST_QUERY)
    assert len(list(text_nodes(read.tree))) == MOST_LEAVES
    assert [note.message for note in read.notes] == [
        f"We searched only the first {MOST_LEAVES} words.",
        f"We used only the first {LONGEST_QUERY:,} characters.",
    ]


def test_no_more_words_with_a_star_than_a_search_can_bear():
    read = parse_query(" ".join(f"word{n}*" for n in range(MOST_PREFIXES + 1)))
    assert len(list(text_nodes(read.tree))) == MOST_PREFIXES
    assert read.notes[0].message == f"We searched only the first {MOST_PREFIXES} words with a star."


def test_brackets_are_no_deeper_than_the_limit():
    read = parse_query("(" * 400 + "a" + ")" * 400)
    assert read.tree == A
    message = f"We ignored brackets nested more than {DEEPEST_BRACKETS} deep."
    assert read.notes[0].message == message


# Text with many of the characters that mean something.
marks = st.sampled_from(
    [
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        '"',
        "“",
        "*",
        ":",
        "-",
        " ",
        "year:",
        "added:",
        "2026-01",
        "..",
        "theme:",
        "2004",
        "a",
        "é",
    ]
)
typed = st.one_of(st.text(), st.lists(marks).map("".join), st.lists(marks).map(" ".join))


@given(typed)
def test_nothing_typed_raises_and_every_note_has_a_place_in_the_text(text):
    read = parse_query(text)
    assert all(0 <= note.start <= note.end <= len(text) for note in read.notes)
    assert read.tree is not None or not text.strip() or read.notes


@given(typed)
def test_a_tree_that_is_printed_and_read_again_is_the_same(text):
    tree = parse_query(text).tree
    if tree is not None:
        again = parse_query(as_text(tree))
        assert (again.tree, again.notes) == (tree, ()) or len(as_text(tree)) > LONGEST_QUERY


written = st.text(st.characters(categories=["L", "N"]), min_size=2, max_size=8).map(
    lambda word: word.lower()
)
years = st.integers(0, 9999)
days = st.dates(date(1, 1, 1)).map(date.isoformat)
leaves = st.one_of(
    written.map(WordNode),
    written.map(PrefixNode),
    st.lists(written, min_size=1, max_size=3).map(lambda words: PhraseNode(" ".join(words))),
    st.builds(FieldNode, st.sampled_from(["theme", "board", "type"]), written),
    st.tuples(years, years).map(lambda ends: YearsNode(*sorted(ends))),
    years.map(lambda year: YearsNode(None, year)),
    st.tuples(days, days).map(lambda ends: DatesNode("added", *sorted(ends))),
    days.map(lambda day: DatesNode("published", day, None)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(all_of),
        st.lists(inner, min_size=1, max_size=3).map(any_of),
        inner.map(none_of),
    ),
    max_leaves=8,
)


@given(trees)
def test_a_saved_tree_comes_back_the_same_through_plain_json(tree):
    assert from_json(json.loads(json.dumps(to_json(tree)))) == tree


@given(trees)
def test_a_tree_made_by_a_program_prints_as_a_query_that_says_the_same(tree):
    if as_text(tree).count("*") <= MOST_PREFIXES:
        read = parse_query(as_text(tree))
        assert read.tree == tree or len(as_text(tree)) > LONGEST_QUERY


def test_a_saved_query_looks_like_this():
    tree = parse_query('(baby OR infan*) theme:neglect "not seen" NOT year:2004').tree
    assert to_json(tree) == {
        "language": 2,
        "tree": {
            "all": [
                {"any": [{"word": "baby"}, {"prefix": "infan"}]},
                {"field": "theme", "is": "neglect"},
                {"phrase": "not seen"},
                {"not": {"years": [2004, 2004]}},
            ]
        },
    }


def nested(depth):
    tree = {"word": "a"}
    for _ in range(depth):
        tree = {"all": [tree]}
    return tree


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {"language": 3, "tree": {"word": "a"}},
        {"language": 1, "tree": None},
        {"language": 1, "tree": {}},
        {"language": 1, "tree": {"word": "..."}},
        {"language": 1, "tree": {"word": "a", "boost": 9}},
        {"language": 1, "tree": {"all": []}},
        {"language": 1, "tree": {"all": "abc"}},
        {"language": 1, "tree": {"field": "state", "is": "public"}},
        {"language": 1, "tree": {"years": [2006, 2004]}},
        {"language": 1, "tree": {"years": [None, None]}},
        {"language": 2, "tree": {"dates": "added", "from": None, "to": None}},
        {"language": 2, "tree": {"dates": "added", "from": "2026-02-30", "to": None}},
        {"language": 2, "tree": {"dates": "added", "from": "2026-03", "to": "2026-02"}},
        {"language": 2, "tree": {"dates": "board", "from": "2026", "to": "2026"}},
        {"language": 2, "tree": {"dates": "added", "from": "2026"}},
        {"language": 1, "tree": {"prefix": "two words"}},
        {"language": 1, "tree": nested(200)},
        {"language": 1, "tree": {"any": [{"word": "a"}] * 2_000}},
    ],
)
def test_what_is_no_saved_query_is_refused(saved):
    with pytest.raises(ParseError):
        from_json(saved)


def test_a_query_saved_in_the_first_version_of_the_language_is_still_read():
    saved = {
        "language": 1,
        "tree": {
            "all": [
                {"any": [{"word": "baby"}, {"prefix": "infan"}]},
                {"field": "theme", "is": "neglect"},
                {"phrase": "not seen"},
                {"not": {"years": [2004, 2004]}},
            ]
        },
    }
    read = from_json(saved)
    assert read == parse_query('(baby OR infan*) theme:neglect "not seen" NOT year:2004').tree
    assert from_json(to_json(read)) == read


def test_what_is_printed_and_saved_of_a_broadened_word_is_what_was_typed():
    tree = AndNode(
        (
            ExpandedNode(
                AndNode((WordNode("bed"), WordNode("sharing"))), (WordNode("co-sleeping"),)
            ),
            A,
        )
    )
    assert as_text(tree) == "bed sharing a"
    assert from_json(to_json(tree)) == parse_query("bed sharing a").tree
    assert [leaf.text for leaf in text_nodes(tree)] == ["bed", "sharing", "co-sleeping", "a"]
