"""Check of all tables as its page shows it: progress, tables that cannot be shown, remedies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from waymark.accounts.models import User
from waymark.accounts.queries import content_state
from waymark.core.wording import as_sentence
from waymark.frameworks.queries import file_of
from waymark.overview.models import TableCheck
from waymark.overview.queries.overviews import decision_of
from waymark.overview.queries.spec_versions import OverviewState
from waymark.overview.queries.table_checks import checks_of
from waymark.overview.spec.edits import entries_of
from waymark.overview.spec.remedies import Remedy, remedies_of
from waymark.publishing.queries import current_edition
from waymark.web.authoring.disclosure_decision import PROFILES

LATE = timedelta(minutes=1)
"""After that a check that nobody has begun is a sign that no worker runs."""


@dataclass(frozen=True, slots=True)
class RefusedTable:
    """A table that cannot be protected, with its remedies."""

    id: str
    name: str
    reasons: list[str]
    remedies: list[Remedy]


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """A profile in the list. is_decided: that of the last version. outcome: of its check.

    action: label of the button, "" while it waits or runs.
    """

    name: str
    label: str
    is_decided: bool
    outcome: str
    action: str
    has_result: bool


@dataclass(frozen=True, slots=True)
class TableCheckResult:
    """What would be shown if the numbers were frozen now, under one profile.

    failure: why nothing can be shown, or "". together: no single table is the cause; then any table
    may be left out, and edition is the number of the edition whose tables can be used, or None.
    others: texts and figures left out. is_stale: the database has changed since.
    """

    profile: str
    done_at: datetime
    is_stale: bool
    failure: str = ""
    together: bool = False
    edition: int | None = None
    refused: list[RefusedTable] = field(default_factory=list)
    candidates: list[RefusedTable] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CheckPage:
    """All that the page shows. waiting: a check waits or runs. status: of the chosen profile."""

    profiles: list[ProfileLine]
    profile: str
    status: str
    waiting: bool
    result: TableCheckResult | None


def check_page_of(state: OverviewState, person: User, profile: str, now: datetime) -> CheckPage:
    """The checks of the last version. profile: the chosen one, "" for that of the version."""
    checks, decided = checks_of(state.version, person), decision_of(state.version).profile
    chosen = profile if profile in {name for name, _, _ in PROFILES} else decided
    lines = [
        _profile_line(name, label, checks.get(name), decided, now) for name, label, _ in PROFILES
    ]
    check = checks.get(chosen)
    return CheckPage(
        profiles=lines,
        profile=chosen,
        status=next(line.outcome for line in lines if line.name == chosen),
        waiting=any(not row.is_done for row in checks.values()),
        result=_result_of(state, check) if check and check.is_done else None,
    )


def _profile_line(
    name: str, label: str, check: TableCheck | None, decided: str, now: datetime
) -> ProfileLine:
    done = check is not None and check.is_done
    if check is not None and not done:
        action = ""
    elif name == decided:
        action = "Check again" if done else "Check all tables"
    else:
        action = f"Try {name} again" if done else f"Try {name}"
    return ProfileLine(name, label, name == decided, check_in_words(check, now), action, done)


def check_in_words(check: TableCheck | None, now: datetime) -> str:
    """State or outcome of a check in words."""
    if check is None:
        return "Not checked"
    if check.is_done:
        return _outcome(check.result or {})
    if check.attempts:
        if not check.left_out:
            return "Being checked now"
        tables = "1 table" if check.left_out == 1 else f"{check.left_out} tables"
        return f"Being checked now: {tables} cannot be shown so far"
    if now - check.asked_at < LATE:
        return "Waiting to start"
    return (
        "Still waiting to start. Ask the person who runs this site whether the command waymark work"
        " is running"
    )


def _outcome(result: Mapping[str, Any]) -> str:
    if result.get("failure"):
        return "Cannot be shown"
    number, publishable = result["of"], result["shown"]
    tables = (
        f"All {number} tables" if publishable == number else f"{publishable} of {number} tables"
    )
    words = f"{tables} can be shown"
    if numbers := result.get("numbers"):
        words += f", with {numbers:,} numbers"
    return f"{words}; {withheld:,} are withheld" if (withheld := result.get("withheld")) else words


def _result_of(state: OverviewState, check: TableCheck) -> TableCheckResult:
    result, text = check.result or {}, state.version.spec
    framework = file_of(state.overview.framework)
    digest = content_state()
    reasons: Mapping[str, list[str]] = result.get("refused", {})
    together = bool(result.get("together"))
    tables = [
        RefusedTable(
            table["id"],
            f"Table {table['id'][1:]}, {table['title']}",
            [as_sentence(reason) for reason in reasons.get(table["id"], ())],
            remedies_of(text, table, framework),
        )
        for table in entries_of(text, "tables")
        if together or table["id"] in reasons
    ]
    return TableCheckResult(
        profile=check.profile,
        done_at=check.done_at or check.asked_at,
        is_stale=digest is not None and digest.digest != check.digest,
        failure=result.get("failure", ""),
        together=together,
        edition=_edition_with_other_tables(state) if together else None,
        refused=[] if together else tables,
        candidates=tables if together else [],
        others=result.get("others", []),
    )


def _edition_with_other_tables(state: OverviewState) -> int | None:
    edition = current_edition(state.overview.slug)
    if edition is None:
        return None
    text, before = state.version.spec, edition.frozen.spec
    same = all(entries_of(text, part) == entries_of(before, part) for part in ("tables", "figures"))
    return None if same else edition.edition
