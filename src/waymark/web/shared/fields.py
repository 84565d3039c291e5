"""Form fields of the site: text without control characters, dates as day, month and year.

Each takes its label first. missing: the message if it is left empty; without one the field is
optional. hint: shown between label and input.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.validators import validate_email

from waymark.web.shared.clean_input import clean_line, clean_lines

OPTIONAL = " (optional)"
LONGEST_TEXT = 20_000
WIDE = 300
"""From so many characters on, a field has the width of a text."""
PLAIN = {"autocomplete": "off"}
CODE = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
"""Attributes of an input for a word that is no word of a language: a key, an address."""
Choices = Sequence[tuple[str, str]] | Callable[[], Sequence[tuple[str, str]]]


class SiteField(forms.Field):
    """Base of all fields. missing: the message without a value; "" for an optional field."""

    roomy = False

    def __init__(self, label: str = "", *, missing: str = "", hint: str = "", **more: Any) -> None:
        self.subject = label.removesuffix(OPTIONAL)
        super().__init__(label=label, help_text=hint, required=bool(missing), **more)
        self.error_messages |= {
            "required": missing,
            "invalid_choice": missing or f"{self.subject}: choose from the list.",
            "max_length": f"{self.subject} must be %(limit_value)d characters or fewer.",
        }

    def tidy(self, text: str) -> str:
        """Typed text without what cannot be stored."""
        return clean_line(text)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Typed text as it is shown again."""
        return self.tidy(data) if isinstance(data, str) else data


class TextField(SiteField, forms.CharField):
    """One line of text. most: characters; attrs: of the input."""

    def __init__(
        self, label: str = "", *, most: int = 300, attrs: Mapping[str, Any] = PLAIN, **more: Any
    ) -> None:
        more.setdefault("widget", forms.TextInput(dict(attrs)))
        super().__init__(label, max_length=most, **more)
        self.roomy = most >= WIDE

    def to_python(self, value: Any) -> Any:
        """The text without control characters; "" for none."""
        return self.tidy(value or "")


class EmailField(TextField):
    """An email address. missing: also the message for what is no address."""

    def __init__(self, label: str, *, missing: str, **more: Any) -> None:
        attrs = {"autocomplete": "email", "spellcheck": "false"}
        super().__init__(
            label,
            missing=missing,
            most=254,
            widget=forms.EmailInput(attrs),
            validators=[validate_email],
            **more,
        )
        self.error_messages["invalid"] = missing


class VerbatimField(SiteField):
    """Text exactly as it was typed, but for its line breaks: a file that people write here."""

    def tidy(self, text: str) -> str:
        """The text with "\n" as line breaks."""
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def to_python(self, value: Any) -> str:
        """The text; "" for none."""
        return self.tidy(value or "")


class PasswordField(SiteField, forms.CharField):
    """A password, exactly as it was typed; never shown again."""

    def __init__(self, label: str, *, kind: str = "current-password", **more: Any) -> None:
        widget = forms.PasswordInput({"autocomplete": kind})
        super().__init__(label, widget=widget, strip=False, max_length=1_000, **more)


class TextAreaField(TextField):
    """Several lines of text. rows: height of the input."""

    def __init__(self, label: str, *, rows: int = 4, most: int = LONGEST_TEXT, **more: Any) -> None:
        super().__init__(label, most=most, widget=forms.Textarea({"rows": rows}), **more)
        self.roomy = True

    def tidy(self, text: str) -> str:
        """The same; line breaks stay."""
        return clean_lines(text)


class ReasonField(TextAreaField):
    """A reason: typed with room for several lines, stored on one."""

    def tidy(self, text: str) -> str:
        """The text on one line."""
        return clean_line(text)


class LinesField(TextAreaField):
    """A list with an item on each line, as a tuple; empty lines are left out. items: the most."""

    def __init__(self, label: str, *, items: int = 0, **more: Any) -> None:
        super().__init__(label, **more)
        self.items = items

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return value if value is None or isinstance(value, str) else "\n".join(value)

    def clean(self, value: Any) -> tuple[str, ...]:
        """The items. Raises ValidationError for too many."""
        text = super().clean(value)
        lines = tuple(line.strip() for line in text.splitlines() if line.strip())
        if self.items and len(lines) > self.items:
            raise forms.ValidationError(f"Enter at most {self.items}, one on each line.")
        return lines


