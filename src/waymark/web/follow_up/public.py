"""The national picture of recommendations, the list behind it, and the page of one."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.bodies.queries import body_with_key
from waymark.core.errors import NotFound
from waymark.core.uk_time import uk_date
from waymark.follow_up import queries
from waymark.follow_up.queries import NationalPicture, PictureChoice
from waymark.follow_up.queries.inquiries import scheme_pictures
from waymark.follow_up.queries.said_before import said_before
from waymark.follow_up.year_chart import PARTS, counts_by_year, year_figure
from waymark.recommendations.models import Recommendation, Standing
from waymark.recommendations.relation_keys import RelationKey
from waymark.recommendations.response_schemes import response_schemes
from waymark.recommendations.strengths import SOURCE, SOURCE_BY, STRENGTHS
from waymark.web.follow_up.comparing import may_compare
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.forms import FormProblem
from waymark.web.shared.lists import ListColumn, StaffList

ENDINGS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
FIRST_YEAR, LAST_YEAR = 1900, 2200
RECOMMENDATIONS = StaffList(
    "recommendation",
    "recommendations",
    search=("exact", "review__title", "review__reference"),
    columns=(
        ListColumn("Recommendation", "review", ("review__reference", "number")),
        ListColumn("Standing", "standing", ("standing",)),
        ListColumn("Review ended", "ended", ("review__completed_on", "number"), falling=True),
    ),
    order="-ended",
)
HEADS = (
    *("review", "number", "title", "board", "ended", "category", "audience", "standing"),
    *("late_since", "words"),
)


def year_problems(asked: QueryDict) -> list[FormProblem]:
    """What is wrong with the years that were asked for, each with the input it is about."""
    problems, years = [], {}
    for name, label in (("from", "From"), ("to", "To")):
        text = asked.get(name, "").strip()
        years[name] = whole_number(text)
        if text and not FIRST_YEAR <= (years[name] or 0) <= LAST_YEAR:
            message = f"{label} must be a year from {FIRST_YEAR} to {LAST_YEAR}, such as 2010."
            problems.append(FormProblem(message, name))
    if not problems and years["from"] and years["to"] and years["from"] > years["to"]:
        message = f"To must be {years['from']} or later: no review ended from {years['from']} to"
        problems.append(FormProblem(f"{message} {years['to']}.", "to"))
    return problems


def choice_of(asked: QueryDict) -> PictureChoice:
    """What an address limits the picture to. Raises NotFound."""
    standing = asked.get("standing", "")
    if standing and standing not in Standing.values:
        raise NotFound(f"there is no standing {standing[:40]}")
    if problems := year_problems(asked):
        raise NotFound(problems[0].message)
    years = [whole_number(asked.get(name, "").strip()) for name in ("from", "to")]
    return PictureChoice(
        board=asked.get("board", "")[:80],
        category=asked.get("category", "")[:60],
        audience=asked.get("audience", "")[:60],
        standing=standing,
        first=years[0],
        last=years[1],
        late=asked.get("late") == "yes",
    )


def _query_of(choice: PictureChoice) -> str:
    query = QueryDict(mutable=True)
    values = asdict(choice) | {"from": choice.first, "to": choice.last}
    for name in ("board", "category", "audience", "standing", "from", "to"):
        if values[name]:
            query[name] = str(values[name])
    if choice.late:
        query["late"] = "yes"
    return query.urlencode()


def _limits_in_words(choice: PictureChoice) -> list[str]:
    """What the picture is limited to, as a person would say it."""
    labels = queries.labels_of_lists()
    words = [body_with_key(choice.board).name] if choice.board else []
    values = filter(None, (choice.category, choice.audience))
    words += [labels.get(value) or queries.in_words(value) for value in values]
    if choice.standing:
        words.append(Standing(choice.standing).label)
    if choice.late:
        words.append("late")
    if choice.first or choice.last:
        years = " ".join(
            f"{word} {year}" for word, year in (("from", choice.first), ("to", choice.last)) if year
        )
        words.append(f"reviews that ended {years}")
    return words


@dataclass(frozen=True, slots=True)
class PictureTable:
    """A table of the picture. name: of its value in addresses, "" for no links."""

    caption: str
    head: str
    name: str
    rows: tuple[queries.PictureCount, ...]


def _tables(picture: NationalPicture) -> list[PictureTable]:
    return [
        PictureTable("By standing", "Standing", "standing", picture.standings),
        PictureTable("By topic", "Topic", "category", picture.categories),
        PictureTable("By kind of agency", "Asked", "audience", picture.audiences),
        PictureTable("By board of the review", "Board", "board", picture.boards),
        PictureTable("By body that was asked", "Body", "", picture.bodies),
        PictureTable("By year in which the review ended", "Year", "", picture.years),
    ]


@require_safe
def national(request: HttpRequest) -> HttpResponse:
    """The national picture: counts by standing, topic, agency, board and year."""
    parameters, problems = _asked(request)
    choice = choice_of(parameters)
    picture = queries.national_picture(choice, request.user, timezone.now())
    by_year = counts_by_year(picture.by_year)
    context = {
        "picture": picture,
        "by_year": by_year,
        "parts": tuple(PARTS),
        "figure": year_figure(by_year),
        "choice": choice,
        "limits": _limits_in_words(choice),
        "query": _query_of(choice),
        "tables": _tables(picture),
        "standings": Standing.choices,
        "schemes": response_schemes(),
        "inquiry_schemes": scheme_pictures(request.user, timezone.now()),
        "today": uk_date(timezone.now()),
        "form": problems,
        "typed": {name: request.GET.get(name, "")[:4] for name in ("from", "to")},
    }
    return render(request, "follow_up/national.html", context, status=problems.http_status)


@dataclass(frozen=True, slots=True)
class _YearProblems:
    """Problems of the form for years, as the summary of errors shows them."""

    problems: list[FormProblem]

    @property
    def error_prefix(self) -> str:
        """Beginning of the title of a page with errors."""
        return "Error: " if self.problems else ""

    @property
    def http_status(self) -> int:
        """HTTP status of the page."""
        return 400 if self.problems else 200


def _asked(request: HttpRequest) -> tuple[QueryDict, _YearProblems]:
    """What was asked for, without years that make no sense, and what is wrong with these."""
    problems = year_problems(request.GET)
    parameters = request.GET.copy()
    for name in ("from", "to") if problems else ():
        parameters.pop(name, None)
    return parameters, _YearProblems(problems)


@require_safe
def recommendation_list(request: HttpRequest) -> HttpResponse:
    """The recommendations behind a number of the picture."""
    parameters, problems = _asked(request)
    choice = choice_of(parameters)
    rows = queries.listed_recommendations(choice, request.user, timezone.now())
    view = RECOMMENDATIONS.view(request, rows.select_related("review").defer("smart"))
    context = {
        "list": view,
        "choice": choice,
        "query": _query_of(choice),
        "today": uk_date(timezone.now()),
        "form": problems,
    }
    return render(request, "follow_up/list.html", context, status=problems.http_status)


@require_safe
def recommendation_page(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One recommendation: its words, and the ledger of each that was asked."""
    view = queries.recommendation_view(reference, number, request.user, timezone.now())
    labels = queries.labels_of_lists()
    row = view.recommendation
    key = RelationKey(review=row.review_id, number=row.number)
    may_relate = may_compare(request.user)
    context = {
        "view": view,
        "recommendation": row,
        "review": row.review,
        # Where small numbers are protected, only the words are shown.
        "strength": None if view.withheld else STRENGTHS.get(row.strength),
        "strength_source": f"{SOURCE} ({SOURCE_BY})",
        "finding": queries.finding_of(row),
        "before": said_before(
            row.exact,
            request.user,
            timezone.now(),
            key=key,
            source=f"review-{row.review_id}",
            with_different=may_relate,
        ),
        "may_relate": key if may_relate else None,
        "category": labels.get(row.category) or queries.in_words(row.category),
        "audience": labels.get(row.audience) or queries.in_words(row.audience),
        "may_edit": has_permission(request.user, "record progress"),
    }
    return render(request, "follow_up/recommendation.html", context)


