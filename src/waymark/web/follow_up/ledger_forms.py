"""The forms in which staff and bodies enter what happened to a recommendation."""

from typing import Any

from waymark.bodies.models import Body
from waymark.bodies.queries import body_called
from waymark.recommendations.models import Answer, EntryKind, ProgressImpact, ProgressStatus
from waymark.recommendations.response_schemes import response_schemes
from waymark.recommendations.services import NewAction, NewEntry, NewProgress
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import (
    ChoiceField,
    DateField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.forms import SiteForm

NO_ANSWER = ("", "Not an answer")
VERIFIED = (("", "Not checked by others"), ("yes", "Verified"), ("no", "Checked, not confirmed"))


def number_in(form: SiteForm, name: str) -> int:
    """The number of a row that the page put into a select beside a form; 0 for none."""
    return whole_number(str(form.data.get(f"{form.prefix}-{name}", ""))) or 0


class AddresseeForm(SiteForm):
    """Who is asked to act, and by which rule the answer is due."""

    words = TextField(
        "Who is asked to act",
        missing="Enter who is asked to act.",
        hint="As the report says.",
        most=200,
    )
    scheme = ChoiceField("Rule of the answer (optional)", ())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, prefix="addressee", **options)
        schemes = response_schemes().schemes
        self.fields["scheme"].choices = [  # type: ignore[attr-defined]
            ("", "None: by age"),
            *((scheme.key, f"{scheme.nation}: {scheme.name}") for scheme in schemes),
        ]

    @property
    def body(self) -> Body | None:
        """The body that has these words as a name."""
        return body_called(self.cleaned_data["words"])


class EntryForm(SiteForm):
    """What happened. The answer is of an answer alone, the level of an escalation."""

    kind = ChoiceField("What happened", EntryKind.choices, missing="Choose what happened.")
    on = DateField("On", missing="Enter the day.")
    how = TextField("How (optional)", hint="Letter, email, meeting.", most=100)
    answer = ChoiceField("Answer", (NO_ANSWER, *Answer.choices))
    level = ChoiceField("Level of escalation", (("", "None"), ("1", "1"), ("2", "2"), ("3", "3")))
    text = TextAreaField("In words, or the reason (optional)", most=5_000, rows=3)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"prefix": "entry", **options})

    @property
    def entry(self) -> NewEntry:
        """The entry."""
        values = self.cleaned_data
        level = int(values["level"]) if values.get("level") else None
        return NewEntry(
            values["kind"],
            values["on"],
            values.get("how", ""),
            values["answer"],
            values["text"],
            level,
        )


class ProgressForm(SiteForm):
    """Progress. verified, judged_by: for staff alone."""

    status = ChoiceField("Status", ProgressStatus.choices, missing="Choose the status.")
    impact = ChoiceField("What changed", ProgressImpact.choices, missing="Choose what changed.")
    reported_on = DateField("Reported on", missing="Enter the day of the report.")
    due = DateField("Due (optional)")
    evidence = TextAreaField("Evidence (optional)", most=5_000, rows=3)
    evidence_on = DateField("Evidence observed on (optional)")
    verified = ChoiceField("Verification", VERIFIED)
    judged_by = TextField("Judged by (optional)", hint="Such as: audit by the board.", most=200)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"prefix": "progress", **options})

    @property
    def progress(self) -> NewProgress:
        """The progress."""
        values = dict(self.cleaned_data)
        values["verified"] = {"yes": True, "no": False}.get(values.pop("verified", ""))
        return NewProgress(**values)


class ActionForm(SiteForm):
    """What will be done."""

    text = TextAreaField("Action", missing="Enter what will be done.", most=5_000, rows=2)
    owner = TextField("Who does it (optional)", hint="A post, not a name.", most=200)
    due = DateField("Due (optional)")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"prefix": "action", **options})

    @property
    def new_action(self) -> NewAction:
        """The action."""
        values = self.cleaned_data
        return NewAction(values["text"], values["owner"], values["due"])


class DoneForm(SiteForm):
    """That an action is done."""

    done_on = DateField("Done on", missing="Enter the day.")
    evidence = TextAreaField("Evidence (optional)", most=5_000, rows=2)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"prefix": "done", **options})


OWN_KINDS = (
    (EntryKind.ACKNOWLEDGED.value, "We have received it"),
    (EntryKind.ANSWERED.value, "Our answer"),
    (EntryKind.NOTE.value, "A note"),
)


class OwnEntryForm(EntryForm):
    """What a body says of itself."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = OWN_KINDS  # type: ignore[attr-defined]
        for name in ("how", "level"):
            del self.fields[name]


class OwnProgressForm(ProgressForm):
    """What a body reports of its own progress."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("verified", "judged_by"):
            del self.fields[name]


class OwnActionForm(ActionForm):
    """What a body will do."""
