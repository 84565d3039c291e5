"""Strategy of a literature search in one source, line by line."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.core.errors import ConcurrentChange, RuleError, ServiceUnavailable
from waymark.core.uk_time import uk_date
from waymark.core.wording import as_sentence, date_in_words
from waymark.enquiries import services
from waymark.enquiries.models import SearchSource
from waymark.enquiries.queries import searches
from waymark.enquiries.queries.searches import StrategySource
from waymark.enquiries.search_strategy import LONGEST_LINE, MOST_LINES
from waymark.web.enquiries.search_forms import RunDateForm
from waymark.web.shared.clean_input import clean_line

SPARE = 3
"""Empty lines to type into."""


@dataclass(frozen=True, slots=True)
class LineInput:
    """A line of the form. hits: typed now; before: hits and day of the last run, "" for none."""

    number: int
    text: str
    hits: str
    before: str


@require_http_methods(["GET", "HEAD", "POST"])
def strategy_page(request: HttpRequest, number: int, source: int) -> HttpResponse:
    """The lines of a source: text, and of other databases the hits and the day."""
    search = searches.search_for(number, request.user)
    row = searches.source_for(search, source)
    form = RunDateForm.of(request, initial={"on": uk_date(timezone.now())})
    problem, overtaken = "", False
    if request.method == "POST" and (row.is_library or form.is_valid()):
        try:
            _save(request, row, form)
        except (RuleError, ServiceUnavailable) as error:
            problem, overtaken = as_sentence(error), isinstance(error, ConcurrentChange)
        else:
            return redirect("literature-search", number)
    if row.is_library:
        form = RunDateForm()
    view = searches.view_of(search)
    strategy = next(part for part in view.sources if part.source == row)
    context = {
        "search": search,
        "strategy": strategy,
        "form": form,
        "problem": problem,
        "overtaken": overtaken,
        "inputs": _inputs(request, strategy),
        "longest": LONGEST_LINE,
        "most": MOST_LINES,
    }
    return render(
        request, "enquiries/strategy.html", context, status=400 if problem else form.http_status
    )


def _save(request: HttpRequest, source: SearchSource, form: RunDateForm) -> None:
    """Save the lines; the button "run" also runs them."""
    now = timezone.now()
    typed = {name: clean_line(str(value)) for name, value in request.POST.items()}
    services.save_lines(
        by=request.user,
        source=source,
        lines=services.typed_lines(typed),
        on=uk_date(now) if source.is_library else form.cleaned_data["on"],
        now=now,
        seen=request.POST.get("seen"),
    )
    if request.POST.get("do") == "run":
        services.run_source(by=request.user, source=source, now=now)
        messages.success(request, "Saved, and run in our library.")
    else:
        messages.success(request, f"Strategy in {source.name} saved.")


def _inputs(request: HttpRequest, strategy: StrategySource) -> list[LineInput]:
    """The lines as they were typed, else as stored, and some empty ones."""
    typed = {line.number: (line.text, "") for line in strategy.lines}
    if request.method == "POST":
        typed = {
            at: (str(request.POST.get(f"line-{at}", "")), str(request.POST.get(f"hits-{at}", "")))
            for at in range(1, MOST_LINES + 1)
        }
    # An empty line keeps its place, because others name it by its number.
    last = max((at for at, (text, _) in typed.items() if text.strip()), default=0)
    before = {
        line.text: f"{line.run.hits:,} on {date_in_words(line.run.on)}"
        for line in strategy.lines
        if line.run
    }
    return [
        LineInput(at, text, hits, before.get(text.strip(), ""))
        for at in range(1, min(last + SPARE, MOST_LINES) + 1)
        for text, hits in [typed.get(at, ("", ""))]
    ]
