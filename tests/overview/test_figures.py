"""Drawings: what they show, and that everybody can read them."""

import re

import pytest
from defusedxml import ElementTree as ET

from tests.overview.small import FRAMEWORK, SPEC, SPEC_YAML, rows
from waymark.overview.charts import svg
from waymark.overview.charts.charts import draw_figure
from waymark.overview.disclosure.protect import protect_tables
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.tabulate import tabulate

SVG = "{http://www.w3.org/2000/svg}"
VERSION = "Framework adult-core 2.0.0."


def figures():
    protected = protect_tables(tabulate(rows(), SPEC, FRAMEWORK), profile="open")
    by_id = {protected_table.table.id: protected_table for protected_table in protected}
    return {figure.id: draw_figure(figure, by_id[figure.table]) for figure in SPEC.figures}


def texts_of(drawing, *, bold=False):
    """The texts of a drawing, in its order."""
    texts = ET.fromstring(drawing).iter(f"{SVG}text")
    return [text.text for text in texts if not bold or "font-weight" in text.attrib]


@pytest.fixture(scope="module")
def drawn():
    return figures()


def test_every_drawing_is_an_image_with_a_title_and_a_description(drawn):
    for figure in drawn.values():
        root = ET.fromstring(figure.svg)
        named = root.attrib["aria-labelledby"].split()
        assert root.attrib["role"] == "img"
        assert [
            root.find(f"{SVG}title").attrib["id"],
            root.find(f"{SVG}desc").attrib["id"],
        ] == named
        assert root.find(f"{SVG}title").text == figure.title
        assert root.find(f"{SVG}desc").text == figure.text


def test_a_strict_content_policy_finds_no_style_and_no_script(drawn):
    for figure in drawn.values():
        assert not re.search(r"style|script|\bon\w+=|href", figure.svg)


def test_two_drawings_of_the_same_rows_are_the_same(drawn):
    assert figures() == drawn


def test_the_words_of_a_drawing_are_its_finding_and_where_its_numbers_are(drawn):
    said = {name: figure.text for name, figure in drawn.items()}
    top = "have the largest number: 2 of 4 reviews each."
    assert said["F1"] == "4 of 7 reviews identified were read and coded. Numbers in Table 1."
    assert said["F2"] == f"2001 and 2003 {top} Numbers in Table 2."
    first = "Visits is the most frequent theme: 2 of 4 reviews."
    assert said["F6"].startswith(first)
    assert drawn["F6"].finding == first.removesuffix(".")


def test_every_drawing_prints_the_framework_it_was_counted_with(drawn):
    for figure in drawn.values():
        printed = [text.text for text in ET.fromstring(figure.svg).iter(f"{SVG}text")]
        assert printed[-1] == VERSION


def test_bars_are_sorted_by_size_with_the_unknown_last_and_totals_left_out(drawn):
    assert texts_of(drawn["F3"].svg, bold=True) == ["1", "1", "1", "1"]
    named = ["Fire", "Fall", "Harm", "Not known"]
    assert [text for text in texts_of(drawn["F3"].svg) if text in named] == named


def test_columns_stand_on_nought(drawn):
    bars = ET.fromstring(drawn["F2"].svg).iter(f"{SVG}rect")
    heights = [float(bar.attrib["height"]) for bar in bars]
    feet = {
        float(bar.attrib["y"]) + float(bar.attrib["height"])
        for bar in ET.fromstring(drawn["F2"].svg).iter(f"{SVG}rect")
    }
    assert heights == [200.0, 200.0]
    assert feet == {230.0}


def test_a_cell_with_a_mark_has_the_mark_and_no_length(drawn):
    root = ET.fromstring(drawn["F5"].svg)
    assert not list(root.iter(f"{SVG}rect"))
    assert "[x]" in drawn["F5"].svg


def test_flow_draws_what_was_left_out_on_the_way(drawn):
    words = [text.text for text in ET.fromstring(drawn["F1"].svg).iter(f"{SVG}text")]
    assert "Not obtained: 1" in words
    assert "Excluded: 1" in words


def test_a_figure_of_one_block_draws_the_rows_of_that_block():
    source = SPEC_YAML.replace(
        "figures:\n", "figures:\n  - {id: F9, kind: bars, table: T4, block: ages, title: Ages}\n"
    )
    read = checked_overview(source, FRAMEWORK, file="small.yaml")
    (people,) = [table for table in tabulate(rows(), read, FRAMEWORK) if table.id == "T4"]
    (protected,) = protect_tables([people], profile="open")
    labels = texts_of(draw_figure(read.figures[0], protected).svg)
    named = ["Under 50", "50 or more", "Not judged", "Not recorded"]
    assert [label for label in labels if label in named] == named


def test_parts_of_a_bar_differ_by_more_than_their_tone():
    """All seven can be told apart; no lines are slanted, which means withheld."""
    drawn = [svg.segment(0, 0, 40, 20, shade=shade) for shade in svg.SHADES]
    assert len(set(drawn)) == len(svg.SHADES) == 7
    for drawing in drawn:
        for line in ET.fromstring(f"<g>{drawing}</g>").iter("line"):
            assert line.get("x1") == line.get("x2") or line.get("y1") == line.get("y2")


def test_lines_of_a_part_stay_inside_it():
    for shade in svg.SHADES:
        for line in ET.fromstring(f"<g>{svg.segment(10, 5, 12, 20, shade=shade)}</g>").iter("line"):
            assert all(10 <= float(line.get(at)) <= 22 for at in ("x1", "x2"))
            assert all(5 <= float(line.get(at)) <= 25 for at in ("y1", "y2"))
