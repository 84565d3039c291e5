"""Whatever the table: no small count can be worked out, by trying every table that fits."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.overview.brute_force import seen_by_trying
from waymark.core.errors import UnprotectableCount
from waymark.overview.disclosure.engine import audit
from waymark.overview.disclosure.engine.cells import CountSystem
from waymark.overview.disclosure.engine.cube import CubeAxis, cube_system
from waymark.overview.disclosure.engine.rounding import round_counts
from waymark.overview.disclosure.engine.suppress import suppress_counts

MOST_TO_TRY = 9
ROWS, COLUMNS = ("a", "b", "c"), ("x", "y", "z")


@st.composite
def flat_tables(draw: st.DrawFn, *, most: int = 4, side: int = 3) -> CountSystem:
    """Two to side rows and columns of counts 0 to most, with known and hideable margins."""
    rows = ROWS[: draw(st.integers(2, side))]
    columns = COLUMNS[: draw(st.integers(2, side))]
    counts = {(row, column): draw(st.integers(0, most)) for row in rows for column in columns}
    known = draw(st.booleans())
    return cube_system(
        "t", [CubeAxis(rows), CubeAxis(columns)], counts, known=lambda cell: known and "all" in cell
    )


@st.composite
def boxes(draw: st.DrawFn) -> CountSystem:
    """Three dimensions, one of them with a subtotal: integer and linear answers may differ."""
    first = CubeAxis(("a", "b", "c"), (("ab", ("a", "b")), ("all", ("ab", "c"))))
    axes = [first, CubeAxis(("x", "y")), CubeAxis(("p", "q"))]
    counts = {
        (one, two, three): draw(st.integers(0, 6))
        for one in first.leaves
        for two in ("x", "y")
        for three in ("p", "q")
    }
    return cube_system("box", axes, counts)


@settings(max_examples=35, deadline=None)
@given(flat_tables(), st.sampled_from([2, 3, 5]))
def test_no_small_count_of_a_flat_table_can_be_worked_out(system, k):
    try:
        found = suppress_counts(system, k)
    except UnprotectableCount:
        hidden = [c.key for c in system.counts if c.exposure != "known"]
        assert audit.exposed_counts(system, hidden, sorted(system.primaries(k)), k=k)
        return
    assert system.primaries(k) <= found.withheld
    if len(found.withheld) <= MOST_TO_TRY:
        limit = max(count.value for count in system.counts) + k
        tried = seen_by_trying(system, found.withheld, limit=limit)
    else:
        tried = {key: (one.least, one.most or k) for key, one in found.intervals().items()}
    for key in found.primaries:
        least, most = tried[key]
        assert least == 0
        assert most >= k


@settings(max_examples=12, deadline=None)
@given(boxes(), st.sampled_from([2, 3, 5]))
def test_no_small_count_of_a_box_can_be_worked_out(system, k):
    try:
        found = suppress_counts(system, k)
    except UnprotectableCount:
        return
    for key, interval in found.intervals().items():
        assert interval.protects(k) or key not in found.primaries


@settings(max_examples=25, deadline=None)
@given(flat_tables(most=30))
def test_rounded_tables_add_up_and_lie_near(system):
    try:
        made = round_counts(system, 5)
    except UnprotectableCount:
        return
    for equation in system.equations:
        assert sum(factor * made.printed[key] for key, factor in equation.terms) == 0
    for count in system.counts:
        assert made.printed[count.key] % 5 == 0
        assert abs(made.printed[count.key] - count.value) <= made.within
