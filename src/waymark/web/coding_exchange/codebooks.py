"""Codebooks of REFI-QDA: a framework as one, and one as a draft framework."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import has_permission, require_permission
from waymark.core.errors import FileRefused, WaymarkError
from waymark.documents.files.uploads import IncomingFile
from waymark.frameworks.queries import framework_called, framework_for, published_frameworks
from waymark.pipeline.coding_exchange import frameworks
from waymark.pipeline.coding_exchange.uploads import read_uploaded
from waymark.web.coding_exchange.received import largest_bytes, received_path
from waymark.web.shared.fields import CODE, ChoiceField, FilesField, TextField
from waymark.web.shared.file_answers import file_answer
from waymark.web.shared.upload_limits import MIB, SizeLimit, UploadForm


class CodebookForm(UploadForm):
    """A codebook or project, and the name of the framework made of its codes."""

    file = FilesField("Codebook (.qdc) or project (.qdpx)", multiple=False)
    name = TextField(
        "Name of the new framework",
        missing="Enter a name, such as my-codes.",
        hint="Lower-case letters, digits and hyphens, such as my-codes.",
        most=60,
        attrs=CODE,
    )
    title = TextField("Title (optional)", most=200)
    extend = ChoiceField("Add the codes to")

    def __init__(self, limit: SizeLimit | None = None, **options: Any) -> None:
        super().__init__(limit, **options)
        versions = [(str(row), str(row)) for row in published_frameworks()]
        cast(ChoiceField, self.fields["extend"]).choices = [
            ("", "Nothing: only these codes"),
            *versions,
        ]

    def clean_file(self) -> IncomingFile:
        """The file."""
        return self.received("file", too_large="The file is too large: use the command line.")[0]


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def import_codebook(request: HttpRequest) -> HttpResponse:
    """Store the codes of a file as a draft framework."""
    require_permission(request.user, "load frameworks")
    limit = SizeLimit(request, largest=largest_bytes(), together=largest_bytes() + MIB)
    request.upload_handlers.insert(0, limit)
    return _receive_codebook(request, limit)


@csrf_protect
def _receive_codebook(request: HttpRequest, limit: SizeLimit) -> HttpResponse:
    form = CodebookForm.of(request, limit)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            with received_path(values["file"]) as path:
                project = read_uploaded(path, values["file"].name or "codes.qdc")
            done = frameworks.import_codebook(
                by=request.user,
                project=project,
                name=values["name"],
                title=values["title"],
                base=framework_called(values["extend"]) if values["extend"] else None,
                now=timezone.now(),
            )
        except FileRefused as refused:
            form.refuse(f"{refused.file} {refused.reason}. {refused.remedy}", "file")
        except WaymarkError as error:
            form.refuse(error, "name")
        else:
            lost = f" Not imported: {', '.join(done.losses)}." if done.losses else ""
            messages.success(
                request,
                f"{done.framework} is a draft with {done.codes} imported codes.{lost} Publish it "
                "on the server: waymark framework load --publish.",
            )
            return redirect(
                "coding-exchange" if has_permission(request.user, "code") else "my-work"
            )
    return render(request, "coding_exchange/codebook.html", {"form": form}, status=form.http_status)


@require_safe
def codebook_file(request: HttpRequest, name: str, version: str) -> HttpResponseBase:
    """A published framework as a codebook."""
    framework = framework_for(name, version)
    exported = frameworks.export_codebook(framework)
    file = f"{name}-{version}.qdc"
    return file_answer(request, exported.content, name=file, media_type="application/xml")