# ---- files ----


def _ending(ending: str) -> str:
    if ending not in ENDINGS:
        raise NotFound(f"there is no file .{ending}: use .csv or .json")
    return ENDINGS[ending]


class _Echo:
    """File that returns what is written, so that a large CSV is sent row by row."""

    def write(self, value: str) -> str:
        return value


def _stream(lines: Iterator[str], ending: str, name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(lines, content_type=_ending(ending))
    answer["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer


def _csv(heads: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(heads)
    for row in rows:
        yield writer.writerow([_harmless(value) for value in row])


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


@require_safe
def counts_file(request: HttpRequest, ending: str) -> StreamingHttpResponse:
    """The counts of the picture as CSV or JSON."""
    _ending(ending)
    picture = queries.national_picture(choice_of(request.GET), request.user, timezone.now())
    if ending == "json":
        return _stream(iter([json.dumps(asdict(picture), indent=2)]), ending, "recommendations")
    rows = (
        (table.caption, row.value, row.label, row.number, row.late)
        for table in _tables(picture)
        for row in table.rows
    )
    heads = ("table", "value", "label", "recommendations", "late")
    return _stream(_csv(heads, rows), ending, "recommendations")


@require_safe
def rows_file(request: HttpRequest, ending: str) -> StreamingHttpResponse:
    """The recommendations behind the picture as CSV or JSON, row by row."""
    _ending(ending)
    now = timezone.now()
    listed = queries.listed_recommendations(choice_of(request.GET), request.user, now)
    if words := request.GET.get("q", "")[:200].split():
        for word in words[:8]:
            listed = listed.filter(Q(exact__icontains=word) | Q(review__title__icontains=word))
    rows = _rows(listed.select_related("review").order_by("review__reference", "number"))
    if ending == "csv":
        return _stream(_csv(HEADS, rows), ending, "recommendation-rows")
    return _stream(_json_rows(rows), ending, "recommendation-rows")


def _rows(listed: Any) -> Iterator[tuple[Any, ...]]:
    row: Recommendation
    for row in listed.iterator(chunk_size=2_000):
        review = row.review
        yield (
            *(review.reference, row.number, review.title, review.board, review.completed_on),
            *(row.category, row.audience, row.standing, row.overdue_from, row.exact),
        )


def _json_rows(rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    yield '{"recommendations": ['
    for number, row in enumerate(rows):
        line = json.dumps(dict(zip(HEADS, row, strict=True)), default=str, ensure_ascii=False)
        yield f"{',' if number else ''}\n{line}"
    yield "\n]}\n"
