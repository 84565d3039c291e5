"""Which tables of an overview cannot be protected, and what can be done about each."""

from dataclasses import dataclass

from django.utils import timezone

from waymark import pipeline
from waymark.accounts.models import User
from waymark.core.errors import NotFound, RuleError, SpecError, TablesNotShown
from waymark.core.wording import as_sentence
from waymark.frameworks.queries import file_of
from waymark.overview.queries.overviews import decision_of
from waymark.overview.queries.spec_versions import overview_state
from waymark.overview.spec.edits import entries_of
from waymark.overview.spec.remedies import Remedy, remedies_of


@dataclass(frozen=True, slots=True)
class RefusedTable:
    """A table that cannot be protected, with its remedies."""

    id: str
    name: str
    reasons: list[str]
    remedies: list[Remedy]


@dataclass(frozen=True, slots=True)
class ProtectionCheck:
    """What would be shown if the numbers were frozen now. others: texts and figures left out.

    failure: why nothing could be counted, or "". seen: number of the version that was checked.
    """

    profile: str
    refused: list[RefusedTable]
    others: list[str]
    failure: str
    seen: int


def check_protection(person: User, slug: str) -> ProtectionCheck:
    """Count and protect all tables of the last version now. Raises NotPermitted, NotFound."""
    state = overview_state(slug, person)
    text, framework = state.version.spec, file_of(state.overview.framework)
    reasons: dict[str, list[str]] = {}
    others: list[str] = []
    failure = ""
    try:
        preview = pipeline.preview_overview(
            by=person, slug=slug, spec=text, table="", now=timezone.now()
        )
        for part in preview.left_out:
            if part.table:
                reasons.setdefault(part.table, []).append(part.reason)
            else:
                others.append(f"{part.name}. {part.reason}")
    except TablesNotShown as error:
        for part_id, reason in error.reasons.items():
            reasons.setdefault(part_id.partition(".")[0], []).append(reason)
    except (SpecError, RuleError, NotFound) as error:
        failure = as_sentence(error)
    tables = entries_of(text, "tables")
    refused = [
        RefusedTable(
            table["id"],
            f"Table {table['id'][1:]}, {table['title']}",
            reasons[table["id"]],
            remedies_of(text, table, framework),
        )
        for table in tables
        if table["id"] in reasons
    ]
    profile = decision_of(state.version).profile
    return ProtectionCheck(profile, refused, others, failure, state.version.number)
