"""Charts: true findings, nothing beyond the table, room for every text, colours that last."""

import re
from itertools import combinations, pairwise

import pytest
from defusedxml import ElementTree as ET

from tests.overview.rows import fixture_rows, framework, spec
from tests.overview.test_profiles import protection
from waymark.overview.charts import svg
from waymark.overview.charts.charts import draw_figure, saved_drawing
from waymark.overview.charts.layout import scale_to
from waymark.overview.charts.metrics import text_width, wrapped_text
from waymark.overview.disclosure.protect import protect_tables
from waymark.overview.tables.tabulate import tabulate

SVG = "{http://www.w3.org/2000/svg}"
PROFILES = ["open", "k3", "k5", "r5"]
SOURCE = "Learning from reviews. Edition 1, 24 January 2013."


def charts(profile):
    """Each figure of the default overview with its table, under a profile."""
    if profile == "open":
        made = protect_tables(tabulate(fixture_rows(), spec(), framework()), profile="open")
    else:
        made = protection(profile).tables
    by_id = {protected.table.id: protected for protected in made}
    return [
        (figure, by_id[figure.table], draw_figure(figure, by_id[figure.table]))
        for figure in spec().figures
    ]


@pytest.fixture(scope="module", params=PROFILES)
def drawn(request):
    return charts(request.param)


# ---- findings ----


def test_a_finding_names_the_largest_group_with_its_base():
    said = {figure.id: figure.finding for _, _, figure in charts("open")}
    assert said["F3"] == "Suicide or accident is the largest group: 8 of 24 reviews"
    assert said["F2"] == "2005, 2006 and 2008 have the largest number: 5 of 24 reviews each"
    assert said["F1"] == "24 of 26 reviews identified were read and coded"
    assert said["F8"] == (
        "“Complete, no evidence of change” is the largest part: 37 of 96 recommendations"
    )
    assert said["F9"] == "Not recorded: 24 of 24 reviews"


def test_beside_a_withheld_number_a_number_is_the_largest_of_those_shown():
    said = {figure.id: figure.finding for _, _, figure in charts("k5")}
    only = "is the largest group of those shown: 8 of 24 reviews"
    assert said["F3"] == f"Suicide or accident {only}"


def test_a_finding_says_that_its_numbers_are_rounded():
    said = {figure.id: figure.finding for _, _, figure in charts("r5")}
    assert said["F3"] == "Suicide or accident is the largest group in rounded numbers: 10 reviews"
    # A table about the process is not rounded.
    assert said["F6"].endswith("is the most frequent theme: 22 of 24 reviews")


# ---- protection ----


def test_every_number_in_a_chart_is_in_its_table_or_on_its_scale(drawn):
    for figure_spec, protected, figure in drawn:
        table = protected.table
        cells = [cell for row in table.rows for cell in row.cells]
        words = [table.title, table.base, table.framework, figure.id, figure_spec.title]
        words += [row.label for row in table.rows] + [column.label for column in table.columns]
        printed = {cell.shown for cell in cells} | {f"{cell.base:,}" for cell in cells if cell.base}
        known = set(re.findall(r"[\d,.]*\d", " ".join([*words, *printed])))
        if figure_spec.kind == "flow":
            left_out = table.cell("identified", "n").value - table.cell("obtained", "n").value
            known.add(str(left_out))
        for drawing in (figure.svg, figure.narrow):
            for text in ET.fromstring(drawing).iter(f"{SVG}text"):
                if text.get("font-size") == "13" and text.get("class") == "chart-soft":
                    continue
                assert set(re.findall(r"[\d,.]*\d", text.text)) <= known, (figure.id, text.text)


def test_a_withheld_bar_is_as_long_as_every_other_withheld_bar():
    """Only its place is known: two tables that differ in it look the same."""
    sizes = set()
    for _, _, figure in charts("k5"):
        for drawing in (figure.svg, figure.narrow):
            for box in ET.fromstring(drawing).iter(f"{SVG}rect"):
                if box.get("class") == "chart-withheld-line":
                    sizes.add((box.get("width"), box.get("height"), box.get("fill")))
    assert sizes == {("36", "24", "none")}


def test_the_lengths_of_bars_are_the_numbers_of_the_table():
    _, protected, figure = charts("open")[2]
    for drawing in (figure.svg, figure.narrow):
        bars = ET.fromstring(drawing).iter(f"{SVG}rect")
        lengths = [float(bar.get("width")) for bar in bars]
        # 8, 6, 6 and 4 reviews, on a scale that ends at 8.
        assert lengths == pytest.approx([lengths[0] * n / 8 for n in (8, 6, 6, 4)], abs=0.1)
    assert [row.cells[0].value for row in protected.table.rows if row.role == "part"] == [
        4,
        6,
        8,
        6,
    ]


# ---- what readers see ----


