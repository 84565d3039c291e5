"""Template filters that format stored values."""

from collections.abc import Iterable

from django import template
from django.template import Context
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from waymark.core.evidence import Quote
from waymark.core.licences import licence_label, licence_url
from waymark.documents.isolation.engine import name_languages
from waymark.documents.queries.scan_marks import ScanMarks
from waymark.library.search.results import FacetValue
from waymark.overview.charts import svg
from waymark.web.shared.addresses import address_of, passage_address
from waymark.web.shared.highlight_runs import text_runs

register = template.Library()

CHECKED = SafeString(" checked")

PAGE_KINDS = {
    "code": "Code of a framework",
    "comparison": "Comparison of overviews",
    "data": "Data for researchers",
    "evidence": "Evidence of a number",
    "find": "Search results",
    "home": "Home page",
    "overview": "Overview or chapter",
    "overview-table": "Table of an overview",
    "passage": "Passage",
    "report": "Report",
    "report-page": "Page of a report",
}
"""URL name -> kind of page, where the name alone does not say it."""


@register.filter
def named_drawing(drawn: str, title: str) -> str:
    """A drawing beside a table of the same numbers: it has a name, and is not read out besides."""
    return svg.on_page(drawn, f"Chart. {title}. The table below has its numbers.")


@register.filter
def in_words(value: str) -> str:
    """A stored value as words: "index_child" -> "index child"."""
    return value.replace("_", " ")


@register.filter
def language_names(languages: str) -> str:
    """Languages of text recognition in words: "eng+cym" -> "English and Welsh"."""
    return name_languages(languages)


@register.filter
def as_path(heading: str) -> str:
    """A stored path of headings with typographic separators: "A > B" -> "A \u203a B"."""
    return heading.replace(" > ", " \u203a ")


@register.filter
def highlighted(text: str, highlights: Iterable[tuple[int, int]]) -> str:
    """A text with the words that were searched for marked."""
    return SafeString(
        "".join(
            f"<mark>{escape(run.text)}</mark>" if run.marked else escape(run.text)
            for run in text_runs(text, highlights)
        )
    )


register.filter(passage_address)
register.filter(address_of)


@register.simple_tag
def ticks(name: str, values: Iterable[FacetValue]) -> str:
    """A box to tick for each value of a facet, with the number of records.

    Written here and not in a template: a page of results has more than two hundred.
    """
    return format_html_join(
        "\n",
        '<label class="tick"><input type="checkbox" name="{}" value="{}"{}>'
        "{} <span>{}</span></label>",
        (
            (
                name,
                value.value,
                CHECKED if value.chosen else "",
                value.label,
                value.count,
            )
            for value in values
        ),
    )


@register.simple_tag(takes_context=True)
def quotations(context: Context, quotes: Iterable[Quote], subject: str) -> str:
    """The words that a fact is based on, each with a link to its passage; "" without words.

    Written here and not in a template: a review has more than a hundred.
    """
    items = format_html_join(
        "\n",
        '<li><q>{}</q> <a href="{}">page {}<span class="sr">: passage {} on {}</span></a>{}</li>',
        (
            (
                quote.exact,
                passage_address(quote.key),
                quote.page,
                number,
                subject.lower(),
                scan_mark(context, quote.key),
            )
            for number, quote in enumerate(quotes, start=1)
        ),
    )
    return format_html('<ul class="quotes">{}</ul>', items) if items else ""


@register.simple_tag(takes_context=True)
def scan_mark(context: Context, key: str) -> str:
    """The mark of quoted words that were recognised in a scan, after a separator; or "".

    A page with quotations from many reports names all their keys in its context, as quoted_keys.
    """
    # Kept with the request, so that each report is looked up once for a page with many quotations.
    marks = vars(context["request"]).get("scan_marks")
    if marks is None:
        marks = ScanMarks(context.get("quoted_keys") or ())
        vars(context["request"])["scan_marks"] = marks
    mark = marks.mark_of(key)
    return format_html(' <span class="scan">\u00b7 {}</span>', mark) if mark else ""


@register.filter
def page_kind(name: str) -> str:
    """The kind of a page from its URL name: "report-page" -> "Page of a report"."""
    return PAGE_KINDS.get(name, name.replace("-", " ").capitalize())


@register.filter
def licence_name(licence: str) -> str:
    """A licence in words: "CC-BY-4.0" -> "Creative Commons BY 4.0"."""
    return licence_label(licence)


@register.filter
def licence_address(licence: str) -> str:
    """Address of the text of a licence; "" if there is none."""
    return licence_url(licence)
