"""The form with which a board sends a report for the repository. It needs no account."""

from datetime import date, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.core import signing
from django.core.exceptions import TooManyFilesSent, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from waymark import pipeline
from waymark.accounts.permissions import Person
from waymark.core.errors import NotFound
from waymark.core.wording import list_in_words
from waymark.documents.files.unfinished import (
    KEPT_FOR,
    UnfinishedFile,
    forget_unfinished,
    keep_unfinished,
)
from waymark.documents.files.uploads import IncomingFile, plain_name
from waymark.library.services.deposits import (
    CONFIRM_DAYS,
    DepositOffer,
    TooManyDeposits,
    check_room,
    deposit_of_token,
    needs_confirmation,
)
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import (
    CheckField,
    ChoiceField,
    DateField,
    EmailField,
    FilesField,
    HiddenField,
    TextAreaField,
    TextField,
    TicksField,
)
from waymark.web.shared.forms import FieldGroup
from waymark.web.shared.upload_limits import (
    DEPOSIT_TOGETHER,
    ENDINGS,
    FORMATS,
    MIB,
    SizeLimit,
    UploadForm,
    unreadable_because,
)

MOST_FILES = 10
YEARS = (1, 2, 3, 5, 7, 10)
FURTHEST = timedelta(days=366 * 5)
RIGHTS = (
    "We hold the copyright in this report, or may have it published here. Copyright stays with us."
)
SALT = "deposit reference"
FILES_SALT = "files of an unfinished deposit"
HOW_LONG = "Choose how long the file is available."


def _year_choices() -> list[tuple[str, str]]:
    years = sorted({*YEARS, settings.KEEP_YEARS})
    return [(str(year), f"{year} year{'' if year == 1 else 's'}") for year in years]


