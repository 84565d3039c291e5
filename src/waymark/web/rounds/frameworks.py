"""Staff pages of framework versions: make the next one, compare, publish, queue re-coding.

And the page on which a coder decides again what a new version split.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import has_permission, require_account, require_permission
from waymark.coding.assignments import assignment_of
from waymark.core.errors import NotFound, RuleError, SpecError, require_found
from waymark.core.wording import as_sentence, counted
from waymark.documents.queries.reader import reports_of, review_for
from waymark.frameworks import services
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of, framework_for, published_frameworks
from waymark.frameworks.revision import code_changes, codes_csv, next_version, read_code_lines
from waymark.pipeline.coding import recoding
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import ChoiceField, FilesField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList

LOAD = "load frameworks"
CHANGE = ["GET", "HEAD", "POST"]
MOST_BYTES = 2_000_000
VERSIONS = StaffList(
    "framework version",
    "framework versions",
    search=("name", "version", "title"),
    columns=(
        ListColumn("Framework", "name", ("name", "pk")),
        ListColumn("Title", "title", ("title",)),
        ListColumn("Published", "published", ("published_at",), falling=True, empty_last=True),
    ),
    order="name",
)


@require_safe
def version_list(request: HttpRequest) -> HttpResponse:
    """All versions of all frameworks, drafts too."""
    require_permission(request.user, LOAD)
    view = VERSIONS.view(request, Framework.objects.all())
    return render(request, "rounds/frameworks.html", {"list": view})


class NextVersionForm(SiteForm):
    """The next version of a framework, from a file."""

    base = ChoiceField("Version to change", missing="Choose the version to change.")
    version = TextField(
        "Number of the next version", missing="Enter a number such as 1.1.0.", most=20
    )
    file = FilesField(
        "File", missing="Choose a file.", hint="A table of codes (CSV) or a whole framework (YAML)."
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        labels = [(str(row), str(row)) for row in published_frameworks()]
        self.fields["base"].choices = labels  # type: ignore[attr-defined]

    @property
    def text(self) -> str:
        """The text of the file. Raises RuleError for a file that is no text in UTF-8."""
        (file,) = self.cleaned_data["file"][:1]
        content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise RuleError(f"{file.name} is larger than 2 MB: a framework is smaller")
        try:
            return str(content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise RuleError(f"{file.name} is not text in UTF-8: save it again as such") from error


@require_http_methods(CHANGE)
def next_framework(request: HttpRequest) -> HttpResponse:
    """Make a draft of the next version from a table of codes or a whole framework."""
    require_permission(request.user, LOAD)
    form = NextVersionForm.of(request)
    if request.method == "POST" and form.is_valid():
        try:
            draft = _load(request, form)
        except SpecError as error:
            for line in str(error).splitlines()[:20]:
                form.refuse(line)
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Draft stored. Compare it, then publish it.")
            return redirect("framework-version", draft.name, draft.version)
    return render(request, "rounds/next_framework.html", {"form": form}, status=form.http_status)


def _load(request: HttpRequest, form: NextVersionForm) -> Framework:
    name, _, version = form.cleaned_data["base"].partition(" ")
    base = framework_for(name, version)
    file, text = form.cleaned_data["file"][0].name, form.text
    if not file.lower().endswith((".yaml", ".yml")):
        lines = read_code_lines(text, file=file)
        text = next_version(file_of(base), base.source, lines, version=form.cleaned_data["version"])
    return services.load_framework(by=request.user, source=text, file=file, now=timezone.now())


@require_http_methods(CHANGE)
def framework_version(request: HttpRequest, name: str, version: str) -> HttpResponse:
    """A version beside the one before: what changed; publish it (do=publish), queue re-coding."""
    require_permission(request.user, LOAD)
    rows = Framework.objects.filter(name=name, version=version)
    framework = require_found(rows.first(), f"there is no framework {name} {version}")
    if request.method == "POST":
        return _act(request, framework)
    before = recoding.version_before(framework)
    changes = code_changes(file_of(before), file_of(framework)) if before else []
    context = {
        "framework": framework,
        "before": before,
        "changes": changes,
        "to_recode": recoding.reviews_to_recode(framework) if framework.published_at else {},
        "may_queue": has_permission(request.user, "adjudicate"),
        "mapping": file_of(framework).mapping,
    }
    return render(request, "rounds/framework.html", context)


def _act(request: HttpRequest, framework: Framework) -> HttpResponse:
    now = timezone.now()
    try:
        if request.POST.get("do") == "publish":
            services.publish_framework(by=request.user, framework=framework, now=now)
            messages.success(request, f"{framework} is published. It can no longer be changed.")
        elif request.POST.get("do") == "queue":
            number = recoding.queue_recoding(by=request.user, framework=framework, now=now)
            messages.success(request, f"Queued for the coders: {counted(number, 'review')}.")
    except RuleError as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return redirect("framework-version", framework.name, framework.version)


@require_safe
def codes_file(request: HttpRequest, name: str, version: str) -> HttpResponse:
    """The codes of a published version as CSV, from which the next version is made."""
    require_permission(request.user, LOAD)
    content = codes_csv(file_of(framework_for(name, version))).encode("utf-8-sig")
    headers = {"Content-Disposition": f'attachment; filename="{name}-{version}-codes.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


@require_http_methods(CHANGE)
def recode(request: HttpRequest, reference: str, name: str, version: str) -> HttpResponse:
    """A coder decides again what was split, and takes over the rest of their own work."""
    coder = require_account(request.user, "code", "code again")
    now = timezone.now()
    review, framework = review_for(reference, coder, now), framework_for(name, version)
    try:
        assignment = assignment_of(coder, review, framework)
    except RuleError as error:
        raise NotFound(str(error)) from error
    if not reports_of(review, coder, now):
        raise NotFound(f"{reference} has no report that you may see")
    problem = ""
    if request.method == "POST":
        about: dict[str, Any] = {"by": coder, "review": review, "framework": framework, "now": now}
        try:
            if request.POST.get("do") == "carry":
                codings, judgements = recoding.carry_over(**about)
                carried = f"{counted(codings, 'coding')} and {counted(judgements, 'answer')}"
                messages.success(request, f"Taken over: {carried} of yours.")
            else:
                item = whole_number(request.POST.get("item", "")) or 0
                codes = request.POST.getlist("code")
                recoding.decide_split(earlier=item, codes=codes, **about)
                messages.success(request, "Saved.")
        except RuleError as error:
            problem = as_sentence(error)
        else:
            return redirect("recode", reference, name, version)
    items = recoding.recoding_items(assignment, now)
    context = {
        "assignment": assignment,
        "items": items,
        "open": sum(not item.decided for item in items),
        "before": recoding.version_before(framework),
        "problem": problem,
    }
    return render(request, "rounds/recode.html", context, status=400 if problem else 200)
