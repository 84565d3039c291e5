"""Where an addressee stands, derived from its ledger; and a recommendation from its addressees.

No Django. Values are those of the models Standing, ProgressStatus and ProgressImpact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from waymark.recommendations.response_schemes import add_months, response_schemes

CLOSED_STATUS = frozenset({"complete", "superseded", "not_accepted"})
CLOSED_STANDING = frozenset({"rejected", "reported", "verified", "superseded"})
IMPACTS = ("no_evidence", "activity_only", "practice_change", "outcome_for_children")
"""From the least to the most."""


@dataclass(frozen=True, slots=True)
class LedgerFact:
    """An entry of the ledger, as far as it decides where an addressee stands."""

    kind: str
    on: date
    answer: str = ""
    level: int | None = None


@dataclass(frozen=True, slots=True)
class ProgressFact:
    """Progress of an addressee, or of the recommendation as a whole."""

    status: str
    impact: str
    on: date
    due: date | None = None
    verified: bool | None = None


@dataclass(frozen=True, slots=True)
class Stands:
    """Where an addressee stands. See the model Addressee."""

    standing: str
    told_on: date | None
    answer_due: date | None
    overdue_from: date | None
    level: int


def where_it_stands(
    scheme: str,
    entries: Iterable[LedgerFact],
    progress: Iterable[ProgressFact] = (),
    action_dues: Iterable[date] = (),
) -> Stands:
    """Where an addressee stands by its entries, in any order.

    action_dues: due days of its actions that are not done.
    """
    facts = sorted(entries, key=lambda fact: fact.on)
    notified_on = next((fact.on for fact in _of_kind("notified", facts)), None)
    answer = _last(_of_kind("answered", facts))
    reopened = _last(_of_kind("reopened", facts))
    last = _progress_since(max(progress, key=lambda row: row.on, default=None), reopened)
    standing = _standing(notified_on, answer, last, reopened.on if reopened else None)
    answer_due = response_schemes().answer_due(scheme, notified_on)
    dues = [*([last.due] if last and last.due else []), *action_dues]
    if answer is None and last is None and answer_due is not None:
        dues.append(answer_due)
    level = max((fact.level or 0 for fact in _of_kind("escalated", facts)), default=0)
    return Stands(
        standing, notified_on, answer_due, _overdue_from(standing, notified_on, dues), level
    )


def _of_kind(kind: str, facts: Sequence[LedgerFact]) -> list[LedgerFact]:
    return [fact for fact in facts if fact.kind == kind]


def _last(facts: Sequence[LedgerFact]) -> LedgerFact | None:
    return facts[-1] if facts else None


def _progress_since(last: ProgressFact | None, reopened: LedgerFact | None) -> ProgressFact | None:
    """The latest progress; in progress again if the recommendation was reopened after it."""
    if last is not None and reopened is not None and reopened.on >= last.on:
        return ProgressFact("in_progress", "no_evidence", reopened.on)
    return last


def _standing(
    notified_on: date | None,
    answer: LedgerFact | None,
    last: ProgressFact | None,
    reopened: date | None,
) -> str:
    begun = _of_progress(last) if last is not None else ""
    # The later of the two counts: a body can refuse what it has begun, and begin what it refused.
    if answer is not None and (last is None or not begun or answer.on > last.on):
        return _after_answer(answer, begun, reopened)
    return begun or ("not_told" if notified_on is None else "waiting")


def _after_answer(answer: LedgerFact, begun: str, reopened: date | None) -> str:
    """Standing if the answer is later than what was begun; a refusal ends when it is reopened."""
    if answer.answer != "rejected":
        return begun or answer.answer
    if reopened is None or answer.on > reopened:
        return "rejected"
    return begun or "in_progress"


def _of_progress(last: ProgressFact) -> str:
    """Standing by reported progress; "" if nothing was started, so that the answer counts."""
    if last.status == "complete":
        return "verified" if last.verified else "reported"
    return {"not_accepted": "rejected", "not_started": ""}.get(last.status, last.status)


def _overdue_from(standing: str, notified_on: date | None, dues: Sequence[date]) -> date | None:
    """The first day on which it is late: after the earliest due day, or by age without any."""
    if standing in CLOSED_STANDING:
        return None
    if dues:
        return date.fromordinal(min(dues).toordinal() + 1)
    if notified_on is None:
        return None
    return add_months(notified_on, response_schemes().age_months)


# ---- the recommendation as a whole ----


def overall(rows: Sequence[ProgressFact]) -> ProgressFact | None:
    """The progress of a recommendation from that of each addressee; None without any.

    Complete only if all who took part completed it; the impact is the least that any of them shows.
    """
    if len(rows) < 2:
        return rows[0] if rows else None
    on = max(row.on for row in rows)
    taking_part = [row for row in rows if row.status not in {"not_accepted", "superseded"}]
    if taking_part:
        return _of_those_taking_part(taking_part, on)
    statuses = {row.status for row in rows}
    status = "not_accepted" if statuses == {"not_accepted"} else "superseded"
    return ProgressFact(status, IMPACTS[0], on)


def _of_those_taking_part(rows: Sequence[ProgressFact], on: date) -> ProgressFact:
    statuses = {row.status for row in rows}
    dues = [row.due for row in rows if row.due and row.status not in CLOSED_STATUS]
    return ProgressFact(
        statuses.pop() if len(statuses) == 1 else "in_progress",
        min((row.impact for row in rows), key=IMPACTS.index),
        on,
        min(dues, default=None),
        all(row.verified for row in rows) or None,
    )


def together(standings: Sequence[str]) -> str:
    """Standing of a recommendation from those of its addressees; "" without any.

    Example: one completed it and another has not started: in progress. One accepted it and another
    in principle: accepted in part.
    """
    if len(set(standings)) < 2:
        return standings[0] if standings else ""
    open_to = {row for row in standings if row not in {"rejected", "superseded"}}
    if not open_to:
        return "superseded"
    if len(open_to) == 1:
        return open_to.pop()
    if open_to == {"reported", "verified"}:
        return "reported"
    if open_to & {"in_progress", "reported", "verified"}:
        return "in_progress"
    return "waiting" if open_to & {"waiting", "not_told"} else "in_part"
