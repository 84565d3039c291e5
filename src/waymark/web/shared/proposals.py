"""Mark a field of a form whose value is only proposed, with the place that states it."""

from django.urls import reverse
from django.utils.html import format_html

from waymark.library.queries.deposit_records import ProposedValue
from waymark.web.shared.forms import SiteForm


def mark_proposal(form: SiteForm, name: str, proposed: ProposedValue, button: str) -> None:
    """Say in the hint of a field what the report states, on which page, and that a person confirms
    it with a button.
    """
    if name not in form.fields:
        return
    field = form.fields[name]
    field.help_text = format_html(
        "{}{}<b>Proposed.</b> The report says on "
        '<a href="{}">page {}<span class="sr"> about: {}</span></a>: “{}”. '
        "Check it: “{}” confirms it.",
        field.help_text,
        " " if field.help_text else "",
        reverse("report-page", args=[proposed.report, proposed.page]),
        proposed.page,
        str(field.label).lower(),
        proposed.words,
        button,
    )
