"""Save a version of a specification from a form that changes a part of it."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from waymark import pipeline
from waymark.accounts.models import User
from waymark.core.errors import ConcurrentChange, NotFound, RuleError, SpecError
from waymark.overview.queries.spec_versions import overview_state
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import HiddenField
from waymark.web.shared.forms import SiteForm


class SeenForm(SiteForm):
    """A form about one version of a specification. seen: its number."""

    seen = HiddenField()

    @property
    def version_seen(self) -> int:
        """The number of the version that was on the page. Raises RuleError for none."""
        number = whole_number(self.cleaned_data.get("seen", ""))
        if number is None:
            raise RuleError("the form did not say which version was changed: open the page again")
        return number


def save_spec(
    request: HttpRequest,
    person: User,
    slug: str,
    spec: str,
    form: SeenForm,
    place: Callable[[SpecError], None] | None = None,
) -> bool:
    """Save a version and say so; False, with the reasons in the form, if it was refused.

    place: puts the faults of the specification beside their fields; by default by their names.
    """
    before = overview_state(slug, person).version.number
    try:
        pipeline.save_overview(
            by=person, slug=slug, spec=spec, seen=form.version_seen, now=timezone.now()
        )
    except ConcurrentChange as error:
        form.refuse(
            f"{error}. Your changes are still in the form. Open the page again in another tab"
            " to see the other version, then save yours there."
        )
    except SpecError as error:
        (place or partial(place_faults, form))(error)
    except (RuleError, NotFound) as error:
        form.refuse(error)
    if form.errors:
        return False
    after = overview_state(slug, person).version.number
    saved = f"Version {after} is saved." if after != before else "No changes to save."
    messages.success(request, saved)
    return True


def place_faults(form: SiteForm, error: SpecError) -> None:
    """Put each fault beside the field that it names; the others above the form."""
    for fault in error.faults:
        name, _, message = fault.message.partition(": ")
        if name in form.fields:
            form.refuse(f"{form.fields[name].label}: {message}", name)
        else:
            form.refuse(fault.message)