class HiddenField(TextField):
    """A value that the page sends back as it was given: a version, a key."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.HiddenInput(), **more)


class NumberField(SiteField):
    """A number that may have one decimal, as Decimal; None for an empty field."""

    widget = forms.TextInput({**PLAIN, "inputmode": "decimal", "maxlength": 9, "class": "short"})

    def prepare_value(self, value: Any) -> Any:
        """The number without zeros at its end."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        """The number. Raises ValidationError."""
        whole, _, decimals = clean_line(value or "").partition(".")
        if not whole and not decimals:
            return None
        # Decimal() alone would take "NaN", "1e400" and the digits of other scripts.
        if not f"{whole}{decimals}".isascii() or not whole.isdigit() or len(whole) > 6:
            raise forms.ValidationError(f"{self.subject} must be a number, such as 6 or 7.5.")
        if decimals and not (decimals.isdigit() and len(decimals) == 1):
            raise forms.ValidationError(f"{self.subject} must have one decimal at most.")
        return Decimal(f"{whole}.{decimals or 0}")


class CheckField(SiteField, forms.BooleanField):
    """A box to tick; with a message for `missing` it must be ticked."""


class ChoiceField(SiteField, forms.ChoiceField):
    """One of some choices: value and label of each."""

    def __init__(self, label: str, choices: Choices = (), **more: Any) -> None:
        super().__init__(label, choices=choices, **more)


class _OpenSelect(forms.Select):
    def optgroups(
        self, name: str, value: list[str], attrs: dict[str, Any] | None = None
    ) -> list[tuple[str | None, list[dict[str, Any]], int | None]]:
        offered = {str(choice) for choice, _ in self.choices}
        unknown = [(choice, choice) for choice in value if choice not in offered]
        self.choices = [*self.choices, *unknown]
        return super().optgroups(name, value, attrs)


class OpenChoiceField(ChoiceField):
    """A choice in which a value from elsewhere (an import) stays choosable, not lost unseen."""

    widget = _OpenSelect

    def to_python(self, value: Any) -> str:
        """The value without control characters."""
        return clean_line(value or "")

    def valid_value(self, value: Any) -> bool:
        """Any value: the form checks what may be stored."""
        return True


class _RadioInputs(forms.RadioSelect):
    template_name = "forms/radios.html"
    hints: ClassVar[Mapping[str, str]] = {}

    def id_for_label(self, id_: str, index: str | int | None = None) -> str:
        return f"{id_}_{index or 0}" if id_ else ""

    def create_option(self, *args: Any, **options: Any) -> dict[str, Any]:
        option = super().create_option(*args, **options)
        option["attrs"].pop("aria-invalid", None)  # ARIA allows it for the group alone
        return {**option, "wrap_label": False, "hint": self.hints.get(str(option["value"]), "")}


class RadioField(ChoiceField):
    """One of a few choices, all in sight. hints: by value, shown below its choice."""

    def __init__(
        self, label: str, choices: Choices, hints: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        widget = _RadioInputs()
        widget.hints = hints or {}  # type: ignore[misc]
        super().__init__(label, choices, widget=widget, **more)


class _TickInputs(forms.CheckboxSelectMultiple):
    template_name = "forms/radios.html"

    def create_option(self, *args: Any, **options: Any) -> dict[str, Any]:
        return {**super().create_option(*args, **options), "wrap_label": False}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With the headings below which something is ticked."""
        context = super().get_context(name, value, attrs)
        context["widget"]["opened"] = {
            group
            for group, options, _ in context["widget"]["optgroups"]
            if any(option["selected"] for option in options)
        }
        return context


