"""Import a project of another program: upload, preview with its report, import."""

from dataclasses import asdict, replace
from itertools import islice
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission, require_account
from waymark.coding import services as coding
from waymark.coding.models import ProjectImport, ProjectImportState
from waymark.coding.queries import project_import_for, project_imports
from waymark.core.errors import FileRefused, RuleError
from waymark.core.wording import counted
from waymark.documents.files.uploads import IncomingFile
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import codes_of, published_frameworks
from waymark.pipeline.coding_exchange.project_import import HOW_PLACED, plan_as_json
from waymark.pipeline.coding_exchange.project_plan import ProjectChoices, ProjectPlan
from waymark.pipeline.coding_exchange.uploads import (
    import_proposed,
    preview_proposed,
    propose_project,
    stored_choices,
)
from waymark.web.coding_exchange.codebooks import CodebookForm
from waymark.web.coding_exchange.exporting import ExportForm
from waymark.web.coding_exchange.received import largest_bytes, received_path
from waymark.web.shared.fields import CheckField, ChoiceField, FilesField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList, column_filter
from waymark.web.shared.paging import Paging, page_number
from waymark.web.shared.upload_limits import MIB, SizeLimit, UploadForm

CODE = "code"
PURPOSE = "import codings"
SIZE = 50
MOST_CODINGS = 5_000
"""Codings that one request imports; for more there is the command line."""
MOST_CHOICES = 60
IMPORTS = StaffList(
    "import",
    "imports",
    search=("file_name",),
    columns=(
        ListColumn("File", "file", ("file_name",)),
        ListColumn("State", "state", ("state",)),
        ListColumn("Codings", number=True),
        ListColumn("When", "when", ("at",), falling=True),
    ),
    order="-when",
)


def framework_choices() -> list[tuple[str, str]]:
    """The published versions, as (label, label)."""
    return [(str(row), str(row)) for row in published_frameworks()]


class ProjectFileForm(UploadForm):
    """A project file and the framework to code with."""

    file = FilesField("Project (.qdpx)", multiple=False)
    framework = ChoiceField("Framework")
    assign = CheckField("Assign to me the reviews that are not assigned to me yet")

    def __init__(self, limit: SizeLimit | None = None, **options: Any) -> None:
        super().__init__(limit, **options)
        self.fields[
            "file"
        ].help_text = f"REFI-QDA, at most {largest_bytes() // MIB} MiB, without audio and video."
        cast(ChoiceField, self.fields["framework"]).choices = [
            ("", "The newest"),
            *framework_choices(),
        ]

    def clean_file(self) -> IncomingFile:
        """The file."""
        too_large = f"The file is larger than {largest_bytes() // MIB} MiB: use the command line."
        return self.received("file", too_large=too_large)[0]


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest) -> HttpResponse:
    """Upload a project; export codings; the imports so far.

    The check against forged forms reads the body, so it comes after the limit on size.
    """
    require_account(request.user, CODE, PURPOSE)
    limit = SizeLimit(request, largest=largest_bytes(), together=largest_bytes() + MIB)
    request.upload_handlers.insert(0, limit)
    return _receive_project(request, limit)


@csrf_protect
def _receive_project(request: HttpRequest, limit: SizeLimit) -> HttpResponse:
    form = ProjectFileForm.of(request, limit)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        choices = ProjectChoices(values["framework"], assign=values["assign"])
        try:
            with received_path(values["file"]) as path:
                row = propose_project(
                    by=request.user,
                    path=path,
                    name=values["file"].name or "project.qdpx",
                    choices=choices,
                    now=timezone.now(),
                )
            return redirect("coding-import", row.key)
        except FileRefused as refused:
            form.refuse(f"{refused.file} {refused.reason}. {refused.remedy}", "file")
    rows = project_imports(request.user)
    state = column_filter("state", "State", rows, dict(ProjectImportState.choices))
    context = {
        "form": form,
        "export": ExportForm(request.user, auto_id="export-%s"),
        "codebook": CodebookForm() if has_permission(request.user, "load frameworks") else None,
        "list": IMPORTS.view(request, rows, state),
        "frameworks": published_frameworks(),
    }
    return render(request, "coding_exchange/exchange.html", context, status=form.http_status)


