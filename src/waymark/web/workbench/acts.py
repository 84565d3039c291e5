"""Acts of a coder: one address, one POST each, answered as JSON for the script or by a redirect."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from waymark.coding import services
from waymark.coding.models import ActionKind, CodingAction
from waymark.coding.queries.workbench import described, recent_codes, report_memo
from waymark.coding.services import CodingPlace
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.core.spans import Span
from waymark.core.wording import as_sentence
from waymark.web.shared.clean_input import clean_line, clean_lines, whole_number
from waymark.web.workbench.bench import Bench, place_named
from waymark.web.workbench.code_tree import qualifier_choices
from waymark.web.workbench.parts import parts_touching

Act = Callable[[Bench, HttpRequest, dict[str, Any]], CodingAction | None]
NOTHING = "Nothing was changed."
CODED_ALREADY = "These words have this code already."
QUALIFIER = "q-"
"""Beginning of the names of fields with qualifiers."""


@require_POST
def act(request: HttpRequest, name: str, version: str, key: str) -> HttpResponse:
    """Do one act. Refused ones answer 409 if another window acted meanwhile, else 400."""
    bench = Bench.of(request, key, name, version)
    desk = bench.desk
    common = {
        "by": desk.coder,
        "report": desk.report,
        "framework": desk.framework,
        "act": clean_line(request.POST.get("act", ""))[:100],
        "now": timezone.now(),
    }
    try:
        action = _act_named(request)(bench, request, common)
    except RuleError as error:
        status = 409 if isinstance(error, ConcurrentChange) else 400
        return _answer(request, bench, None, as_sentence(error), status)
    nothing = CODED_ALREADY if request.POST.get("do") == "code" else NOTHING
    return _answer(request, bench, action, "" if action else nothing, 200)


def _act_named(request: HttpRequest) -> Act:
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise RuleError("this is no act of the workbench: reload the page and try again")
    return act


# ---- the acts ----


def _code(bench: Bench, request: HttpRequest, common: dict[str, Any]) -> CodingAction | None:
    code = request.POST.get("code", "")
    if not code:
        raise RuleError("choose a code")
    return services.add_code(
        **common, reading=_reading(request), span=_span(bench, request), code=code
    )


def _change(bench: Bench, request: HttpRequest, common: dict[str, Any]) -> CodingAction | None:
    memo = request.POST.get("memo")
    return services.change_coding(
        **common,
        reading=_reading(request),
        place=_place(request),
        qualifiers=_qualifiers(bench, request.POST),
        memo=None if memo is None else clean_lines(memo),
    )


def _boundaries(bench: Bench, request: HttpRequest, common: dict[str, Any]) -> CodingAction | None:
    return services.change_coding(
        **common, reading=_reading(request), place=_place(request), span=_span(bench, request)
    )


def _remove(bench: Bench, request: HttpRequest, common: dict[str, Any]) -> CodingAction | None:
    return services.remove_coding(**common, reading=_reading(request), place=_place(request))


def _memo(bench: Bench, request: HttpRequest, common: dict[str, Any]) -> CodingAction | None:
    text = clean_lines(request.POST.get("memo", ""))
    return services.write_report_memo(**common, reading=_reading(request), text=text)


def _read(bench: Bench, request: HttpRequest, common: dict[str, Any]) -> CodingAction | None:
    number = whole_number(request.POST.get("part", "")) or 0
    if not 1 <= number <= len(bench.parts):
        raise RuleError("the report has no such part")
    read = request.POST.get("read") != "no"
    return services.mark_part(**common, reading=_reading(request), part=number, read=read)


def _accept(bench: Bench, request: HttpRequest, common: dict[str, Any]) -> CodingAction | None:
    return services.take_suggestion(
        **common, reading=_reading(request), suggestion=_suggestion(request)
    )


def _take_changed(
    bench: Bench, request: HttpRequest, common: dict[str, Any]
) -> CodingAction | None:
    return services.take_suggestion(
        **common,
        reading=_reading(request),
        suggestion=_suggestion(request),
        span=_span(bench, request),
        code=request.POST.get("code", ""),
    )


def _refuse(bench: Bench, request: HttpRequest, common: dict[str, Any]) -> CodingAction | None:
    return services.refuse_suggestion(
        **common, reading=_reading(request), suggestion=_suggestion(request)
    )


def _suggestion(request: HttpRequest) -> int:
    return whole_number(request.POST.get("suggestion", "")) or 0


def _undo(bench: Bench, request: HttpRequest, common: dict[str, Any]) -> CodingAction | None:
    return services.undo_act(**common, target=request.POST.get("target", "")[:100])


def _redo(bench: Bench, request: HttpRequest, common: dict[str, Any]) -> CodingAction | None:
    return services.redo_act(**common, target=request.POST.get("target", "")[:100])


ACTS: Mapping[str, Act] = {
    "code": _code,
    "change": _change,
    "boundaries": _boundaries,
    "remove": _remove,
    "memo": _memo,
    "read": _read,
    "accept": _accept,
    "take-changed": _take_changed,
    "refuse": _refuse,
    "undo": _undo,
    "redo": _redo,
}


# ---- what was sent ----


def _reading(request: HttpRequest) -> int:
    return whole_number(request.POST.get("reading", "")) or 0


def _span(bench: Bench, request: HttpRequest) -> Span:
    """The chosen words: from the first to the last, each given by position."""
    start, end = (whole_number(request.POST.get(name, "")) for name in ("from", "to"))
    span = bench.checked_span(start, end)
    if span is None:
        raise RuleError("choose words of the report: the last must not be before the first")
    return span


def _place(request: HttpRequest) -> CodingPlace:
    place = place_named(request.POST.get("coding", ""))
    if place is None:
        raise RuleError("choose a coding")
    return place


def _qualifiers(bench: Bench, sent: Mapping[str, str]) -> dict[str, str] | None:
    """The qualifiers that a form has, without empty ones; None if it has no such fields."""
    names = [choice.name for choice in qualifier_choices(bench.desk.framework)]
    if not any(f"{QUALIFIER}{name}" in sent for name in names):
        return None
    values = {name: clean_line(sent.get(f"{QUALIFIER}{name}", "")) for name in names}
    return {name: value for name, value in values.items() if value}


# ---- what is answered ----


def _answer(
    request: HttpRequest, bench: Bench, action: CodingAction | None, problem: str, status: int
) -> HttpResponse:
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(_as_json(request, bench, action, problem), status=status)
    if problem:
        messages.error(request, problem)
    elif action:
        about = described(bench.desk, action.before, action.after)
        messages.success(request, f"Saved: {action.get_kind_display().lower()} ({about}).")
    return redirect(_address_after(bench, action, request))


def _address_after(bench: Bench, action: CodingAction | None, request: HttpRequest) -> str:
    """Where a plain form leads: the coding that the act left, or the page it came from."""
    codings = action.after.get("codings", []) if action else []
    if codings:
        row = codings[0]
        part = bench.part_at(row["start"])
        query = f"&coding={row['start']}-{row['end']}:{row['code']}#coding"
        return bench.part_address(part) + query
    page = whole_number(request.POST.get("page", "")) or 1
    return f"{bench.address()}?page={page}"


def _as_json(
    request: HttpRequest, bench: Bench, action: CodingAction | None, problem: str
) -> dict[str, Any]:
    """The state of the desk, and the parts that the act changed. label: the act in words; place:
    of its coding; message: what went wrong."""
    state = asdict(bench.state())
    return {
        **state,
        "message": problem,
        "progress": bench.progress(),
        "recent": recent_codes(bench.desk),
        "memo": report_memo(bench.desk),
        "label": _label_of(bench, action),
        "place": _place_of(action),
        "parts": [_part_json(request, bench, number) for number in _changed(bench, action)],
    }


def _label_of(bench: Bench, action: CodingAction | None) -> str:
    """What an act did, or what undo took back, in words; "" for no act."""
    if action is None:
        return ""
    changed = (action.before, action.after)
    return described(bench.desk, *(changed[::-1] if action.kind == ActionKind.UNDO else changed))


def _place_of(action: CodingAction | None) -> list[int] | None:
    """Start and end of the coding that an act changed, None for acts about no coding."""
    rows = [*action.after.get("codings", []), *action.before.get("codings", [])] if action else []
    return [rows[0]["start"], rows[0]["end"]] if rows else None


def _part_json(request: HttpRequest, bench: Bench, number: int) -> dict[str, Any]:
    part = bench.shown(bench.part_numbered(number))
    html = render_to_string("workbench/part.html", {"bench": bench, "part": part}, request)
    return {"number": number, "html": html}


def _changed(bench: Bench, action: CodingAction | None) -> list[int]:
    """Numbers of the parts that an act changed."""
    if action is None:
        return []
    rows = [*action.before.get("codings", []), *action.after.get("codings", [])]
    rows += [action.after["suggestion"]] if "suggestion" in action.after else []
    spans = [Span(row["start"], row["end"]) for row in rows]
    read = {*action.before.get("read", []), *action.after.get("read", [])}
    return sorted(read | {part.number for part in parts_touching(bench.parts, spans)})
