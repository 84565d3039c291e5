"""The next place of a report from where a coder is: a coding, or a passage without one."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from waymark.coding.queries.workbench import own_places
from waymark.core.spans import Span, merged_spans
from waymark.documents.models import PassageKind
from waymark.documents.queries.readings import passage_spans
from waymark.web.shared.clean_input import whole_number
from waymark.web.workbench.bench import ENTERED, Bench, place_named


@require_safe
def nearest_place(request: HttpRequest, name: str, version: str, key: str) -> HttpResponse:
    """The place after ?from= (with ?back=yes: before it): {"place": [start, end, part] or null}.

    ?what=uncoded: a passage that no coding of the coder touches, no heading; otherwise the next
    coding, with ?coding= the one after that coding.
    """
    bench = Bench.of(request, key, name, version)
    if key not in request.session.get(ENTERED, []):
        return redirect(bench.address())
    back = request.GET.get("back") == "yes"
    at = whole_number(request.GET.get("from", "")) or 0
    coding = ""
    if request.GET.get("what") == "uncoded":
        span = first_from(uncoded_passages(bench), at, back=back)
    else:
        coding, span = _next_coding(bench, request.GET.get("coding", ""), at, back=back)
    place = [span.start, span.end, bench.part_at(span.start).number] if span else None
    return JsonResponse({"place": place, "coding": coding})


def first_from(spans: Iterable[Span], at: int, *, back: bool) -> Span | None:
    """The first of spans in order that begins at a position or after it, or the last before it."""
    if back:
        return next((span for span in reversed(list(spans)) if span.start < at), None)
    return next((span for span in spans if span.start >= at), None)


def uncoded_passages(bench: Bench) -> list[Span]:
    """Passages that no coding of the coder touches, in order; headings are left out."""
    if not bench.content:
        return []
    coded = merged_spans([Span(start, end) for start, end, _ in own_places(bench.desk)])
    report, uncoded, at = bench.desk.report, [], 0
    for passage in passage_spans(report, report.reading, Span(0, len(bench.content))):
        while at < len(coded) and coded[at].end <= passage.start:
            at += 1
        touched = at < len(coded) and coded[at].start < passage.end
        if not touched and passage.kind != PassageKind.HEADING:
            uncoded.append(Span(passage.start, passage.end))
    return uncoded


def _next_coding(bench: Bench, name: str, at: int, *, back: bool) -> tuple[str, Span | None]:
    """Name and span of the next coding after one, or from a position; ("", None) for none."""
    rows = own_places(bench.desk)
    named = place_named(name)
    open_now = (named.span.start, named.span.end, named.code) if named else None
    if open_now in rows:
        index = rows.index(open_now) + (-1 if back else 1)
    elif back:
        index = sum(start < at for start, _, _ in rows) - 1
    else:
        index = sum(start < at for start, _, _ in rows)
    if not 0 <= index < len(rows):
        return "", None
    start, end, code = rows[index]
    return f"{start}-{end}:{code}", Span(start, end)
