"""Themes counted by the passages that coders marked, as strengths, and codes with those below."""

from dataclasses import replace

import pytest

from tests.factories import NOON
from tests.overview.small import FRAMEWORK_YAML, SPEC_YAML, rows, values
from tests.overview.world import SPEC, make_world
from waymark.coding.models import Coding
from waymark.core.errors import SpecError
from waymark.frameworks.schema import read_framework
from waymark.overview.disclosure.protect import protect_release
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.queries.overviews import rows_to_freeze
from waymark.overview.spec.check import checked_overview
from waymark.overview.spec.schema import read_overview
from waymark.overview.tables.tabulate import tabulate

FRAMEWORK = read_framework(
    FRAMEWORK_YAML.replace("variables:", "qualifiers: {valence: [concern, strength]}\nvariables:"),
    file="adult-core.yaml",
)
STRENGTHS = "qualified: {name: valence, values: [strength]}"
GOOD = f"- {{id: T15, kind: themes, title: Good practice, of: {{themes: true}}, {STRENGTHS}}}"


def spec(table=GOOD, profile="open"):
    source = SPEC_YAML.replace("\nfigures:\n", f"\n  {table}\nfigures:\n", 1)
    return checked_overview(source.replace("profile: open", f"profile: {profile}"), FRAMEWORK,
                            file="small.yaml")  # fmt: skip


def marked():
    """Of A1 the second passage on visits is a strength, and one on late visits; of A2 the letters.

    The passages on visits of A1 are at 200 and 300, those on late visits at 300 and 400.
    """
    strength, concern = ("valence=strength",), ("valence=concern",)
    marks = {
        ("A1", "th.visits"): (concern, strength),
        ("A1", "th.visits.late"): (("valence=concern", "valence=strength"), ()),
        ("A2", "th.visits.late"): (concern,),
        ("A2", "th.letters"): (strength,),
    }
    codes = [row._replace(qualifiers=marks.get((row.review, row.code), ())) for row in rows().codes]
    return replace(rows(), codes=tuple(codes))


def counted(table=GOOD, of=None):
    made = tabulate(of or marked(), spec(table), FRAMEWORK)
    return next(one for one in made if one.id == "T15")


def test_a_review_counts_if_one_of_its_passages_is_so_marked_by_one_coder():
    """A1 praises visits, in one passage that two codes share; A2 letters, not its late visit."""
    assert values(counted(), "n", "passages") == {"th.visits": ("1", "1"), "th.letters": ("1", "1")}
    assert list(counted().cell("th.visits", "n").records) == ["A1"]


def test_only_passages_so_marked_are_its_evidence():
    assert [key.partition("-")[2] for key in counted().cell("th.visits", "n").evidence] == [
        "300-310"
    ]


def test_a_note_says_which_passages_are_counted():
    assert any("marked with valence: strength are counted" in note for note in counted().notes)


def test_rows_frozen_without_qualifiers_praise_nothing():
    assert values(counted(of=rows()), "n") == {"th.letters": ("0",), "th.visits": ("0",)}


def test_themes_without_a_qualifier_count_all_passages_as_before():
    tables = {table.id: table for table in tabulate(marked(), spec(), FRAMEWORK)}
    assert values(tables["T10"], "n", "passages") == {
        "th.visits": ("2", "4"),
        "th.letters": ("1", "1"),
    }


def test_a_code_is_counted_with_all_codes_below_it_as_far_as_the_framework_divides_it():
    family = "- {id: T15, kind: themes, title: Visits, of: {family: th.visits}}"
    assert values(counted(family), "n") == {"th.visits": ("2",), "th.visits.late": ("2",)}
    single = family.replace("th.visits}", "th.letters}")
    assert values(counted(single), "n") == {"th.letters": ("1",)}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("qualified: {name: valence, values: [praise]}",
         "no qualifier valence with the value praise"),
        ("qualified: {name: mood, values: [strength]}", "no qualifier mood with the value"),
        (f"columns: {{variable: cause}}, {STRENGTHS}", "remove columns and where"),
        (f"where: {{variable: cause, values: [fire]}}, {STRENGTHS}", "remove columns and where"),
    ],
)  # fmt: skip
def test_a_qualifier_that_cannot_be_counted_is_refused(more, says):
    with pytest.raises(SpecError, match=says):
        counted(GOOD.replace(STRENGTHS, more))


def test_a_family_of_an_unknown_code_is_refused():
    with pytest.raises(SpecError, match=r"there is no code th\.calls"):
        counted("- {id: T15, kind: themes, title: Calls, of: {family: th.calls}}")


@pytest.mark.parametrize("profile", ["k3", "k5"])
def test_good_practice_is_about_what_services_did_so_no_number_of_it_is_withheld(profile):
    table = SPEC_YAML.split("tables:")[0] + f"tables:\n  {GOOD}\n"
    source = table.replace("points:\n", "").replace(
        '  - "Of {T3/all/n} reviews, {T3/deaths/n} followed a death."\n', ""
    )
    read = checked_overview(source, FRAMEWORK, file="small.yaml")
    made = protect_release(plan_of(marked(), read, FRAMEWORK), profile=profile)
    (good,) = made.tables
    assert values(good.table, "n") == values(counted(), "n")


class TestFreezing:
    """The qualifiers of passages are frozen only as far as tables count by them."""

    pytestmark = pytest.mark.django_db

    def frozen(self, world, table=""):
        source = SPEC.replace("figures:", f"{table}\nfigures:") if table else SPEC
        read, _ = read_overview(source, file="small.yaml")
        return rows_to_freeze(read, source, world.framework, world.analyst, NOON)

    def test_what_coders_marked_is_frozen_with_the_passages(self, framework):
        world = make_world(framework)
        Coding.objects.update(qualifiers={"valence": "strength", "voice": "reviewer_judgement"})
        counting = self.frozen(world, f"  {GOOD}")
        (code,) = [row for row in counting.codes if row.present]
        assert code.qualifiers == (("valence=strength",),)
        assert {row.qualifiers for row in self.frozen(world).codes} == {()}
