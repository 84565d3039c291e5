"""Import files of official statistics: upload, preview with the mapping, import."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import require_permission
from waymark.core.errors import FileRefused, RuleError, SpecError
from waymark.documents.files.uploads import IncomingFile
from waymark.indicators import services
from waymark.indicators.mapping import read_mapping
from waymark.indicators.models import IndicatorImport
from waymark.indicators.queries import indicators as queries
from waymark.web.shared.fields import ChoiceField, FilesField, TextField, VerbatimField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList
from waymark.web.shared.upload_limits import MIB, STATISTICS, SizeLimit, UploadForm

EDIT = "edit indicators"
SHOWN_ROWS = 20
"""Values and refused rows that a preview lists; the numbers of all of them are above."""
IMPORTS = StaffList(
    "import",
    "imports",
    search=("file", "indicator__name"),
    columns=(
        ListColumn("File", "file", ("file",)),
        ListColumn("Indicator", "indicator", ("indicator__name",)),
        ListColumn("New", number=True),
        ListColumn("Revised", number=True),
        ListColumn("Refused rows", number=True),
        ListColumn("When", "when", ("imported_at",), falling=True),
    ),
    order="-when",
)


class StatisticsFileForm(UploadForm):
    """A file of statistics and the mapping to read it by."""

    file = FilesField("File", multiple=False)
    mapping = ChoiceField("Mapping")

    def __init__(self, limit: SizeLimit | None, names: list[str], **options: Any) -> None:
        super().__init__(limit, **options)
        self.fields["file"].help_text = f"CSV or XLSX, at most {STATISTICS // MIB} MiB."
        choices = [("", "Detect from the file"), *((name, name) for name in names)]
        cast(ChoiceField, self.fields["mapping"]).choices = choices

    def clean_file(self) -> IncomingFile:
        """The file."""
        too_large = f"The file is larger than {STATISTICS // MIB} MiB: use the command line."
        return self.received("file", too_large=too_large)[0]


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def import_statistics(request: HttpRequest) -> HttpResponse:
    """Upload a file; the imports so far. The token is checked after the limit on size."""
    require_permission(request.user, EDIT)
    limit = SizeLimit(request, largest=STATISTICS, together=STATISTICS * 2)
    request.upload_handlers.insert(0, limit)
    return _receive_file(request, limit)


@csrf_protect
def _receive_file(request: HttpRequest, limit: SizeLimit) -> HttpResponse:
    saved = {row.name: row.text for row in queries.saved_mappings(request.user)}
    form = StatisticsFileForm.of(request, limit, list(saved))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        row = services.propose_import(
            by=request.user,
            file=file.name or "file",
            content=b"".join(file.chunks()),
            mapping=saved.get(form.cleaned_data["mapping"], ""),
            now=timezone.now(),
        )
        return redirect("statistics-import", row.pk)
    view = IMPORTS.view(request, queries.listed_imports(request.user))
    context = {"form": form, "list": view}
    return render(request, "indicators/import.html", context, status=form.http_status)


class MappingForm(SiteForm):
    """The mapping of a file as YAML, and a name to save it under."""

    mapping = VerbatimField(
        "Mapping",
        hint="How the columns become values. Change it, then preview again.",
        widget=forms.Textarea({"rows": 24, "class": "code", "spellcheck": "false"}),
    )
    name = TextField(
        "Save the mapping as",
        hint="Lower-case letters, digits and hyphens. Leave empty not to save it.",
        most=60,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def statistics_import(request: HttpRequest, number: int) -> HttpResponse:
    """Preview a file, import or discard it; the result of an import."""
    row = queries.import_by_number(number, request.user)
    if row.imported_at is not None:
        return render(request, "indicators/imported.html", {"file": row})
    text = request.POST.get("mapping", "") if request.method == "POST" else row.mapping
    preview = queries.preview_import(row, text, request.user)
    form = _mapping_form(request, preview)
    if request.method == "POST":
        answer = _act(request, row, form, preview)
        if answer is not None:
            return answer
    reading = preview.reading
    return render(
        request,
        "indicators/preview.html",
        {
            "form": form,
            "file": row,
            "reading": reading,
            "values": reading.values[:SHOWN_ROWS] if reading else [],
            "problems": reading.problems[:SHOWN_ROWS] if reading else [],
            "problem": preview.problem,
        },
        status=form.http_status,
    )


def _mapping_form(request: HttpRequest, preview: queries.ImportPreview) -> MappingForm:
    if request.method == "POST":
        return MappingForm(data=request.POST)
    return MappingForm(initial={"mapping": preview.text})


def _act(
    request: HttpRequest, row: IndicatorImport, form: MappingForm, preview: queries.ImportPreview
) -> HttpResponse | None:
    """Carry out what the button says; None to show the preview again."""
    if form.action == "discard":
        services.drop_proposed_import(by=request.user, number=row.pk, now=timezone.now())
        messages.success(request, "File discarded. Nothing was imported.")
        return redirect("import-statistics")
    if form.action != "import" or not form.is_valid():
        return None
    try:
        return _import(request, row, form, preview.text)
    except (RuleError, SpecError, FileRefused) as error:
        form.refuse(error, "mapping")
        return None


def _import(
    request: HttpRequest, row: IndicatorImport, form: MappingForm, text: str
) -> HttpResponse:
    mapping, now = read_mapping(text), timezone.now()
    if name := form.cleaned_data["name"]:
        services.save_mapping(by=request.user, name=name, text=text, now=now)
    result = services.import_values(
        by=request.user,
        file=row.file,
        content=bytes(row.content or b""),
        mapping=mapping,
        proposed=row.pk,
        now=now,
    )
    messages.success(
        request,
        f"{result.stored:,} rows imported: {result.values.new:,} new values,"
        f" {result.values.revised:,} revised, {result.values.unchanged:,} unchanged.",
    )
    return redirect("statistics-import", row.pk)