class DepositForm(UploadForm):
    """A report that a board sends. homepage: out of sight, so that only programs fill it in."""

    board = TextField(
        "Board or partnership",
        missing="Enter the name of the board or partnership.",
        most=200,
        attrs={"autocomplete": "organization"},
    )
    contact_name = TextField(
        "Contact name", missing="Enter a contact name.", most=200, attrs={"autocomplete": "name"}
    )
    contact_email = EmailField(
        "Email address",
        missing="Enter an email address, such as name@example.org.",
        hint=(
            "We'll email you to confirm receipt and the outcome. "
            "We do not use it for anything else."
        ),
    )
    homepage = TextField("Leave this field empty", attrs={"autocomplete": "off", "tabindex": -1})
    title = TextField("Title of the report", missing="Enter the title of the report.", attrs={})
    unfinished = HiddenField()
    again = TicksField(
        "Files you chose before",
        (),
        hint="They are sent with this form. Untick what should not be.",
    )
    # Django keeps the files that were sent under the same name, in the instance alone.
    files = FilesField("Files", accept=ENDINGS)  # type: ignore[assignment]
    note = TextAreaField("Anything we should know (optional)", most=5_000)
    rights = CheckField(RIGHTS, missing="Confirm that you have the right to publish this report.")
    anonymous = CheckField(
        "Publish it without naming the board",
        hint="The report must not name the board either: we check, and return it if it does.",
    )
    embargo_until = DateField(
        "Earliest publication date (optional)",
        hint="The first day on which people can read it. For example, 24 1 2027.",
    )
    available_years = ChoiceField("How long the file is available", _year_choices, missing=HOW_LONG)
    groups = (
        ("Who you are", ("board", "contact_name", "contact_email")),
        ("The report", ("title", "again", "files", "note")),
        ("How to publish it", ("rights", "anonymous", "embargo_until", "available_years")),
    )

    def __init__(self, limit: SizeLimit | None = None, **options: Any) -> None:
        super().__init__(limit, initial={"available_years": str(settings.KEEP_YEARS)}, **options)
        self.earlier = _earlier_files(str(self.data.get("unfinished", "")))
        self._offer(self.earlier)
        largest = settings.MAX_UPLOAD_MIB
        self.fields["files"].help_text = (
            "The report, and its executive summary, response or action plan where there is one: "
            f"{FORMATS}. At most {MOST_FILES} files and "
            f"{DEPOSIT_TOGETHER * largest:,} MiB together, {largest:,} MiB and "
            f"{settings.MAX_PAGES:,} pages a file. Files must not have a password."
        )

    def _offer(self, files: list[UnfinishedFile]) -> None:
        """Offer kept files for sending."""
        choices = [(file.stored, f"{file.name} ({filesizeformat(file.size)})") for file in files]
        cast(Any, self.fields["again"]).choices = choices

    @property
    def field_groups(self) -> list[FieldGroup]:
        """Without the list of kept files where there is none."""
        groups = super().field_groups
        if not cast(Any, self.fields["again"]).choices:
            for group in groups:
                group.fields[:] = [field for field in group.fields if field.name != "again"]
        return groups

    @property
    def chosen_again(self) -> list[UnfinishedFile]:
        """The kept files that are sent with the form and still exist."""
        ticked = set(self.data.getlist("again")) if isinstance(self.data, QueryDict) else set()
        return [file for file in self.earlier if file.stored in ticked and file.exists]

    def keep_files(self, sender: str, now: datetime) -> None:
        """Keep the files of a refused form, and offer them in place of choosing them again.

        A program that filled in the trap is offered nothing.
        """
        exceeded = self.limit is not None and self.limit.is_exceeded
        if "homepage" in self.errors or exceeded or not isinstance(self.data, QueryDict):
            return
        largest = settings.MAX_UPLOAD_MIB * MIB
        sent = self._readable
        files, room = self.chosen_again, MOST_FILES - len(self.chosen_again)
        files += keep_unfinished(
            sent[: max(room, 0)], sender=sender, share=DEPOSIT_TOGETHER * largest, now=now
        )
        forget_unfinished(file for file in self.earlier if file not in files)
        self.put("unfinished", _signed_files(files))
        data = self.data.copy()
        data.setlist("again", [file.stored for file in files])
        self.data, self.earlier = data, files
        self._offer(files)

    @property
    def _readable(self) -> list[IncomingFile]:
        """The files that were sent now, without those that nobody can read."""
        largest = settings.MAX_UPLOAD_MIB * MIB
        sent = cast(Any, self.files).getlist("files") if self.files else []
        return [file for file in sent if not unreadable_because(file, largest=largest)]

    @property
    def files_again(self) -> list[str]:
        """Names of the readable files that were not kept: choosing another again helps nobody."""
        stored = [file.name for file in self.earlier]
        names = [plain_name(file.name or "") for file in self._readable] if self.errors else []
        return [name for name in names if name not in stored]

    def clean_again(self) -> list[UnfinishedFile]:
        """The kept files that were left ticked. Raises ValidationError if one is gone."""
        missing = [file.name for file in self.earlier if not file.exists]
        if missing:
            raise ValidationError(
                f"We no longer store {list_in_words(missing)}. If you have just sent this deposit, "
                "check your email first. Otherwise choose the file again."
            )
        return self.chosen_again

    def clean_homepage(self) -> None:
        """Refuse programs."""
        if self.cleaned_data["homepage"]:
            raise ValidationError("Leave this field empty: it is there to stop programs.")

    def clean_files(self) -> list[IncomingFile]:
        """The files, all of a kind and size that can be read."""
        earlier = self.cleaned_data.get("again", [])
        files = self.received("files", most=MOST_FILES, earlier=earlier)
        largest = settings.MAX_UPLOAD_MIB * MIB
        messages = [unreadable_because(file, largest=largest) for file in files]
        if any(messages):
            raise ValidationError([message for message in messages if message])
        return files

    def clean_embargo_until(self) -> date | None:
        """A day in the next five years."""
        until: date | None = self.cleaned_data["embargo_until"]
        today = timezone.localdate()
        if until and not today < until <= today + FURTHEST:
            raise ValidationError("Enter a day after today, within five years, or leave it out.")
        return until

    @property
    def offer(self) -> DepositOffer:
        """The deposit of a valid form."""
        values = self.cleaned_data
        return DepositOffer(
            board=values["board"],
            contact_name=values["contact_name"],
            contact_email=values["contact_email"],
            title=values["title"],
            rights=RIGHTS,
            note=values["note"],
            anonymous=values["anonymous"],
            embargo_until=values["embargo_until"],
            available_years=int(values["available_years"]),
        )


