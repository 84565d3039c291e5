"""A coder's own work on one report with one framework: a desk. Nobody reads another's desk.

Rows of the database are named by what they are (words, code), never by their primary keys: gaps in
those would tell a coder how much another has done meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from waymark.accounts.models import User
from waymark.accounts.permissions import Person, require_account
from waymark.coding.models import (
    Assignment,
    CodeKey,
    CoderSettings,
    Coding,
    CodingAction,
    ReadPart,
    ReportMemo,
    Suggestion,
)
from waymark.coding.queries.codings import shown_suggestions
from waymark.coding.queries.machines import suggestions_on
from waymark.core.errors import NotFound
from waymark.core.spans import Span
from waymark.documents.models import Report
from waymark.documents.queries.reader import report_for
from waymark.frameworks.models import Code, Framework
from waymark.frameworks.queries import framework_for

RECENT_CODES = 9
"""Codes that keep a digit of the keyboard."""
FIRST_WORDS = 40
"""Characters of a quotation in the description of an act."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A coder's work on one report with one framework. finished: no more can be changed."""

    coder: User
    report: Report
    framework: Framework
    finished: bool = False

    @property
    def columns(self) -> dict[str, object]:
        """The columns of a DeskRow."""
        return {"coder": self.coder, "report": self.report, "framework": self.framework}


def desk_for(person: Person, key: str, name: str, version: str, now: datetime) -> Desk:
    """The desk of a person for a report and a framework version.

    Raises NotPermitted, and NotFound for a report that is not assigned to the person or that they
    may not see: the two are told alike.
    """
    coder = require_account(person, "code", "code a report")
    report = report_for(key, coder, now)
    framework = framework_for(name, version)
    assignment = Assignment.objects.filter(
        review=report.review_id, framework=framework, coder=coder
    ).first()
    if assignment is None:
        raise NotFound(f"there is no report {key} in your queue")
    return Desk(coder, report, framework, assignment.finished_at is not None)


def own_codings(desk: Desk, within: Span | None = None) -> list[Coding]:
    """The coder's current codings in the current text, in reading order. within: that share a
    character with a span.
    """
    rows = _codings(desk).filter(reading=desk.report.reading)
    if within is not None:
        rows = rows.filter(start__lt=within.end, end__gt=within.start)
    return list(rows.select_related("code").defer("code__definition", "prefix", "suffix"))


def own_places(desk: Desk) -> list[tuple[int, int, str]]:
    """Start, end and code of the coder's current codings in the current text, in reading order."""
    names = names_of_codes(desk.framework)
    rows = _codings(desk).filter(reading=desk.report.reading)
    return [
        (start, end, names[pk][0]) for start, end, pk in rows.values_list("start", "end", "code")
    ]


def suggestions_within(desk: Desk, span: Span) -> list[Suggestion]:
    """Suggestions that the coder may see and has not decided, which share a character with a span.

    None once the coder has finished: they can decide on nothing then.
    """
    if desk.finished or not suggestions_on():
        return []
    rows = Suggestion.objects.filter(
        report=desk.report,
        reading=desk.report.reading,
        code__in=list(names_of_codes(desk.framework)),
        start__lt=span.end,
        end__gt=span.start,
    )
    return list(shown_suggestions(rows, desk.coder).select_related("code"))


def codings_in_earlier_texts(desk: Desk) -> list[Coding]:
    """The coder's current codings that did not move to the current text of the report."""
    rows = _codings(desk).exclude(reading=desk.report.reading)
    return list(rows.select_related("code"))


def count_codings(desk: Desk) -> int:
    """Number of the coder's current codings at the desk."""
    return _codings(desk).count()


def _codings(desk: Desk) -> QuerySet[Coding]:
    return _ever(desk).filter(superseded_at=None)


def _ever(desk: Desk) -> QuerySet[Coding]:
    """Codings of the desk, superseded ones too."""
    # By the primary keys of the codes: a join would lead the database through all coders' codings.
    codes = names_of_codes(desk.framework)
    return Coding.objects.filter(coder=desk.coder, report=desk.report, code__in=list(codes))


def report_memo(desk: Desk) -> str:
    """The coder's memo on the report, "" for none."""
    row = ReportMemo.objects.filter(**desk.columns, superseded_at=None).first()
    return row.text if row else ""


