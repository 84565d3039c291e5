"""Checks of all tables: the results of a version, and those that wait."""

from waymark.accounts.permissions import Actor, require_permission
from waymark.overview.models import SpecVersion, TableCheck


def checks_of(version: SpecVersion, person: Actor) -> dict[str, TableCheck]:
    """Profile -> the check of a version under it. Raises NotPermitted."""
    require_permission(person, "write overviews")
    return {row.profile: row for row in TableCheck.objects.filter(version=version)}


def same_check(check: TableCheck, content: str) -> TableCheck | None:
    """A finished check of the same overview that was counted from the same; None if there is none.

    content: hash of all that it is counted from.
    """
    rows = TableCheck.objects.filter(
        version__overview=check.version.overview, profile=check.profile, content=content
    )
    return rows.exclude(result=None).first()