def _signed_files(files: list[UnfinishedFile]) -> str:
    """Kept files as a form field that nobody else can write."""
    return signing.dumps([[file.stored, file.name, file.size] for file in files], salt=FILES_SALT)


def _earlier_files(signed: str) -> list[UnfinishedFile]:
    """The kept files of a form field; none if it is not ours, or too old."""
    try:
        rows = signing.loads(signed, salt=FILES_SALT, max_age=KEPT_FOR) if signed else []
    except signing.BadSignature:
        return []
    return [UnfinishedFile(*row) for row in rows]


def _sender(request: HttpRequest) -> str:
    """A short code for the network of a request, to share out the space."""
    network = client_network(request)
    return salted_hmac("unfinished files", network, algorithm="sha256").hexdigest()[:16]


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def deposit_report(request: HttpRequest) -> HttpResponse:
    """Send a report for the repository.

    The check against forged forms reads the body, so it comes in _receive_deposit, after the limit
    on size is in place. If no deposit can be made, nothing that was sent is stored.
    """
    if not settings.DEPOSITS:
        raise NotFound("this site takes no deposits")
    closed = _closed_because(request)
    largest = settings.MAX_UPLOAD_MIB * MIB
    together = 0 if closed else DEPOSIT_TOGETHER * largest
    limit = SizeLimit(request, largest=largest, together=together)
    request.upload_handlers.insert(0, limit)
    try:
        return _receive_deposit(request, limit, closed)
    except TooManyFilesSent:
        form = DepositForm(data={})
        form.refuse(f"Choose at most {MOST_FILES} files", "files", alone=True)
        return _deposit_page(request, form)


def _closed_because(request: HttpRequest) -> str:
    """The reason why no deposit can be made now, or ""."""
    try:
        check_room(origin=client_network(request), mailbox="", now=timezone.now())
    except TooManyDeposits as error:
        return f"{error}."
    return ""


@csrf_protect
def _receive_deposit(request: HttpRequest, limit: SizeLimit, closed: str) -> HttpResponse:
    form = DepositForm.of(request, limit)
    if closed or not form.is_valid():
        if form.is_bound and not closed:
            form.keep_files(_sender(request), timezone.now())
        return _deposit_page(request, form, closed)
    person: Person = request.user
    try:
        stored = pipeline.receive_deposit(
            by=person,
            offer=form.offer,
            files=form.cleaned_data["files"],
            origin=client_network(request),
            now=timezone.now(),
        )
    except TooManyDeposits as error:
        return _deposit_page(request, form, f"{error}.")
    forget_unfinished(form.earlier)
    return redirect("deposited", signed=signing.dumps(stored.reference, salt=SALT))


def _deposit_page(request: HttpRequest, form: DepositForm, closed: str = "") -> HttpResponse:
    """The form. closed: why no deposit can be made now."""
    if closed:
        form.errors.clear()
    status = 429 if closed and request.method == "POST" else form.http_status
    answer = render(request, "deposit/form.html", {"form": form, "closed": closed}, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def deposit_received(request: HttpRequest, signed: str) -> HttpResponse:
    """The reference of a new deposit, read from the signed address: nothing is looked up."""
    try:
        reference = signing.loads(signed, salt=SALT, max_age=timedelta(days=1))
    except signing.BadSignature as error:
        raise NotFound("this is no page of a deposit, or it is from an earlier day") from error
    to_confirm = needs_confirmation(request.user)
    context = {"reference": reference, "to_confirm": to_confirm, "days": CONFIRM_DAYS}
    return render(request, "deposit/received.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_deposit(request: HttpRequest, token: str) -> HttpResponse:
    """One button. GET changes nothing: programs that check emails open every link in them."""
    deposit = deposit_of_token(token)
    if request.method == "POST":
        deposit = pipeline.confirm_deposit(token=token, now=timezone.now())
    context = {"reference": deposit.reference, "confirmed": deposit.confirmed_at is not None}
    answer = render(request, "deposit/confirm.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
