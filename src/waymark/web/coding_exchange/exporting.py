"""Export codings: one's own, or those that are settled, in the formats of other programs."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from waymark.accounts.permissions import Person, has_permission, require_account
from waymark.coding import services as coding
from waymark.coding.queries.coded_places import ExportRequest
from waymark.core.errors import RuleError
from waymark.frameworks.queries import framework_or_current, published_frameworks
from waymark.pipeline.coding_exchange import row_files
from waymark.web.shared.fields import CheckField, ChoiceField, LinesField
from waymark.web.shared.forms import SiteForm

FORMATS = (
    ("qdpx", "Project for NVivo, MAXQDA, ATLAS.ti, QualCoder (.qdpx)"),
    ("xlsx", "Excel workbook: codings, codes by review, values (.xlsx)"),
    ("csv", "A row for each coding (.csv)"),
    ("matrix.csv", "Codes by review (.csv)"),
    ("values.csv", "Values of reviews and people (.csv)"),
    ("jsonld", "W3C Web Annotations (.jsonld)"),
)


class ExportForm(SiteForm):
    """What to export."""

    layer = ChoiceField("Codings", missing="Choose which codings.")
    format = ChoiceField("Format", FORMATS, missing="Choose a format.")
    framework = ChoiceField("Framework")
    originals = CheckField(
        "With the original files",
        hint="In a project only: PDF files that are offered for download.",
    )
    reviews = LinesField(
        "Only these reviews (optional)", hint="One reference on each line, such as R01.", rows=2
    )

    def __init__(self, person: Person, **options: Any) -> None:
        super().__init__(**options)
        layers = [("own", "My own")]
        if has_permission(person, "analyse"):
            layers.append(("agreed", "Settled codings, without names"))
        cast(ChoiceField, self.fields["layer"]).choices = layers
        versions = [(str(row), str(row)) for row in published_frameworks()]
        cast(ChoiceField, self.fields["framework"]).choices = [("", "The newest"), *versions]


@require_POST
def export_codings(request: HttpRequest) -> HttpResponse:
    """The file. By POST, because the audit log says who took what."""
    person = require_account(request.user, "code", "export codings")
    form = ExportForm(person, data=request.POST)
    if form.is_valid():
        values, now = form.cleaned_data, timezone.now()
        try:
            export = ExportRequest(
                framework_or_current(values["framework"]),
                person if values["layer"] == "own" else None,
                values["reviews"],
                originals=values["originals"],
            )
            if export.originals and values["format"] != "qdpx":
                raise RuleError("only a project (.qdpx) can contain the original files")
            exported = row_files.export_codings(
                values["format"], person=person, request=export, now=now
            )
        except RuleError as error:
            form.refuse(error)
        else:
            coding.note_export(
                by=person,
                what=f"{export.layer} codings with {export.framework}"
                + (", with original files" if export.originals else ""),
                ending=values["format"],
                codings=exported.codings,
                now=now,
                coder=export.coder,
            )
            answer = HttpResponse(exported.content, content_type=exported.media_type)
            name = f"waymark-{export.layer}-codings.{values['format']}"
            answer["Content-Disposition"] = f'attachment; filename="{name}"'
            return answer
    return render(request, "coding_exchange/export.html", {"form": form}, status=form.http_status)
