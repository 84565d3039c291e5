"""Staff pages of indicators: the list, their texts, the four nations, publication, corrections."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark.accounts.permissions import has_permission, require_permission
from waymark.core.errors import NotFound, RuleError
from waymark.core.uk_time import uk_date
from waymark.indicators import services
from waymark.indicators.areas import NATIONS
from waymark.indicators.models import Comparability, Indicator, IndicatorState
from waymark.indicators.queries import indicators as queries
from waymark.indicators.queries.values import value_on
from waymark.indicators.services.describing import missing_texts
from waymark.pipeline.library.service_records import update_service_records
from waymark.web.shared.fields import (
    ChoiceField,
    DateField,
    LinesField,
    RadioField,
    ReasonField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList, column_filter

EDIT = "edit indicators"
PUBLISH = "publish indicators"
CHANGE = ["GET", "HEAD", "POST"]
FIELDS = (
    *("title", "name", "topics", "overviews", "definition", "cautions"),
    "comparability",
    *("comparability_note", "comparability_by", "comparability_address"),
)
INDICATORS = StaffList(
    "indicator",
    "indicators",
    search=("name", "title", "slug"),
    columns=(
        ListColumn("Indicator", "name", ("name",)),
        ListColumn("State", "state", ("state",)),
        ListColumn("Values", "values", ("number_of_values",), falling=True, number=True),
        ListColumn("Changed", "changed", ("changed_at",), falling=True),
    ),
    order="name",
)


@require_safe
def indicator_list(request: HttpRequest) -> HttpResponse:
    """All indicators."""
    rows = queries.edited_indicators(request.user)
    states = column_filter("state", "State", Indicator.objects.all(), dict(IndicatorState.choices))
    return render(
        request, "indicators/staff_list.html", {"list": INDICATORS.view(request, rows, states)}
    )


class IndicatorForm(SiteForm):
    """The texts of an indicator."""

    title = TextField(
        "Title",
        missing="Enter a title.",
        hint="The finding in one sentence, such as Fewer children are on plans than in 2018.",
    )
    name = TextField("Name", missing="Enter a name.", hint="What is measured, without a finding.")
    topics = LinesField(
        "Topics", hint="Web address names of topics, one on each line.", rows=3, items=12
    )
    overviews = LinesField(
        "Overviews",
        hint="Web address names of overviews that show it as context, one on each line.",
        rows=2,
        items=12,
    )
    definition = TextAreaField(
        "Definition",
        missing="Enter a definition.",
        hint="What is counted, when and by whom, and what it is not.",
        rows=6,
        most=5_000,
    )
    cautions = TextAreaField(
        "Cautions", hint="One on each line. Visitors read them before the figures.", rows=6
    )
    comparability = RadioField(
        "Can the nations be compared?",
        Comparability.choices,
        missing="Choose if the nations can be compared.",
    )
    comparability_by = TextField("Who says so", hint="Such as the office that publishes them.")
    comparability_address = TextField("Where they say so", hint="A web address.", most=1_000)
    comparability_note = TextAreaField("Why", rows=3, most=2_000)

    def __init__(self, indicator: Indicator, **options: Any) -> None:
        values = {field: getattr(indicator, field) for field in FIELDS}
        super().__init__(initial=values, **options)

    @property
    def description(self) -> services.IndicatorDescription:
        """The texts as they were entered."""
        return services.IndicatorDescription(**{name: self.cleaned_data[name] for name in FIELDS})


@require_http_methods(CHANGE)
def edit_indicator(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the texts of an indicator; links to its nations, imports and publication."""
    indicator = queries.edited_indicator(slug, request.user)
    form = IndicatorForm.of(request, indicator)
    if request.method == "POST" and form.is_valid():
        try:
            services.describe_indicator(
                by=request.user, slug=slug, description=form.description, now=timezone.now()
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved.")
            return redirect("edit-indicator", slug)
    return render(
        request,
        "indicators/edit.html",
        {
            "form": form,
            "indicator": indicator,
            "panels": queries.panels_of(indicator),
            "breaks": indicator.breaks.all(),
            "missing": missing_texts(indicator),
            "imports": queries.listed_imports(request.user).filter(indicator=indicator)[:10],
            "may_publish": has_permission(request.user, PUBLISH),
        },
        status=form.http_status,
    )


@require_POST
def indicator_state(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish an indicator or withdraw it."""
    require_permission(request.user, PUBLISH)
    state = request.POST.get("state", "")
    try:
        services.set_indicator_state(by=request.user, slug=slug, state=state, now=timezone.now())
    except RuleError as error:
        messages.error(request, f"Nothing was changed: {error}.")
    else:
        # At once, not with the next round of the worker: a withdrawal must not wait for it.
        update_service_records(now=timezone.now())
        messages.success(request, f"The indicator is {state}.")
    return redirect("edit-indicator", slug)


# ---- nations and breaks ----


class NationForm(SiteForm):
    """What one nation's part shows."""

    measure = ChoiceField("Measure shown", hint="Leave empty if there are no values.")
    finding = TextField("Finding", hint="Such as Steady since 2019.", most=200)
    counting = TextAreaField("How this nation counts", rows=3, most=2_000)
    absence = TextField("Why there are no values", most=500)

    def __init__(self, indicator: Indicator, nation: str, **options: Any) -> None:
        panel = next(row for row in queries.panels_of(indicator) if row.nation == nation)
        values = {
            "measure": panel.measure.key if panel.measure else "",
            "finding": panel.finding,
            "counting": panel.counting,
            "absence": panel.absence if panel.pk else "",
        }
        super().__init__(initial=values, **options)
        rows = [(row.key, row.label) for row in indicator.measures.all()]
        cast(ChoiceField, self.fields["measure"]).choices = [("", "No values"), *rows]


@require_http_methods(CHANGE)
def edit_nation(request: HttpRequest, slug: str, nation: str) -> HttpResponse:
    """Change what one nation's part of an indicator shows."""
    indicator = queries.edited_indicator(slug, request.user)
    if nation not in NATIONS:
        raise NotFound(f"{nation[:20]} is none of the four nations")
    form = NationForm.of(request, indicator, nation)
    if request.method == "POST" and form.is_valid():
        try:
            services.describe_panel(
                by=request.user,
                slug=slug,
                nation=nation,
                panel=services.PanelDescription(**form.cleaned_data),
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{NATIONS[nation]} saved.")
            return redirect("edit-indicator", slug)
    context = {"form": form, "indicator": indicator, "nation": NATIONS[nation]}
    return render(request, "indicators/nation.html", context, status=form.http_status)


class BreakForm(SiteForm):
    """A day from which values are counted otherwise."""

    starts = DateField("First day", missing="Enter the first day.")
    note = TextField("What changed", missing="Enter what changed.", most=300)
    nation = ChoiceField("Nation", [("", "All nations"), *NATIONS.items()])


@require_http_methods(CHANGE)
def add_break(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a break of the series, or remove one (do=remove)."""
    indicator = queries.edited_indicator(slug, request.user)
    number = request.POST.get("remove", "")
    if number.isascii() and number.isdigit() and len(number) < 10:
        services.remove_series_break(
            by=request.user, slug=slug, number=int(number), now=timezone.now()
        )
        messages.success(request, "Break removed.")
        return redirect("edit-indicator", slug)
    form = BreakForm.of(request)
    if request.method == "POST" and form.is_valid():
        services.add_series_break(
            by=request.user, slug=slug, **form.cleaned_data, now=timezone.now()
        )
        messages.success(request, "Break added.")
        return redirect("edit-indicator", slug)
    context = {"form": form, "indicator": indicator}
    return render(request, "indicators/break.html", context, status=form.http_status)


# ---- one value ----


class ValueCorrectionForm(SiteForm):
    """Another value in place of the current one."""

    text = TextField(
        "Value",
        missing="Enter a number or a marker.",
        hint="A number such as 1234.5, a marker such as [c], or both.",
        most=40,
    )
    note = TextField("Note", most=500)
    reason = ReasonField(
        "Reason",
        missing="Enter a reason.",
        hint="It is shown beside the value.",
        rows=2,
        most=500,
    )


@require_http_methods(CHANGE)
def correct_value(
    request: HttpRequest, slug: str, measure: str, area: str, period: str
) -> HttpResponse:
    """Correct a value; the earlier one keeps its permanent address."""
    indicator = queries.edited_indicator(slug, request.user)
    now = timezone.now()
    row = value_on(indicator, measure, area, period, uk_date(now), now).value
    form = ValueCorrectionForm.of(request, initial={"text": row.plain, "note": row.note})
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_value(
                by=request.user,
                slug=slug,
                measure=measure,
                area=area,
                period=row.period,
                **form.cleaned_data,
                now=now,
            )
        except RuleError as error:
            form.refuse(error, "text")
        else:
            messages.success(request, "Value corrected. Its earlier value keeps its address.")
            return redirect("indicator-value-today", slug, measure, area, period)
    context = {"form": form, "indicator": indicator, "row": row}
    return render(request, "indicators/correct.html", context, status=form.http_status)
