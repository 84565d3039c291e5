"""What a release withholds, for those who may see it: true numbers, and why each is not open."""

from functools import lru_cache

from tests.overview.rows import DEMO_SPEC, fixture_rows, framework, spec
from tests.overview.test_ledger import KEEP, first, two_more
from waymark.overview.releases.release import make_suppressed_tables


@lru_cache(maxsize=4)
def found(profile, source=DEMO_SPEC):
    made = make_suppressed_tables(fixture_rows(), spec(source), framework(), profile=profile)
    return {one.table.id: one.covered for one in made}


def told(cell):
    return cell.cell.value, cell.printed, cell.why


def test_a_small_number_is_withheld_for_its_own_sake_and_another_to_protect_it():
    incidents = found("k5")["T3"]
    assert told(incidents["assault", "n"]) == (
        *(4, "[c]"),
        "The number is withheld because it is under 5.",
    )
    assert told(incidents["infant_death", "n"]) == (
        *(6, "[c]"),
        "The number is withheld to protect another: it could be used to work out a number under 5.",
    )


def test_a_number_about_people_that_is_printed_and_closed_says_so():
    value, printed, why = told(found("k5")["T3"]["suicide_or_accident", "n"])
    assert (value, printed) == (8, "8")
    assert why.startswith("The number is printed. Its evidence is not available")


def test_a_crossing_that_is_not_printed_can_be_opened():
    years = found("k3")["T2"]
    value, printed, why = told(years["2003", "death"])
    assert (value, printed) == (2, "[z]")
    assert why.startswith("The rows are not broken down by the columns")


def test_behind_a_rounded_number_stands_the_one_that_was_counted():
    assert told(found("r5")["T3"]["assault", "n"]) == (
        *(4, "5"),
        "The number is printed rounded to a multiple of 5.",
    )


def test_numbers_that_everybody_may_open_are_not_among_them():
    """Rounded themes cross no fact about people, so the lists of reviews stay open."""
    assert found("r5")["T10"] == found("r5")["T12"] == found("r5")["T14"] == {}


def test_numbers_about_process_are_among_them_where_the_controller_closed_them():
    closed = DEMO_SPEC.replace("profile: open", "profile: k5\n  open_process: false")
    themes = found("k5", closed)["T10"]
    assert told(themes["prac.assessment", "n"])[:2] == (22, "22")
    assert len(themes["prac.assessment", "n"].cell.evidence) == 104


def test_each_opens_to_the_reviews_it_counts():
    cell = found("k5")["T3"]["assault", "n"].cell
    assert (len(cell.records), len(cell.evidence)) == (4, 4)


def test_shares_open_with_their_numbers():
    assert {column for _, column in found("k5")["T3"]} == {"n"}


def test_what_an_earlier_edition_withheld_says_that_it_was_small_then():
    read = spec(KEEP)
    tables = tuple(one for one in read.tables if one.id == "T3")
    alone = read.model_copy(update={"tables": tables, "figures": (), "logic": ()})
    made = make_suppressed_tables(two_more(), alone, framework(), profile="k5", earlier=[first()])
    incidents = next(one.covered for one in made if one.table.id == "T3")
    value, printed, why = told(incidents["assault", "n"])
    assert (value, printed) == (5, "[c]")
    assert why.startswith("The number is withheld because an earlier edition withheld it")


def test_under_open_there_is_nothing_of_the_kind():
    assert found("open") == {}