class TicksField(SiteField, forms.MultipleChoiceField):
    """Some of a few choices, each a box to tick; the value is a tuple in their order."""

    widget = _TickInputs

    def __init__(self, label: str, choices: Choices, **more: Any) -> None:
        super().__init__(label, choices=choices, **more)

    def clean(self, value: Any) -> tuple[str, ...]:
        """The chosen values."""
        return tuple(super().clean(value))


# ---- dates ----


class DateInputs(forms.MultiWidget):
    """Inputs for day, month and year: NAME_day, NAME_month, NAME_year."""

    template_name = "forms/date.html"
    use_fieldset = True
    PARTS: ClassVar = {"day": 2, "month": 2, "year": 4}

    def __init__(self) -> None:
        super().__init__(
            {
                part: forms.TextInput({**PLAIN, "inputmode": "numeric", "maxlength": length})
                for part, length in self.PARTS.items()
            }
        )

    def decompress(self, value: date | int | None) -> list[str]:
        """The parts of a date; a year alone leaves day and month empty."""
        if isinstance(value, date):
            return [str(value.day), str(value.month), str(value.year)]
        return ["", "", str(value or "")]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With the label of each input."""
        context = super().get_context(name, value, attrs)
        for part, inner in zip(self.PARTS, context["widget"]["subwidgets"], strict=True):
            inner["label"] = part.capitalize()
        return context

    def id_for_label(self, id_: str, index: str | int | None = None) -> str:
        """The first input, so that an error can lead to it."""
        return f"{id_}_0" if id_ else ""


class DateField(SiteField):
    """A date; None for an empty one. year_alone: a year without day and month is an int."""

    widget = DateInputs

    def __init__(self, label: str, *, year_alone: bool = False, **more: Any) -> None:
        super().__init__(label, **more)
        self.year_alone = year_alone

    def bound_data(self, data: Any, initial: Any) -> list[str]:
        """The typed parts as they are shown again."""
        return [clean_line(part or "") for part in data]

    def to_python(self, value: Any) -> date | int | None:
        """The date. Raises ValidationError."""
        texts = self.bound_data(value or ["", "", ""], None)
        parts = dict(zip(DateInputs.PARTS, texts, strict=True))
        missing = [name for name, part in parts.items() if not part]
        if len(missing) == len(parts):
            return None
        # "", "", "2013" is the year 2013 where a year is enough; "24", "", "2013" is a mistake
        # everywhere.
        alone = self.year_alone and missing == ["day", "month"]
        if missing and not alone:
            raise forms.ValidationError(f"{self.subject} must include a {' and a '.join(missing)}.")
        try:
            return _year(parts["year"]) if alone else _date(**parts)
        except ValueError:
            example = "such as 24 1 2013" + (", or a year" if self.year_alone else "")
            raise forms.ValidationError(f"{self.subject} must be a real date, {example}.") from None


def _year(text: str) -> int:
    """The year of four typed digits. Raises ValueError."""
    # int() alone would take "+13", "1_3" and the digits of other scripts.
    if not (text.isascii() and text.isdigit() and len(text) == len("2013")):
        raise ValueError(text)
    return date(int(text), 1, 1).year  # there is no year 0


def _date(day: str, month: str, year: str) -> date:
    """The date of three typed numbers. Raises ValueError."""
    # date() alone would raise OverflowError for a day of twenty digits.
    digits = f"{day}{month}"
    if not (digits.isascii() and digits.isdigit() and max(len(day), len(month)) <= 2):
        raise ValueError(day)
    return date(_year(year), int(month), int(day))


# ---- files ----


class _FileInputs(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name, [])


class FilesField(SiteField, forms.FileField):
    """Several files, as a list; what their contents and sizes may be is checked by the form."""

    def __init__(self, label: str, *, accept: str = "", multiple: bool = True, **more: Any) -> None:
        # A form gets a list even of one file. False leaves an attribute out.
        attrs = {"accept": accept or False, "multiple": multiple}
        super().__init__(label, widget=_FileInputs(attrs), **more)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files in the order of the request. Raises ValidationError if none came."""
        files = [file for file in data or [] if file]
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"])
        return files
