"""Codes of what happened and of families are not counted like themes where small numbers matter."""

import pytest

from tests.overview.rows import DEMO_SPEC, fixture_rows, framework, spec
from waymark.core.errors import TablesNotShown
from waymark.overview.disclosure.protect import protect_release
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.tables.tabulate import tabulate


def with_table(kind, of):
    more = f"\n  - {{id: T25, kind: {kind}, title: More codes, of: {of}}}\n\nfigures:\n"
    return spec(DEMO_SPEC.replace("\nfigures:\n", more, 1))


def protected(kind, of, profile):
    made = protect_release(
        plan_of(fixture_rows(), with_table(kind, of), framework()), profile=profile
    )
    return next(one.table for one in made.tables if one.table.id == "T25")


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
@pytest.mark.parametrize(
    "of", ["{section: outcome}", "{section: carers}", "{codes: [prac.early, harm.sexual]}"]
)
@pytest.mark.parametrize("kind", ["themes", "agreement"])
def test_what_happened_and_who_the_family_is_are_not_counted_like_themes(kind, of, profile):
    with pytest.raises(TablesNotShown, match=r"^T25: .* is not about practice") as refused:
        protected(kind, of, profile)
    assert list(refused.value.reasons) == ["T25"]


@pytest.mark.parametrize("of", ["{section: practice}", "{codes: [prac.early, prac.plans]}"])
def test_parts_of_themes_and_what_stands_beside_them_are_about_practice(of):
    assert len(protected("themes", of, "k5").rows) >= 2


def test_open_counts_every_code():
    read = with_table("themes", "{section: outcome}")
    tables = tabulate(fixture_rows(), read, framework())
    assert next(one for one in tables if one.id == "T25").rows
