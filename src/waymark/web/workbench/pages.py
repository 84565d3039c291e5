"""The workbench: a report beside its codes, its parts for the script, how to begin and finish."""

import json
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from waymark.coding import services
from waymark.coding.models import VeilChoice
from waymark.coding.queries.coding_queue import (
    desk_after,
    desks_to_code,
    latest_desk,
    place_of,
)
from waymark.coding.queries.workbench import (
    codings_in_earlier_texts,
    keys_of,
    names_of_codes,
    recent_codes,
    report_memo,
    settings_of,
    suggestions_within,
)
from waymark.core.errors import RuleError, require_found
from waymark.core.spans import Span
from waymark.core.wording import as_sentence
from waymark.library.queries.content_notes import content_notes_of
from waymark.web.shared.clean_input import clean_line, whole_number
from waymark.web.workbench.bench import ENTERED, Bench
from waymark.web.workbench.code_tree import qualifier_choices, tree_html
from waymark.web.workbench.keys import KEYS
from waymark.web.workbench.text_html import place_name

MOST_ENTERED = 50
SCRIPTS = (
    *("bench-notice.js", "bench-text.js", "bench-veil.js", "bench-acts.js", "bench-codes.js"),
    *("bench.js", "bench-image.js", "bench-move.js", "bench-keys.js", "bench-find.js"),
)
"""In the order in which they build on each other."""
BREAKS = ((0, "Never"), (20, "20 minutes"), (30, "30 minutes"), (45, "45 minutes"), (60, "an hour"))


@require_safe
def workbench(request: HttpRequest, name: str, version: str, key: str) -> HttpResponse:
    """One part of a report with the coder's own codings, the codes, and forms for every act."""
    bench = Bench.of(request, key, name, version)
    desk = bench.desk
    if key not in request.session.get(ENTERED, []):
        return render(request, "workbench/entry.html", {"bench": bench, **_care(bench)})
    coding = bench.coding_named(request.GET.get("coding", ""))
    span = bench.checked_span(*(whole_number(request.GET.get(end, "")) for end in ("from", "to")))
    bench.chosen = place_name(coding) if coding else ""
    other = bench.coding_named(request.GET.get("coding-of", ""))
    at = coding.start if coding else span.start if span else None
    number = whole_number(request.GET.get("page", "")) or 1
    part = bench.part_numbered(number) if at is None else bench.part_at(at)
    state = bench.state()
    return render(
        request,
        "workbench/bench.html",
        {
            "bench": bench,
            "desk": desk,
            "part": bench.shown(part),
            "parts": json.dumps([[one.start, one.end] for one in bench.parts]),
            "earlier": part.number - 1,
            "later": part.number + 1 if part.number < len(bench.parts) else 0,
            "tree": tree_html(desk.framework),
            "qualifiers": qualifier_choices(desk.framework),
            "keys": json.dumps(keys_of(desk.coder, desk.framework)),
            "recent": json.dumps(recent_codes(desk)),
            "memo": report_memo(desk),
            "state": state,
            "progress": bench.progress(),
            "coding": coding,
            "coding_name": bench.chosen,
            "coding_of": place_name(other) if other else "",
            "coding_of_name": other.code.name if other else "",
            "scripts": SCRIPTS,
            "fixed_keys": KEYS,
            "span": span,
            "words": bench.words_of(span) if span else [],
            "act": new_act(),
            "next": desk_after(desk),
            "elsewhere": codings_in_earlier_texts(desk),
            **_care(bench),
        },
    )


def new_act() -> str:
    """Id for the act of a form, so that a form sent twice acts once."""
    return str(uuid4())


def _care(bench: Bench) -> dict[str, object]:
    """Content notes and what the coder chose about hidden passages and breaks."""
    chosen = settings_of(bench.desk.coder)
    return {
        "content_notes": content_notes_of(bench.desk.report.review),
        "settings": chosen,
        "veils": VeilChoice.choices,
        "breaks": BREAKS,
    }


@require_safe
def workbench_part(
    request: HttpRequest, name: str, version: str, key: str, number: int
) -> HttpResponse:
    """One part as a fragment of HTML, for the script. A number too high gives the last part."""
    bench = Bench.of(request, key, name, version)
    part = bench.shown(bench.part_numbered(number))
    return render(request, "workbench/part.html", {"bench": bench, "part": part})


@require_safe
def change_suggestion(request: HttpRequest, name: str, version: str, key: str) -> HttpResponse:
    """A suggestion with its words and all codes, to take it with other words or another code."""
    bench = Bench.of(request, key, name, version)
    number = whole_number(request.GET.get("suggestion", ""))
    whole = Span(0, len(bench.content)) if bench.content else None
    rows = suggestions_within(bench.desk, whole) if whole else []
    row = require_found(
        next((row for row in rows if row.pk == number), None), "there is no such suggestion"
    )
    part = bench.part_at(row.start)
    return render(
        request,
        "workbench/suggestion.html",
        {
            "bench": bench,
            "suggestion": row,
            "words": bench.words_around(Span(row.start, row.end)),
            "codes": names_of_codes(bench.desk.framework).values(),
            "page": part.number,
            "act": new_act(),
        },
    )


@require_POST
def begin(request: HttpRequest, name: str, version: str, key: str) -> HttpResponse:
    """Store what the coder chose about hidden passages and breaks, and open the workbench."""
    bench = Bench.of(request, key, name, version)
    minutes = whole_number(request.POST.get("break_minutes", ""))
    try:
        services.choose_settings(
            by=bench.desk.coder,
            veil=request.POST.get("veil", ""),
            break_minutes=-1 if minutes is None else minutes,
        )
    except RuleError as error:
        messages.error(request, as_sentence(error))
        return redirect(bench.address())
    entered = [key, *(one for one in request.session.get(ENTERED, []) if one != key)]
    request.session[ENTERED] = entered[:MOST_ENTERED]
    last = whole_number(request.POST.get("page", ""))
    return redirect(f"{bench.address()}?page={last}" if last else bench.address())


@require_POST
def finish(request: HttpRequest, name: str, version: str, key: str) -> HttpResponse:
    """Declare the coding of the review finished: after that the coder cannot change it."""
    bench = Bench.of(request, key, name, version)
    desk = bench.desk
    if request.POST.get("sure") != "yes":
        messages.error(request, "Confirm that you have finished before you use this button.")
        return redirect(f"{bench.address()}#finish")
    services.finish_coding(
        by=desk.coder, review=desk.report.review, framework=desk.framework, now=timezone.now()
    )
    title = clean_line(desk.report.review.title)
    messages.success(request, f"You have finished coding {title}.")
    return redirect("coding-queue")


@require_safe
def continue_coding(request: HttpRequest) -> HttpResponse:
    """Where the coder left off: the place of their last act, or the first report of their queue."""
    last = latest_desk(request.user)
    if last is None:
        first = next(iter(desks_to_code(request.user)), None)
        if first is None:
            return redirect("coding-queue")
        framework = first.framework
        return redirect("workbench", framework.name, framework.version, first.report.key)
    bench = Bench.of(request, last.report.key, last.framework.name, last.framework.version)
    return redirect(bench.part_address(bench.part_at(place_of(last))))
