"""Pages for staff: adding files, withdrawing an overview."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import TooManyFilesSent, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.models import User
from waymark.accounts.permissions import require_account, require_permission
from waymark.core.errors import NotFound
from waymark.core.wording import as_sentence
from waymark.documents import services
from waymark.documents.files.uploads import IncomingFile
from waymark.documents.models import Intake, IntakeState, ReportKind, Review
from waymark.documents.queries import holdings, reader
from waymark.documents.queries.anonymity import ids_with_identifiers
from waymark.publishing import queries as editions
from waymark.publishing import services as publishing
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.fields import (
    CODE,
    ChoiceField,
    FilesField,
    HiddenField,
    ReasonField,
    TextField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.upload_limits import (
    ENDINGS,
    FORMATS,
    MIB,
    MOST_TOGETHER,
    SizeLimit,
    UploadForm,
)

RECENT = 20
OFFERED = 1_000
"""Reviews offered in the list of the upload form; any other can be typed."""
MOST_FILES = 50
ENCODINGS = (
    ("", "Find it from the content"),
    ("windows-1252", "Windows (Western Europe)"),
    ("mac-roman", "Mac (Western Europe)"),
    ("windows-1250", "Windows (Central Europe)"),
    ("iso-8859-2", "Latin-2 (Central Europe)"),
    ("iso-8859-14", "Latin-8 (Welsh, Irish)"),
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("windows-1251", "Windows (Cyrillic)"),
    ("koi8-u", "KOI8 (Russian, Ukrainian)"),
    ("windows-1253", "Windows (Greek)"),
    ("shift_jis", "Shift_JIS (Japanese)"),
)
ADD_REPORTS = "add reports"
PUBLISH_OVERVIEWS = "publish overviews"


# ---- withdrawing an overview ----


class WithdrawEditionForm(SiteForm):
    """The edition to withdraw, and why."""

    edition = HiddenField()
    reason = ReasonField(
        "Reason",
        missing="Enter why it is withdrawn.",
        hint="Stored in the audit log with your name. Name no person.",
        rows=3,
        most=1_000,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Withdraw the current edition of an overview, with a reason."""
    require_permission(request.user, PUBLISH_OVERVIEWS)
    publication = editions.published_edition(slug)
    form = WithdrawEditionForm.of(request, initial={"edition": publication.edition})
    if request.method == "POST" and form["edition"].value() != str(publication.edition):
        form.put("edition", str(publication.edition))
        form.refuse("another edition was published since you opened this page: check it first")
    if form.is_valid():
        publishing.withdraw_edition(
            by=request.user,
            publication=publication,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        messages.success(request, f"Edition {publication.edition} is withdrawn.")
        return redirect("overviews")
    context = {"publication": publication, "form": form}
    return render(request, "staff/withdraw.html", context, status=form.http_status)


# ---- adding files ----


class ReportsForm(UploadForm):
    """Files to add, and the review they belong to. person: who adds them; review: offered first."""

    # Django keeps the files that were sent under the same name, in the instance alone.
    files = FilesField("Files", accept=ENDINGS)  # type: ignore[assignment]
    kind = ChoiceField("Kind of report", ReportKind.choices)
    encoding = ChoiceField(
        "Character encoding of text files and web pages (optional)",
        ENCODINGS,
        hint="Choose one only if letters with accents, or quotation marks, were read wrongly.",
    )
    review = TextField(
        "Review they belong to (optional)",
        hint="The reference of a review that is here already. If you leave it empty, each file "
        "creates a review.",
        most=60,
        attrs={**CODE, "list": "reviews"},
    )

    def __init__(
        self, limit: SizeLimit | None, person: User, review: str = "", **options: Any
    ) -> None:
        initial = {"kind": ReportKind.OVERVIEW, "review": review}
        super().__init__(limit, initial=initial, **options)
        self.person = person
        largest = settings.MAX_UPLOAD_MIB
        self.fields["files"].help_text = (
            f"{FORMATS}. At most {largest:,} MiB and "
            f"{settings.MAX_PAGES:,} pages a file; at most {MOST_FILES} files and "
            f"{MOST_TOGETHER * largest:,} MiB at a time. Files must not have a password. "
            "The text of scanned pages is recognised later."
        )

    def clean_files(self) -> list[IncomingFile]:
        """The files; what cannot be read is refused later, file by file."""
        return self.received("files", most=MOST_FILES)

    def clean_kind(self) -> str:
        """The kind; the first one where none was sent."""
        return self.cleaned_data["kind"] or ReportKind.OVERVIEW

    def clean_review(self) -> Review | None:
        """The review, None for a new one of each file."""
        reference = self.cleaned_data["review"]
        try:
            return reader.review_for(reference, self.person, timezone.now()) if reference else None
        except NotFound:
            raise ValidationError(
                f"There is no review {reference}. Leave it empty or choose another."
            ) from None


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def upload_reports(request: HttpRequest) -> HttpResponse:
    """Add report files.

    The check against forged forms reads the body, so it comes in _receive_reports, after the limit
    on size is in place.
    """
    person = require_account(request.user, ADD_REPORTS, "add files")
    largest = settings.MAX_UPLOAD_MIB * MIB
    limit = SizeLimit(request, largest=largest, together=MOST_TOGETHER * largest)
    request.upload_handlers.insert(0, limit)
    try:
        return _receive_reports(request, limit, person)
    except TooManyFilesSent:
        form = ReportsForm(None, person, data={})
        form.refuse(f"Choose at most {MOST_FILES} files at a time", "files", alone=True)
        return _upload_page(request, form)


@csrf_protect
def _receive_reports(request: HttpRequest, limit: SizeLimit, person: User) -> HttpResponse:
    form = ReportsForm.of(request, limit, person, clean_line(request.GET.get("review", ""))[:60])
    if not form.is_valid():
        return _upload_page(request, form)
    batch = secrets.token_hex(8)
    try:
        services.receive_upload(by=person, batch=batch, now=timezone.now(), **form.cleaned_data)
    except services.UploadQuotaReached as error:
        try:
            added = holdings.intakes_of_batch(batch, person)
        except NotFound:
            form.refuse(error, "files", alone=True)
            return _upload_page(request, form)
        sent = len(form.cleaned_data["files"])
        upto = f"Added {len(added)} of {sent} files, up to {added[-1].file_name}."
        messages.error(request, f"{upto} {as_sentence(error)}")
    return redirect("upload-batch", batch=batch)


def _upload_page(request: HttpRequest, form: ReportsForm) -> HttpResponse:
    return render(
        request,
        "staff/upload.html",
        {
            "form": form,
            "reviews": holdings.attachable_reviews(request.user, limit=OFFERED),
            "recent": reader.recent_intakes(request.user, limit=RECENT),
        },
        status=form.http_status,
    )


@dataclass(frozen=True, slots=True)
class UploadProgress:
    """Progress of an upload. waiting: files not yet read."""

    total: int
    waiting: int
    stored: int
    already: int
    refused: int

    @property
    def done(self) -> int:
        """Files read."""
        return self.total - self.waiting

    @classmethod
    def of(cls, intakes: list[Intake]) -> "UploadProgress":
        """Counted by state."""
        states = [intake.state for intake in intakes]
        return cls(
            total=len(states),
            waiting=states.count(IntakeState.WAITING) + states.count(IntakeState.READING),
            stored=states.count(IntakeState.STORED),
            already=states.count(IntakeState.ALREADY),
            refused=states.count(IntakeState.REFUSED),
        )


@require_safe
def upload_batch(request: HttpRequest, batch: str) -> HttpResponse:
    """Results of one upload; the page refreshes while any file is waiting."""
    intakes = holdings.intakes_of_batch(batch, request.user)
    return render(
        request,
        "staff/batch.html",
        {
            "intakes": intakes,
            "with_hidden_text": holdings.ids_with_hidden_text(
                intake.report_id for intake in intakes
            ),
            "with_identifiers": ids_with_identifiers(intake.report_id for intake in intakes),
            "progress": UploadProgress.of(intakes),
        },
    )
