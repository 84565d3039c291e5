"""Create a briefing or guide, describe it, and withdraw an edition of it."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark import pipeline
from waymark.accounts.permissions import require_account, require_permission
from waymark.briefings import services
from waymark.briefings.queries import drafts, editions
from waymark.briefings.text.about import ABOUT, BriefingAbout, about_yaml, read_about
from waymark.core.errors import RuleError
from waymark.publishing.models import ReportVersion
from waymark.publishing.queries.editions import current_editions
from waymark.publishing.services import TextOvertaken
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import (
    CODE,
    ChoiceField,
    DateField,
    HiddenField,
    LinesField,
    RadioField,
    ReasonField,
    TextField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.text_diff import diff_lines

CHANGE = ["GET", "HEAD", "POST"]
PUBLISH = "publish briefings"


class AboutForm(SiteForm):
    """What a briefing is about, and what it is based on."""

    groups: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = (
        ("What it is about", ("title", "strapline", "audience", "subjects")),
        (
            "What it is based on",
            ("rule", "query", "reviews", "first", "last", "searched_on", "overview"),
        ),
        ("Keeping it current", ("review_on",)),
    )
    title = TextField("Title", missing="Enter a title.", most=200)
    strapline = TextField("Strapline (optional)", hint="One line below the title.")
    audience = TextField(
        "Audience", missing="Enter who it is for.", hint="For example, health visitors.", most=200
    )
    subjects = LinesField(
        "Subjects (optional)", hint="Keys of the thesaurus, one on each line.", rows=3, items=20
    )
    rule = TextField("How the reviews were selected (optional)", hint="In one sentence.")
    query = TextField("Search that found them (optional)", hint="As you typed it in Find.")
    reviews = LinesField(
        "Reviews read (optional)", hint="Their references, one on each line.", rows=6, items=500
    )
    first = TextField("Published from the year (optional)", most=4)
    last = TextField("Published to the year (optional)", most=4)
    searched_on = DateField("Date of the search (optional)", hint="")
    overview = ChoiceField("Overview whose tables give its numbers (optional)")
    review_on = DateField("To be reviewed on (optional)", hint="")
    base = HiddenField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(row.slug, row.title) for row in current_editions()]
        self.fields["overview"].choices = [("", "None"), *choices]  # type: ignore[attr-defined]

    def about(self) -> BriefingAbout:
        """The description of a valid form. Raises SpecError."""
        values = self.cleaned_data
        named: dict[str, Any] = {
            name: values[name] for name in BriefingAbout.model_fields if values.get(name)
        }
        named |= {name: whole_number(values[name]) for name in ("first", "last") if values[name]}
        # Written and read again, so that the same rules hold for forms and for files.
        return read_about(about_yaml(BriefingAbout.model_construct(**named)))


class NewBriefingForm(AboutForm):
    """A new briefing. slug: its name in addresses."""

    groups = (
        ("The new text", ("kind", "slug")),
        *AboutForm.groups,
    )
    kind = RadioField(
        "Kind",
        (("briefing", "Thematic briefing"), ("guide", "Guide")),
        missing="Choose a kind.",
    )
    slug = TextField(
        "Web address name",
        missing="Enter a web address name.",
        hint="For example, infants. You cannot change it later.",
        most=60,
        attrs=CODE,
    )


@require_http_methods(CHANGE)
def new_briefing(request: HttpRequest) -> HttpResponse:
    """Create a briefing or guide."""
    require_permission(request.user, drafts.WRITE)
    form = NewBriefingForm.of(request, initial={"kind": "briefing"})
    if form.is_valid():
        values = form.cleaned_data
        try:
            manuscript = services.add_briefing(
                by=request.user,
                kind=values["kind"],
                slug=values["slug"],
                about=form.about(),
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Created. Now write its texts.")
            return redirect("edit-briefing", manuscript.kind, manuscript.slug)
    return render(request, "briefings/new.html", {"form": form}, status=form.http_status)


@require_http_methods(CHANGE)
def describe_briefing(request: HttpRequest, work: str, slug: str) -> HttpResponse:
    """Change the description of a briefing."""
    manuscript = drafts.manuscript_called(work, slug, request.user)
    current = drafts.current_texts(manuscript)[ABOUT]
    form = AboutForm.of(request, initial=_about_values(current))
    overtaken: ReportVersion | None = None
    if form.is_valid():
        try:
            services.save_briefing_text(
                by=request.user,
                manuscript=manuscript,
                slot=ABOUT,
                text=about_yaml(form.about()),
                base=whole_number(form.cleaned_data["base"]) or 0,
                now=timezone.now(),
            )
        except TextOvertaken as error:
            overtaken = error.current
            form.put("base", str(overtaken.number))
            form.refuse(error)
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved.")
            return redirect("edit-briefing", work, slug)
    context = {"manuscript": manuscript, "form": form, "overtaken": overtaken}
    if overtaken is not None:
        context["difference"] = diff_lines(overtaken.text, about_yaml(form.about()))
    return render(request, "briefings/describe.html", context, status=form.http_status)


def _about_values(current: ReportVersion) -> dict[str, object]:
    about = read_about(current.text)
    values = about.model_dump()
    return {
        **{key: value for key, value in values.items() if value is not None},
        "first": str(about.first or ""),
        "last": str(about.last or ""),
        "base": current.number,
    }


class WithdrawBriefingForm(SiteForm):
    """Why an edition is withdrawn."""

    reason = ReasonField(
        "Reason",
        missing="Enter why it is withdrawn.",
        hint="Stored in the audit log with your name. Name no person.",
        rows=3,
        most=1_000,
    )


@require_http_methods(CHANGE)
def withdraw_briefing(request: HttpRequest, work: str, slug: str, number: int) -> HttpResponse:
    """Withdraw an edition, with a reason."""
    person = require_account(request.user, PUBLISH, "withdraw an edition")
    publication = editions.briefing_edition(work, slug, number)
    form = WithdrawBriefingForm.of(request)
    if form.is_valid():
        pipeline.withdraw_briefing(
            by=person,
            publication=publication,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        messages.success(request, f"Edition {publication.edition} is withdrawn.")
        return redirect("edit-briefings")
    context = {"publication": publication, "form": form}
    return render(request, "briefings/withdraw.html", context, status=form.http_status)
