"""Base of the forms of the site: one way to read, check and show what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, QueryDict

from waymark.core.wording import as_sentence
from waymark.web.shared.fields import OPTIONAL


class SiteRenderer(DjangoTemplates):
    """The templates of this site for forms and fields."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


@dataclass(frozen=True, slots=True)
class FormProblem:
    """A line of the error summary. target: id of the input it leads to, "" for none."""

    message: str
    target: str


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields under one legend."""

    legend: str
    fields: list[BoundField]


@dataclass(frozen=True, slots=True)
class CurrentValue:
    """A field that someone else changed in the meantime, and its value now."""

    label: str
    value: str


class SiteForm(forms.Form):
    """A form of the site. groups: legend and names of fields of each."""

    default_renderer = SiteRenderer
    use_required_attribute = False
    groups: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "%s", "label_suffix": "", **options})

    @classmethod
    def of(cls, request: HttpRequest, *args: Any, **options: Any) -> Self:
        """The form of a page: bound to what was sent, empty or with initial values before that."""
        if request.method == "POST":
            options |= {"data": request.POST, "files": request.FILES}
        return cls(*args, **options)

    # ---- what was sent ----

    @property
    def action(self) -> str:
        """The value of the button that sent the form."""
        return str(self.data.get("do", ""))

    def put(self, name: str, value: str) -> None:
        """Put another value into a field of a form that was sent."""
        data = QueryDict(mutable=True) if not isinstance(self.data, QueryDict) else self.data.copy()
        data[name] = value
        self.data = data

    def refuse(
        self, reason: Exception | str, field: str | None = None, *, alone: bool = False
    ) -> None:
        """Add an error that a service raised, as a sentence. alone: in place of all others."""
        if alone:
            self.errors.clear()
        self.add_error(field, as_sentence(reason))

    # ---- what is shown ----

    @property
    def problems(self) -> list[FormProblem]:
        """The lines of the error summary, in the order of the form."""
        lines = [FormProblem(str(message), "") for message in self.non_field_errors()]
        for field in self:
            target = field.id_for_label or field.auto_id
            lines += [FormProblem(str(message), target) for message in field.errors]
        return lines

    @property
    def error_prefix(self) -> str:
        """Beginning of the title of a page with errors."""
        return "Error: " if self.errors else ""

    @property
    def http_status(self) -> int:
        """HTTP status of the page."""
        return 400 if self.errors else 200

    @property
    def files_again(self) -> list[str]:
        """Names of the files that a browser does not send a second time."""
        if not self.errors:
            return []
        return [file.name or "" for name in self.files for file in self.files.getlist(name)]

    @property
    def field_groups(self) -> list[FieldGroup]:
        """The visible fields by group; one group without a legend if there are none."""
        if not self.groups:
            return [FieldGroup("", self.visible_fields())]
        return [
            FieldGroup(legend, [self[name] for name in names if name in self.fields])
            for legend, names in self.groups
        ]

    def current_values(
        self, stored: Mapping[str, Any], entered: Mapping[str, Any]
    ) -> list[CurrentValue]:
        """The fields in which the stored values differ from those that were entered."""
        return [
            CurrentValue(str(self[name].label).removesuffix(OPTIONAL), _as_text(value))
            for name, value in stored.items()
            if value != entered[name]
        ]


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "yes" if value else ""
    return "\n".join(map(str, value)) if isinstance(value, tuple) else str(value)