def test_a_number_is_on_its_part_where_it_fits_and_below_it_where_not():
    """Of 5 children of 16 and 17, 4 died: on a phone the part of the fifth is too short for "1"."""
    below = {"wide": [], "narrow": []}
    _, _, figure = charts("open")[3]
    for name, drawing in (("wide", figure.svg), ("narrow", figure.narrow)):
        root = ET.fromstring(drawing)
        parts = [
            tuple(float(bar.get(key)) for key in ("x", "y", "width", "height"))
            for bar in root.iter(f"{SVG}rect")
            if bar.get("height") == "24" and bar.get("fill") != "none"
        ]
        numbers = [text for text in root.iter(f"{SVG}text") if text.get("text-anchor") == "middle"]
        for text in numbers:
            x, y = float(text.get("x")), float(text.get("y"))
            if text.get("class") != "chart-soft" and not any(
                left < x < left + width and top < y < top + height
                for left, top, width, height in parts
            ):
                below[name].append(text.text)
    assert below == {"wide": [], "narrow": ["1", "1"]}


def test_the_head_of_a_column_breaks_before_a_bracket():
    _, _, figure = charts("open")[6]
    words = [text.text for text in ET.fromstring(figure.svg).iter(f"{SVG}text")]
    assert {"Other", "(no death)", "(n = 6)"} <= set(words)


def boxes(drawing):
    """Each text with its box: from left, from top, to right, to bottom."""
    root = ET.fromstring(drawing)
    shift = dict.fromkeys(root.iter(f"{SVG}text"), 0.0)
    for text in shift:
        size = float(text.get("font-size", svg.SIZE))
        width = text_width(text.text, size, bold="font-weight" in text.attrib) - 1
        x, y = float(text.get("x")), float(text.get("y"))
        left = x - {"start": 0, "middle": width / 2, "end": width}[text.get("text-anchor")]
        yield text.text, (left, y - 0.72 * size, left + width, y + 0.1 * size)


def test_no_text_covers_another_or_leaves_the_picture(drawn):
    for _, _, figure in drawn:
        for drawing in (figure.svg, figure.narrow):
            width, height = map(float, ET.fromstring(drawing).get("viewBox").split()[2:])
            written = list(boxes(drawing))
            for text, box in written:
                inside = box[0] >= -1, box[2] <= width + 1, box[3] <= height
                assert all(inside), (figure.id, text)
            for (one, a), (other, b) in combinations(written, 2):
                apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
                assert apart, (figure.id, width, one, other)


def test_text_is_as_large_on_a_phone_as_on_a_wide_page(drawn):
    for _, _, figure in drawn:
        for drawing in (figure.svg, figure.narrow):
            sizes = {
                text.get("font-size", "15") for text in ET.fromstring(drawing).iter(f"{SVG}text")
            }
            assert sizes <= {"13", "15"}


def test_a_saved_chart_has_its_title_measure_base_source_and_ground_inside(drawn):
    for _, protected, figure in drawn:
        saved = saved_drawing(figure, SOURCE)
        words = " ".join(text.text for text in ET.fromstring(saved).iter(f"{SVG}text"))
        for part in (figure.finding, figure.measure, protected.table.base, SOURCE):
            assert part in words
        assert 'class="chart-ground"' in saved
        assert "currentColor" not in saved
        assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', saved)) <= {
            "none",
            *svg.COLOURS.values(),
        }


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first, second):
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_text_and_neighbouring_fills_have_contrast():
    colours = svg.COLOURS
    for text in ("ink", "soft", "withheld"):
        assert contrast(colours[text], colours["ground"]) >= 4.5
    for tone in ("tone-1", "tone-2", "tone-3"):
        assert contrast(colours[f"on-{tone}"], colours[tone]) >= 4.5
    for shades in (svg.SHADES, svg.SHADES_OF_TWO):
        for one, other in pairwise(shades):
            assert contrast(colours[one.colour], colours[other.colour]) >= 3


@pytest.mark.parametrize(
    ("most", "exact", "end", "ticks"),
    [
        (0, False, 1, (0, 1)),
        (4, False, 4, (0, 1, 2, 3, 4)),
        (11, False, 15, (0, 5, 10, 15)),
        (24, True, 24, (0, 5, 10, 15, 20, 24)),
        (21, True, 21, (0, 5, 10, 15, 21)),
    ],
)
def test_a_scale_has_round_numbers_and_may_end_at_a_base(most, exact, end, ticks):
    scale = scale_to(most, 0, 100, exact=exact)
    assert (scale.most, scale.ticks) == (end, ticks)
    assert scale.x(end) == 100


def test_a_word_wider_than_its_room_is_broken():
    assert all(text_width(line, 15) <= 60 for line in wrapped_text("Counterterrorism", 60, 15))
    assert wrapped_text("", 60, 15) == [""]