# ---- preview and import ----


class MatchForm(SiteForm):
    """Which code is which: a field for each that is open."""

    def __init__(self, plan: ProjectPlan, **options: Any) -> None:
        super().__init__(**options)
        codes = [("", "Do not import"), *_code_choices(plan.framework)]
        for row in islice((row for row in plan.codes if row.how in {"", "chosen"}), MOST_CHOICES):
            field = ChoiceField(f"Code: {row.name}", codes)
            field.initial = row.code
            self.fields[f"code-{row.guid}"] = field

    @property
    def chosen_codes(self) -> dict[str, str]:
        """GUID -> code that was chosen."""
        return {
            name.removeprefix("code-"): value for name, value in self.cleaned_data.items() if value
        }


def _code_choices(framework: Framework) -> list[tuple[str, str]]:
    return [(code.code, f"{code.code}: {code.name}") for code in codes_of(framework)]


@require_http_methods(["GET", "HEAD", "POST"])
def project_import(request: HttpRequest, key: str) -> HttpResponse:
    """Preview or report of an import; choose, import or discard."""
    person = require_account(request.user, CODE, PURPOSE)
    row = project_import_for(key, person)
    if row.state == ProjectImportState.DONE:
        if request.method == "POST":
            raise RuleError("this project has been imported already")
        return _report_page(request, row, row.report)
    plan = preview_proposed(row, person, timezone.now())
    if request.method == "POST":
        return _decide(request, person, row, plan)
    return _preview_page(request, row, plan, MatchForm(plan))


def _preview_page(
    request: HttpRequest, row: ProjectImport, plan: ProjectPlan, form: MatchForm
) -> HttpResponse:
    number, start = page_number(request), (page_number(request) - 1) * SIZE
    codings = [
        {
            "review": coding.match.report.review.reference,
            "report": coding.match.report.key,
            "key": coding.key,
            "words": coding.words,
            "code": coding.code,
            "state": coding.state,
            "how": HOW_PLACED[coding.how],
        }
        for coding in plan.codings[start : start + SIZE]
    ]
    context = {
        "form": form,
        "codings": codings,
        "paging": Paging.of(request, number, total=len(plan.codings), size=SIZE),
        "most": MOST_CODINGS,
        "too_many": len(plan.codings) > MOST_CODINGS,
        "waiting": plan.count("new") + plan.count("changed") + len(plan.judgements),
    }
    report = plan_as_json(plan, row.file_name, stored=False)
    return _report_page(request, row, report, context, form.http_status)


def _report_page(
    request: HttpRequest,
    row: ProjectImport,
    report: dict[str, Any],
    context: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"row": row, "report": report, "done": context is None, **(context or {})}
    return render(request, "coding_exchange/import.html", context, status=status)


def _decide(
    request: HttpRequest, person: User, row: ProjectImport, plan: ProjectPlan
) -> HttpResponse:
    form, now = MatchForm(plan, data=request.POST), timezone.now()
    if form.action == "drop":
        coding.drop_project_import(by=person, row=row, now=now)
        messages.success(request, "Import discarded. Nothing was stored.")
        return redirect("coding-exchange")
    if form.action not in {"choose", "import"}:
        raise RuleError("the form did not say what to do")
    if not form.is_valid():
        return _preview_page(request, row, plan, form)
    before = stored_choices(row)
    choices = replace(before, codes=form.chosen_codes)
    if form.action == "choose" or choices != before:
        # What a person chooses is shown before it is stored.
        coding.change_project_import(by=person, row=row, choices=asdict(choices), now=now)
        if form.action == "import":
            messages.warning(request, "Your choices changed the preview. Check it, then import.")
        return redirect("coding-import", row.key)
    if len(plan.codings) > MOST_CODINGS:
        raise RuleError(f"more than {MOST_CODINGS:,} codings: use the command line")
    done = import_proposed(by=person, row=row, now=now)
    stored = sum(done.report["codings"][state] for state in ("new", "changed"))
    messages.success(request, f"{counted(stored, 'coding')} imported.")
    return redirect("coding-import", row.key)
