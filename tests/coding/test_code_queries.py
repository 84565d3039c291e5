"""Queries over codings: expressions, what is together, whose codings, and their files."""

import csv
import io
from contextlib import suppress
from datetime import timedelta
from time import process_time
from typing import get_args
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import NOON, make_person
from waymark.accounts.models import AuditEntry, Role
from waymark.coding import services
from waymark.coding.code_expression import parse_codes, wanted_terms
from waymark.coding.code_neighbours import (
    PairCount,
    QueriedCoding,
    Within,
    check_comparable,
    code_pairs,
    select_codings,
)
from waymark.coding.files.coding_file import find_quote
from waymark.coding.queries.code_queries import CodeQuery, run_query
from waymark.coding.queries.coded_places import ExportRequest
from waymark.core.errors import NotPermitted, ParseError, RuleError
from waymark.documents.anchors import ReportAnchors
from waymark.frameworks.queries import file_of

KNOWN = {"a", "a.b", "c", "d"}


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("a", {"a", "c"}, {"a.b"}),
        ("a AND c", {"a", "c"}, {"a"}),
        ("a c", {"a", "c"}, {"c"}),
        ("a OR c d", {"a"}, {"c"}),
        ("(a OR c) d", {"c", "d"}, {"c"}),
        ("a NOT c", {"a"}, {"a", "c"}),
        ("a NOT (c OR d)", {"a"}, {"a", "d"}),
        ("a AND NOT NOT c", {"a", "c"}, {"a"}),
        ("a*", {"a.b"}, {"c"}),
    ],
)
def test_an_expression_is_true_for_some_codes(text, yes, no):
    expression = parse_codes(text, KNOWN)
    assert expression.holds(yes)
    assert not expression.holds(no)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a AND", "write a code here at character 6"),
        ("a OR OR c", "write a code here at character 6"),
        ("(a", "close the bracket at character 3"),
        ("a)", "this bracket is not opened at character 2"),
        ("x", "the framework has no code x; choose one of: a, a.b, c, d at character 1"),
        ("a & c", "write codes, AND, OR, NOT and brackets at character 3"),
        ("NOT a", "name a code that is not after NOT"),
        ("(" * 50 + "a", "too many brackets"),
        ("", "write a code here"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(text, says):
    with pytest.raises(ParseError, match=says.replace("(", r"\(")):
        parse_codes(text, KNOWN)


@settings(max_examples=60)
@given(st.text(st.sampled_from("ac.*() ANDORT&"), max_size=40))
def test_any_text_is_an_expression_or_refused(text):
    with suppress(ParseError):
        assert parse_codes(text, KNOWN).holds({"a"}) in {True, False}


def queried(number, code, start, end, *, words=(0, 0), paragraph=0, report="r", section=""):
    return QueriedCoding(
        number, report, report, code, start, end, words, (paragraph, paragraph), section
    )


ROWS = [
    queried(0, "a", 0, 10, words=(0, 3)),
    queried(1, "c", 9, 20, words=(3, 5)),
    queried(2, "d", 20, 30, words=(8, 9), paragraph=1),
    queried(3, "a", 0, 10, words=(0, 3), report="s"),
]


@pytest.mark.parametrize(
    ("text", "within", "distance", "numbers"),
    [
        # 0 to 10 and 9 to 20 share a character; 20 to 30 only touches the second.
        ("a AND c", "overlap", 0, [0, 1]),
        ("c AND d", "overlap", 0, []),
        # Words 0 to 3 and 8 to 9: four words are between them.
        ("a AND d", "words", 4, [0, 2]),
        ("a AND d", "words", 3, []),
        ("a AND d", "paragraphs", 1, [0, 2]),
        ("a AND d", "paragraphs", 0, []),
        ("a AND NOT c", "report", 0, [3]),
        ("a AND d", "review", 0, [0, 2]),
    ],
)
def test_codes_are_together_as_the_query_says(text, within, distance, numbers):
    selected = select_codings(parse_codes(text, KNOWN), ROWS, within, distance)
    assert [row.number for row in selected] == numbers


def test_pairs_count_the_reviews_and_codings_in_which_both_are_together():
    pairs = code_pairs(ROWS, "report", 0)
    assert (pairs["a", "a"].reviews, pairs["a", "a"].codings) == (2, 2)
    assert (pairs["a", "c"].reviews, pairs["c", "a"].reviews) == (1, 1)
    assert ("c", "d") not in code_pairs(ROWS, "overlap", 0)


def together(one, other, within, distance):
    """The meaning of "together", of two codings alone."""
    between = [
        max(0, second[0] - first[1], first[0] - second[1])
        for first, second in ((one.words, other.words), (one.paragraphs, other.paragraphs))
    ]
    same = one.report == other.report
    return {
        "overlap": same and one.start < other.end and other.start < one.end,
        "words": same and max(0, between[0] - 1) <= distance,
        "paragraphs": same and between[1] <= distance,
        "section": same and one.section == other.section,
        "report": same,
        "review": one.review == other.review,
    }[within]


@st.composite
def drawn_codings(draw):
    """Codings of two reviews, one of which has two reports; a word is five characters long."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "a.b", "c", "d"]),
                st.sampled_from([("R", "r1"), ("R", "r2"), ("S", "s1")]),
                st.integers(0, 60),
                st.integers(1, 40),
                st.sampled_from(["", "Findings"]),
            ),
            max_size=25,
        )
    )
    return [
        QueriedCoding(
            *(number, review, report, code, start, start + length),
            (start // 5, (start + length - 1) // 5),
            (start // 20, (start + length - 1) // 20),
            section,
        )
        for number, (code, (review, report), start, length, section) in enumerate(rows)
    ]


@settings(max_examples=150)
@given(
    drawn_codings(),
    st.sampled_from(get_args(Within)),
    st.integers(0, 6),
    st.sampled_from(["a", "a*", "a AND c", "d NOT a*", "a.b OR (c AND NOT d)"]),
)
def test_codings_compared_in_one_sweep_are_those_compared_two_by_two(
    codings, within, distance, text
):
    expression = parse_codes(text, KNOWN)
    wanted = wanted_terms(expression)
    around = {
        one.number: {row.code for row in codings if together(one, row, within, distance)}
        for one in codings
    }
    assert select_codings(expression, codings, within, distance) == [
        one
        for one in codings
        if any(term.matches(one.code) for term in wanted) and expression.holds(around[one.number])
    ]
    counts = {}
    for one in codings:
        for code in around[one.number]:
            counts.setdefault((one.code, code), []).append(one.review)
    assert code_pairs(codings, within, distance) == {
        pair: PairCount(len(set(reviews)), len(reviews)) for pair, reviews in counts.items()
    }


@pytest.mark.parametrize("within", get_args(Within))
def test_four_thousand_codings_of_one_report_are_compared_at_once(within):
    """Two by two that would be 16 million comparisons, which take more than four seconds."""
    codings = [queried(n, "abcd"[n % 4], n, n + 900, words=(n, n + 99)) for n in range(4_000)]
    began = process_time()
    assert code_pairs(codings, within, 50)["a", "b"] == PairCount(1, 1_000)
    assert process_time() - began < 1


def test_more_codes_and_codings_than_can_be_compared_are_refused():
    """Codes of a place are gone through for each coding, and again for each star."""
    codings = [queried(n, f"c{n}", n, n + 1) for n in range(3)]
    check_comparable(codings, None, "overlap", most=9)
    check_comparable(codings, parse_codes("c AND a", KNOWN), "overlap", most=9)
    for expression, most in ((None, 8), (parse_codes("c* AND NOT a*", KNOWN), 26)):
        with pytest.raises(RuleError, match="choose single reviews, or fewer codes"):
            check_comparable(codings, expression, "overlap", most=most)


# ---- whose codings ----


@pytest.fixture
def coder(framework, report):
    return coding_by("coder", framework, report, ("stopped in May", "a", {}), ("in May", "a.b", {}))


def coding_by(name, framework, report, *rows):
    person = make_person(Role.CODER, name=name)
    services.assign_coder(
        by=person, review=report.review, framework=framework, coder=person, now=NOON
    )
    anchors = ReportAnchors(report)
    for quote, code, qualifiers in rows:
        services.record_coding(
            by=person,
            anchors=anchors,
            span=find_quote(anchors.text, quote),
            code=framework.codes.get(code=code),
            qualifiers=qualifiers,
            memo="=1+1",
            now=NOON,
        )
    return person


def settle(framework, report, *coders):
    analyst = make_person(Role.ANALYST)
    for coder in coders:
        services.finish_coding(by=coder, review=report.review, framework=framework, now=NOON)
    services.settle_codes(
        by=analyst,
        adjudicator=analyst,
        review=report.review,
        framework=framework,
        decisions={},
        now=NOON + timedelta(hours=1),
    )
    return analyst


def words_of(query, person, **more):
    return [row.place.anchor.exact for row in run_query(query, person, NOON, **more).rows]


@pytest.mark.django_db
def test_a_coder_queries_own_and_settled_codings_alone(coder, framework, report):
    own, settled = (CodeQuery(ExportRequest(framework, who)) for who in (coder, None))
    other = make_person(Role.CODER)
    assert words_of(own, coder) == ["stopped in May", "in May"]
    assert words_of(settled, coder) == []
    with pytest.raises(NotPermitted):
        words_of(own, other)
    with pytest.raises(NotPermitted):
        words_of(settled, make_person(Role.EDITOR))
    analyst = make_person(Role.ANALYST)
    # Not finished: nobody else sees it.
    assert words_of(own, analyst) == []
    settle(framework, report, coder)
    assert words_of(own, analyst) == ["stopped in May", "in May"]
    assert words_of(settled, other) == ["stopped in May", "in May"]
    assert words_of(settled, other, withheld={"T1"}) == []
    # Whoever begins to code the review is independent of what was settled.
    services.assign_coder(
        by=other, review=report.review, framework=framework, coder=other, now=NOON
    )
    assert words_of(settled, other) == []
    assert words_of(own, analyst) == []


@pytest.mark.django_db
def test_filters_choose_by_qualifier_and_section(framework, report):
    coder = coding_by(
        "coder", framework, report, ("in May", "a", {"valence": "concern"}), ("letters", "a", {})
    )
    request = ExportRequest(framework, coder)
    assert words_of(CodeQuery(request, qualifier=("valence", "concern")), coder) == ["in May"]
    assert len(words_of(CodeQuery(request, section="FINDING"), coder)) == 2
    assert words_of(CodeQuery(request, section="Background"), coder) == []


@pytest.mark.django_db
def test_the_address_keeps_the_query_and_its_files_have_the_result(client, coder, framework):
    client.force_login(coder)
    asked = {"layer": "own", "codes": "a AND a.b", "within": "overlap"}
    page = client.get(reverse("coding-queries"), asked).content.decode()
    assert "2 codings in 1 review" in " ".join(page.split())
    assert 'value="a AND a.b"' in page
    assert f'formaction="{results("csv", asked)}"'.replace("&", "&amp;") in page
    assert client.get(results("csv", asked)).status_code == 405
    answer = client.post(results("csv", asked))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["words"], row["code"], row["memo"]) for row in rows] == [
        ("stopped in May", "a", "'=1+1"),
        ("in May", "a.b", "'=1+1"),
    ]
    entry = AuditEntry.objects.get(action="export codings")
    assert (entry.actor, entry.subject) == (coder.username, "query of own codings with small 1.0.0")
    assert entry.detail == {"format": "csv", "codings": 2, "coder": "coder"}
    pairs = client.post(results("codes.csv", asked)).content
    assert pairs.decode("utf-8-sig") == "code,a,a.b\r\na,1,1\r\na.b,1,1\r\n"
    word = client.post(results("docx", asked))
    assert word.content.startswith(b"PK")
    matrix = client.get(reverse("coding-queries"), asked | {"view": "reviews"}).content.decode()
    assert '<th scope="row">T1</th>' in matrix
    assert client.post(results("exe", asked)).status_code == 404


@pytest.mark.django_db
def test_codes_are_picked_by_name_and_added_to_the_expression(client, coder, framework):
    client.force_login(coder)
    page = reverse("coding-queries")
    listed = client.get(page).content.decode()
    code = file_of(framework).code("a")
    assert f'<option value="a: {code.name}">' in listed

    def pick(**asked):
        answer = client.get(page, asked)
        assert answer.status_code == 302, answer.content.decode()
        return parse_qs(urlsplit(answer.url).query)

    assert pick(pick=f"a: {code.name}", layer="own") == {"codes": ["a"], "layer": ["own"]}
    assert pick(pick=code.name.upper(), codes="a.b", join="OR")["codes"] == ["a.b OR a"]
    assert pick(pick="a.b", codes="a OR a.b", join="AND NOT")["codes"] == ["(a OR a.b) AND NOT a.b"]
    unknown = client.get(page, {"pick": "nothing like it"})
    assert "The framework has no code with the words nothing like it" in unknown.content.decode()
    wrong = client.get(page, {"pick": "a.b", "codes": "a AND"})
    assert "rite a code here" in wrong.content.decode()


def results(ending, asked):
    return f"{reverse('coding-results', args=[ending])}?{urlencode(asked)}"


@pytest.mark.django_db
def test_files_of_results_need_the_permission_of_an_export(client, coder, framework, report):
    """Settled codings go to analysts, and nobody takes the codings of another coder."""
    analyst = settle(framework, report, coder)
    client.force_login(coder)
    assert (
        "formaction" not in client.get(reverse("coding-queries"), {"codes": "a"}).content.decode()
    )
    assert client.post(results("csv", {})).status_code == 403
    client.force_login(analyst)
    assert client.post(results("csv", {})).status_code == 200
    answer = client.post(results("csv", {"coder": "coder"}))
    assert answer.status_code == 400
    assert "You can export only your own codings" in answer.content.decode()
    assert AuditEntry.objects.filter(action="export codings").count() == 1


@pytest.mark.django_db
def test_a_query_shows_memos_of_ones_own_alone(coder, framework, report):
    analyst = settle(framework, report, coder)
    query = CodeQuery(ExportRequest(framework, coder))
    assert [row.place.memo for row in run_query(query, coder, NOON).rows] == ["=1+1", "=1+1"]
    assert [row.place.memo for row in run_query(query, analyst, NOON).rows] == ["", ""]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"codes": "a AND"}, "Write a code here"),
        ({"codes": "a", "within": "words", "distance": "many"}, "Enter a number from 0 to 1000"),
        ({"within": "elsewhere"}, "choose from the list"),
    ],
)
def test_a_wrong_query_says_what_to_do(client, coder, asked, says):
    client.force_login(coder)
    answer = client.get(reverse("coding-queries"), asked)
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert client.post(results("csv", asked)).status_code == 400
