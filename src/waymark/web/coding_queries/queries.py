"""A query over codings: its form, whose address keeps it, its results and their files."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from waymark.accounts.models import User
from waymark.accounts.permissions import Person, has_permission, require_account
from waymark.accounts.queries import find_account
from waymark.coding import services as coding
from waymark.coding.code_expression import parse_codes
from waymark.coding.code_neighbours import Within
from waymark.coding.queries.code_queries import FARTHEST, CodeQuery, QueryResult, run_query
from waymark.coding.queries.coded_places import ExportRequest, require_export
from waymark.core.errors import NotFound, NotPermitted, ParseError, RuleError
from waymark.datasets.queries import withheld_reviews
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_or_current, published_frameworks
from waymark.pipeline.coding_exchange.query_files import (
    case_table,
    code_names,
    pair_table,
    query_file,
)
from waymark.web.shared.code_picker import JOINS, code_choices, with_picked
from waymark.web.shared.fields import CODE, ChoiceField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.paging import Paging, page_number

SIZE = 50
WIDEST = 40
"""Codes of a matrix on the page; the files have all."""
WITHIN = (
    ("overlap", "The same words"),
    ("words", "Within some words"),
    ("paragraphs", "Within some paragraphs"),
    ("section", "The same section of a report"),
    ("report", "The same report"),
    ("review", "The same review"),
)
VIEWS = (("", "Quotations"), ("codes", "Codes by code"), ("reviews", "Codes by review"))


class QueryForm(SiteForm):
    """A query. Its fields are the parameters of the address."""

    codes = TextField(
        "Codes",
        most=1_000,
        attrs=CODE,
    )
    pick = TextField(
        "Add a code",
        hint="Type a part of its name or id and choose it. It is added to the codes above.",
        most=300,
        attrs=CODE | {"list": "code-names"},
    )
    join = ChoiceField("Added with", JOINS)
    within = ChoiceField("Together means", WITHIN)
    distance = TextField(
        "Number of words or paragraphs",
        hint="0 paragraphs is the same paragraph.",
        most=4,
        attrs={"inputmode": "numeric", "class": "short", "autocomplete": "off"},
    )
    qualifier = ChoiceField("Qualifier")
    section = TextField("Section", hint="Words of the headings above the passage.", most=200)
    layer = ChoiceField("Codings")
    coder = TextField("Coder", hint="Account, of reviews that all coders have finished.", most=150)
    framework = ChoiceField("Framework")
    view = ChoiceField("Show", VIEWS)

    def __init__(self, person: Person, framework: Framework | None, **options: Any) -> None:
        super().__init__(**options)
        ids = [code.id for code in file_of(framework).codes][:2] if framework else []
        example = " AND NOT ".join(ids) or "a AND NOT b"
        self.fields["codes"].help_text = (
            f"Codes with AND, OR, NOT and brackets, such as {example}. "
            "A star ends a code that only begins so. Leave empty for all codes."
        )
        qualifiers = file_of(framework).qualifiers if framework else {}
        self._choose(
            "qualifier",
            ("", "Any"),
            *(
                (f"{name}: {value}", f"{name}: {value}")
                for name, values in qualifiers.items()
                for value in values
            ),
        )
        self._choose("layer", ("", "Settled"), ("own", "My own"))
        versions = ((str(row), str(row)) for row in published_frameworks())
        self._choose("framework", ("", "The newest"), *versions)
        if not has_permission(person, "adjudicate"):
            del self.fields["coder"]

    @property
    def has_filters(self) -> bool:
        """True if a filter is chosen or wrong."""
        names = ("layer", "coder", "qualifier", "section", "framework")
        return any(self.data.get(name) or name in self.errors for name in names)

    def _choose(self, name: str, *choices: tuple[str, str]) -> None:
        cast(ChoiceField, self.fields[name]).choices = choices

    def query(self, person: User, framework: Framework) -> CodeQuery:
        """The query. Raises ParseError, RuleError, NotFound."""
        values = self.cleaned_data
        text = values["codes"].strip()
        known = [code.id for code in file_of(framework).codes]
        name, _, value = values["qualifier"].partition(": ")
        coder = person if values["layer"] == "own" else None
        if values.get("coder"):
            coder = find_account(values["coder"])
        within: Within = values["within"] or "overlap"
        return CodeQuery(
            request=ExportRequest(framework, coder),
            expression=parse_codes(text, known) if text else None,
            within=within,
            distance=_number(values["distance"]),
            qualifier=(name, value) if name else None,
            section=values["section"].strip(),
        )


def _number(text: str) -> int:
    number = text.strip() or "0"
    if not (number.isascii() and number.isdigit() and int(number) <= FARTHEST):
        raise RuleError(f"Enter a number from 0 to {FARTHEST}")
    return int(number)


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """What an address asks: its form, and the result if there are no errors."""

    form: QueryForm
    framework: Framework | None
    query: CodeQuery | None = None
    result: QueryResult | None = None
    is_withheld: bool = False


def _asked(request: HttpRequest) -> AskedQuery:
    person = require_account(request.user, "code", "query codings")
    try:
        framework = framework_or_current(request.GET.get("framework", ""))
    except NotFound:
        return AskedQuery(QueryForm(person, None, data=request.GET), None)
    data = request.GET if request.GET else {}
    form = QueryForm(person, framework, data=data)
    if not form.is_valid():
        return AskedQuery(form, framework)
    # Counts of reviews in small numbers, and lists of them, are refused as on every other page.
    withheld = withheld_reviews(person)
    try:
        query = form.query(person, framework)
        result = run_query(query, person, timezone.now(), withheld=withheld.keys())
    except ParseError as error:
        form.refuse(error, "codes")
    except NotFound as error:
        form.refuse(error, "coder" if "coder" in form.fields else None)
    except RuleError as error:
        form.refuse(error, "distance")
    else:
        return AskedQuery(form, framework, query, result, bool(withheld))
    return AskedQuery(form, framework)


@require_safe
def code_queries(request: HttpRequest) -> HttpResponse:
    """The form and the results. ?pick=: one more code, which is added to the expression."""
    asked_query = _asked(request)
    picked = request.GET.get("pick", "").strip()
    if picked and asked_query.framework is not None and asked_query.form.is_valid():
        try:
            query = with_picked(request.GET, asked_query.framework)
        except ParseError as error:
            asked_query.form.refuse(error, "codes")
        except RuleError as error:
            asked_query.form.refuse(error, "pick")
        else:
            return redirect(f"{reverse('coding-queries')}?{query}#codes")
    context: dict[str, Any] = {
        "asked": asked_query,
        "form": asked_query.form,
        "framework": asked_query.framework,
    }
    if asked_query.framework is not None:
        context["codes"] = code_choices(asked_query.framework)
    if (
        asked_query.query is not None
        and asked_query.result is not None
        and not asked_query.form.errors
    ):
        number = page_number(request)
        rows = asked_query.result.rows
        view = asked_query.form.cleaned_data["view"]
        context |= {
            "result": asked_query.result,
            "rows": rows[(number - 1) * SIZE : number * SIZE] if not view else [],
            "names": code_names(asked_query.query),
            "paging": Paging.of(request, number, total=len(rows), size=SIZE),
            "table": _matrix(asked_query.result, view),
            "view": view,
            "address": _without_page(request),
            "may_download": _may_download(request, asked_query.query.request),
        }
    return render(
        request, "coding_queries/queries.html", context, status=asked_query.form.http_status
    )


def _may_download(request: HttpRequest, wanted: ExportRequest) -> bool:
    try:
        require_export(request.user, wanted)
    except (NotPermitted, RuleError):
        return False
    return True


def _without_page(request: HttpRequest) -> str:
    parameters = request.GET.copy()
    parameters.pop("page", None)
    return parameters.urlencode()


def _matrix(result: QueryResult, view: str) -> dict[str, Any] | None:
    """The matrix of a view, cut to what a page can show."""
    if not view:
        return None
    table = pair_table(result) if view == "codes" else case_table(result)
    wide = len(table.head) - 1 > WIDEST
    return {
        "head": table.head[: WIDEST + 1],
        "rows": [row[: WIDEST + 1] for row in table.rows[: 10 * WIDEST]],
        "is_cut": wide or len(table.rows) > 10 * WIDEST,
    }


@require_POST
def query_results(request: HttpRequest, ending: str) -> HttpResponse:
    """The result of the query of the address as a file. By POST, because the audit log says who
    took what. Raises NotFound for another ending, NotPermitted as require_export does."""
    person = require_account(request.user, "code", "query codings")
    asked_query, now = _asked(request), timezone.now()
    if asked_query.query is None or asked_query.result is None:
        return _refused(request, asked_query)
    export = asked_query.query.request
    try:
        require_export(person, export)
    except RuleError as error:
        asked_query.form.refuse(error, "coder")
        return _refused(request, asked_query)
    title = asked_query.form.cleaned_data["codes"] or "All codes"
    try:
        file = query_file(ending, asked_query.query, asked_query.result, title, now)
    except RuleError as error:
        raise NotFound(str(error)) from error
    coding.note_export(
        by=person,
        what=f"query of {export.layer} codings with {export.framework}",
        ending=ending,
        codings=len(asked_query.result.rows),
        now=now,
        coder=export.coder,
    )
    answer = HttpResponse(file.content, content_type=file.media_type)
    answer["Content-Disposition"] = f'attachment; filename="codings.{ending}"'
    return answer


def _refused(request: HttpRequest, asked: AskedQuery) -> HttpResponse:
    context = {"asked": asked, "form": asked.form, "framework": asked.framework}
    return render(request, "coding_queries/queries.html", context, status=400)
