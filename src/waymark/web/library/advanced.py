"""Advanced search: a form whose fields become one search in the query language."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from waymark.library.models.kinds import KINDS
from waymark.library.search.composed import AdvancedSearch
from waymark.library.search.protocol import SearchRequest
from waymark.web.library.search_request import query_string
from waymark.web.shared.fields import ChoiceField, TextField
from waymark.web.shared.forms import SiteForm

LONGEST = 300
FILTERS = ("kind", "from", "to")
WORDS = ("every", "phrase", "either", "without", "title", "author", "publisher", "subject")
YEAR = {"inputmode": "numeric", "autocomplete": "off", "class": "short"}


class AdvancedSearchForm(SiteForm):
    """Fields of a search. All may be empty, but not all at once."""

    groups = (
        ("Words anywhere", ("every", "phrase", "either", "without")),
        ("Words in one part of a record", ("title", "author", "publisher", "subject")),
        ("Limits", ("kind", "from", "to")),
    )

    every = TextField("All of these words", most=LONGEST)
    phrase = TextField("These words side by side", most=LONGEST)
    either = TextField("Any of these words", most=LONGEST)
    without = TextField("None of these words", most=LONGEST)
    title = TextField("Title", hint="Words in any order.", most=LONGEST)
    author = TextField(
        "Author", hint="Such as Devaney, or Devaney J. Only publications.", most=LONGEST
    )
    publisher = TextField("Publisher or board", most=LONGEST)
    subject = TextField("Subject", hint="A name of the thesaurus.", most=LONGEST)
    kind = ChoiceField("Kind", [("", "All kinds"), *KINDS.items()])

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        for name, label in (("from", "From year"), ("to", "To year")):
            self.fields[name] = TextField(label, most=4, attrs=YEAR)

    def clean(self) -> dict[str, object]:
        """Check the years, and that there is something to search for."""
        values = self.cleaned_data
        for name in ("from", "to"):
            year = str(values.get(name, ""))
            if year and not (year.isascii() and year.isdecimal() and len(year) == 4):
                self.add_error(name, "Enter a year of four digits, such as 2004.")
        if not any(values.values()) and not self.errors:
            self.add_error(None, "Enter words or choose a limit to search for.")
        return values

    @property
    def search(self) -> SearchRequest:
        """The search of a valid form."""
        values = self.cleaned_data
        filters = {name: (values[name],) for name in FILTERS if values[name]}
        text = AdvancedSearch(**{name: values[name] for name in WORDS}).as_query()
        return SearchRequest(text, filters, "relevance" if text else "newest")


@require_safe
def advanced_search(request: HttpRequest) -> HttpResponse:
    """The form; filled in, the results of its search."""
    form = AdvancedSearchForm(request.GET) if request.GET else AdvancedSearchForm()
    if form.is_bound and form.is_valid():
        return redirect(reverse("find") + query_string(form.search))
    return render(request, "library/advanced.html", {"form": form}, status=form.http_status)