def read_parts(desk: Desk) -> set[int]:
    """Numbers of the parts of the current text that the coder has marked as read."""
    rows = ReadPart.objects.filter(**desk.columns, reading=desk.report.reading, superseded_at=None)
    return set(rows.values_list("part", flat=True))


# ---- acts ----


@dataclass(frozen=True, slots=True)
class NextAct:
    """What "undo" takes back, or "redo" brings back. act: its id; label: in words."""

    act: str
    label: str


@dataclass(frozen=True, slots=True)
class DeskState:
    """Number of the last act at a desk (0 for none), and what undo and redo do next."""

    number: int
    undo: NextAct | None
    redo: NextAct | None


def last_action(desk: Desk) -> CodingAction | None:
    """The last act at a desk, with what undo and redo do next."""
    rows = CodingAction.objects.filter(**desk.columns).order_by("-number")
    return rows.select_related("undo", "redo").first()


def desk_state(desk: Desk) -> DeskState:
    """State of a desk. Acts in an earlier text of the report can no longer be taken back."""
    last = last_action(desk)
    if last is None:
        return DeskState(0, None, None)
    return DeskState(
        last.number,
        _next_act(desk, last.undo, undo=True),
        _next_act(desk, last.redo, undo=False),
    )


def _next_act(desk: Desk, action: CodingAction | None, *, undo: bool) -> NextAct | None:
    if action is None or action.reading != desk.report.reading:
        return None
    changed = (action.before, action.after) if undo else (action.after, action.before)
    return NextAct(action.act, described(desk, *changed))


def described(desk: Desk, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What an act did, in words: "code Neglect", "boundaries of Neglect", "memo on the report"."""
    if "memo" in before:
        return "memo on the report"
    if "read" in before:
        (part,) = {*before["read"], *after["read"]}
        noun = "page" if desk.report.page_count > 1 else "part"
        return f"{noun} {part} {'marked as read' if after['read'] else 'marked as not read'}"
    old, new = before.get("codings", []), after.get("codings", [])
    names = dict(names_of_codes(desk.framework).values())
    if not old and not new:
        return f"decision on the suggestion {names[after['suggestion']['code']]}"
    code = names[(new or old)[0]["code"]]
    if not old:
        return f"code {code}"
    if not new:
        return f"removal of {code}"
    if (old[0]["start"], old[0]["end"]) != (new[0]["start"], new[0]["end"]):
        return f"boundaries of {code}"
    return f"{'memo' if old[0]['memo'] != new[0]['memo'] else 'qualifiers'} of {code}"


def recent_codes(desk: Desk) -> list[str]:
    """Codes that the coder used last in the report, each in a place that it keeps.

    A new code takes the place of the one not used for longest, so that the digit of the others does
    not change under the coder's fingers.
    """
    # Example with three places: after A B C A D they have A D C, since B was used longest ago.
    names = names_of_codes(desk.framework)
    places: list[str] = []
    used: dict[str, int] = {}
    in_time = _ever(desk).order_by("decided_at", "pk").values_list("code", flat=True)
    for moment, pk in enumerate(in_time):
        code = names[pk][0]
        if code not in places:
            if len(places) < RECENT_CODES:
                places.append(code)
            else:
                places[places.index(min(places, key=used.__getitem__))] = code
        used[code] = moment
    return places


# ---- what a coder chose ----


def settings_of(coder: User) -> CoderSettings:
    """The settings of a coder, or the usual ones (not stored)."""
    return CoderSettings.objects.filter(coder=coder).first() or CoderSettings(coder=coder)


def keys_of(coder: User, framework: Framework) -> dict[str, str]:
    """Code -> the letter by which the coder applies it."""
    rows = CodeKey.objects.filter(coder=coder, framework=framework)
    return dict(rows.order_by("code__order").values_list("code__code", "key"))


def names_of_codes(framework: Framework) -> Mapping[int, tuple[str, str]]:
    """Primary key of a code -> its id and its name; read once, as published versions never change.

    Assignments, and so desks, are of published versions alone.
    """
    return _names_of_codes(framework.pk, framework.sha256)


@lru_cache(maxsize=16)
def _names_of_codes(framework: int, _sha256: str) -> Mapping[int, tuple[str, str]]:
    rows = Code.objects.filter(framework=framework).order_by("order")
    return {pk: (code, name) for pk, code, name in rows.values_list("pk", "code", "name")}
