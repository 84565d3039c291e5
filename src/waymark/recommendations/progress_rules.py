"""Which reported progress on a recommendation is impossible, and which is doubtful (no Django)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from waymark.core.wording import date_in_words

# Values of ProgressStatus and ProgressImpact, which are with the models.
WITHOUT_EFFECT = {"not_started": "has not been started", "not_accepted": "was not accepted"}
UNFINISHED = {"in_progress": "is still in progress", "superseded": "was superseded"}
NO_EVIDENCE, OUTCOME = "no_evidence", "outcome_for_children"


@dataclass(frozen=True, slots=True)
class ReportedState:
    """What was reported about a recommendation. evidence_on: when the change was observed."""

    status: str
    impact: str
    due: date | None = None
    evidence: str = ""
    evidence_on: date | None = None


def progress_faults(
    state: ReportedState, *, made_on: date | None = None, today: date | None = None
) -> list[str]:
    """What is impossible. made_on: the day on which the review ended, if known."""
    return list(_faults(state, made_on, today))


def progress_doubts(state: ReportedState, *, made_on: date | None = None) -> list[str]:
    """What is possible but seldom true: for a person to check."""
    return list(_doubts(state, made_on))


def _faults(state: ReportedState, made_on: date | None, today: date | None) -> Iterator[str]:
    if state.status in WITHOUT_EFFECT and state.impact != NO_EVIDENCE:
        yield (
            f"a recommendation that {WITHOUT_EFFECT[state.status]} cannot have had an impact:"
            " correct the status, or report no evidence of change"
        )
    observed = state.evidence_on
    if observed is None:
        return
    if not state.evidence.strip():
        yield "the date of the evidence needs the evidence: describe it, or leave out the date"
    if made_on is not None and observed < made_on:
        yield (
            f"the evidence of {date_in_words(observed)} is older than the recommendation, which"
            f" was made on {date_in_words(made_on)}: correct the date, or leave the evidence out"
        )
    if today is not None and observed > today:
        yield f"the evidence of {date_in_words(observed)} is in the future: correct the date"


def _doubts(state: ReportedState, made_on: date | None) -> Iterator[str]:
    if state.impact == OUTCOME:
        if state.status in UNFINISHED:
            yield (
                "children's outcomes are said to have changed, but the recommendation"
                f" {UNFINISHED[state.status]}"
            )
        if not state.evidence.strip():
            yield "children's outcomes are said to have changed, but no evidence is given"
    if state.impact == NO_EVIDENCE and state.evidence.strip():
        yield "evidence is given, but the impact says that there is none"
    if state.due is not None and made_on is not None and state.due < made_on:
        yield (
            f"it was due on {date_in_words(state.due)}, before the review ended on"
            f" {date_in_words(made_on)}"
        )
