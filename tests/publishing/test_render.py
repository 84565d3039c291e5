"""The document that every format is made from."""

import pytest

from tests.overview.small import SPEC_YAML
from tests.publishing.small_release import EDITION, FROZEN, small_document, small_release
from waymark.core.errors import RuleError
from waymark.publishing.document.nodes import (
    DefinitionList,
    EditionInfo,
    FactList,
    HeadingNode,
    InlineNumber,
    ParagraphNode,
    PointList,
    TableNode,
)
from waymark.publishing.document.render import name_of, plain_document


def of(kind, rendered):
    return [node for node in rendered.nodes if isinstance(node, kind)]


def test_sections_come_in_the_order_in_which_they_are_read():
    titles = [node.text for node in of(HeadingNode, small_document()) if node.level == 2]
    assert titles == [
        "Main points",
        "About this overview",
        "Results",
        "How this overview was made",
        "What these figures cannot tell",
        "What was counted",
        "Where these figures come from",
    ]


def test_a_number_in_a_sentence_is_the_cell_of_a_table():
    (points, _) = of(PointList, small_document())
    assert points.points[0] == (
        "Of ",
        InlineNumber("T3", "all", "n", "4", opens=True),
        " reviews, ",
        InlineNumber("T3", "deaths", "n", "2", opens=True),
        " followed a death.",
    )


@pytest.mark.parametrize("cell", ["{T3/not_judged/n}", "{T2/2004/n}"])
def test_a_sentence_that_names_a_cell_that_is_not_there_is_refused(cell):
    with pytest.raises(RuleError, match="no such cell"):
        small_document("{T3/all/n}", cell)


def test_tables_keep_their_numbers_also_where_one_is_left_out():
    assert [node.name for node in of(TableNode, small_document())] == [
        "Table 1",
        "Table 2",
        "Table 3",
        "Table 4",
        "Table 7",
        "Table 8",
        "Table 9",
        "Table 10",
        "Table 14",
    ]
    assert name_of("F5") == "Figure 5"


def test_the_method_says_what_was_done_with_numbers_from_the_tables():
    text = [
        "".join(part if isinstance(part, str) else part.text for part in node.words)
        for node in of(ParagraphNode, small_document())
    ]
    assert any("7 were identified, and the reports of 6 could be obtained" in one for one in text)
    assert any("decisions independently and agreed on 3 of them. This was" in one for one in text)
    (agreed,) = [one for one in text if "kappa" in one]
    assert (
        "With the chance of each code taken apart, kappa is 0.500 and AC1 0.556. Pooled" in agreed
    )
    assert agreed.endswith("Table 14 shows each code.")
    assert any("Silence is not absence" in one for one in text)
    assert any("A controller decided on this profile: All is public." in one for one in text)


def test_the_method_is_silent_on_what_was_not_done():
    themes = "  - {id: T10, kind: themes, title: Themes, of: {themes: true}}\n"
    figure = "  - {id: F6, kind: dots, table: T10, column: n, title: Themes}\n"
    source = SPEC_YAML.replace(themes, "").replace(figure, "")
    text = str([node.words for node in of(ParagraphNode, small_document(SPEC_YAML, source))])
    assert "A theme is counted once" not in text


def test_how_far_coders_agreed_is_measured_also_where_no_table_prints_it():
    rendered = small_document(
        "  - {id: T14, kind: agreement, title: Agreement, of: {themes: true}}\n", ""
    )
    text = str([node.words for node in of(ParagraphNode, rendered)])
    sentence = (
        "Two people made 4 decisions independently and agreed on 3 of them"
        " (within codes: kappa 0.500, AC1 0.556; kappa pooled over all codes: 0.500)."
    )
    assert sentence in text


def test_every_overview_says_why_it_cannot_predict():
    (_, limits) = of(PointList, small_document())
    text = " ".join(words[0] for words in limits.points)
    assert "they cannot show what makes harm more or less likely" in text
    assert "it must not be used to do so" in text


def test_everything_that_was_counted_is_defined():
    (rendered,) = of(DefinitionList, small_document())
    assert [node.name for node in rendered.definitions] == [
        "Year",
        "Cause",
        "Cold home",
        "Living alone",
        "Nurse",
        "Age",
        "Fate",
        "Visits",
        "Letters",
    ]


def test_the_last_page_says_where_the_figures_come_from():
    (rendered,) = of(FactList, small_document())
    facts = dict(rendered.facts)
    assert facts["Edition"] == "Edition 1, published on 5 May 2026"
    assert facts["Frozen rows"] == "Snapshot 1, 4 May 2026"
    assert facts["SHA-256 of the rows"] == "ab" * 32
    assert facts["Framework"] == f"adult-core 2.0.0 (SHA-256 {'f' * 64})"
    assert facts["Decided by"] == "A controller, 2 January 2026. All is public."


def test_a_draft_says_that_it_is_one():
    rendered = plain_document(small_release(), EditionInfo(None, FROZEN))
    assert rendered.edition == "Draft, not published. Figures as frozen on 4 May 2026."
    assert plain_document(small_release(), EDITION).edition == "Edition 1, published on 5 May 2026"
