"""The steps of an overview from its reviews to its edition, and what comes next."""

from dataclasses import dataclass

from django.urls import reverse

from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission
from waymark.publishing.queries.in_progress import NEEDS, OverviewInProgress

STEPS = (
    ("reviews", "Choose reviews", "overview-reviews", "analyse"),
    ("tables", "Tables", "overview-tables", "analyse"),
    ("small-numbers", "Small numbers", "decide", "decide on disclosure"),
    ("freeze", "Freeze", "overview-freeze", "analyse"),
    ("write", "Write", "writing", "write overviews"),
    ("draft", "Read draft", "draft", "write overviews"),
    ("sign", "Sign", "sign-report", "write overviews"),
    ("publish", "Publish", "sign-report", "publish overviews"),
)
"""Name, label, page, and the permission to do it."""
NEED_ROWS = frozenset({"draft", "sign", "publish"})
"""Steps that have no page before anything is frozen."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step. url: "" if the person cannot open its page, or nobody can yet."""

    name: str
    label: str
    url: str
    done: bool
    current: bool


@dataclass(frozen=True, slots=True)
class NextAction:
    """What comes next. url: "" where somebody else does it, or on its own page."""

    label: str
    url: str = ""


def steps_of(overview: OverviewInProgress, person: User, current: str) -> list[Step]:
    """All steps in order. current: the name of the one on the page, or "check", a part of one."""
    done, current = _steps_done(overview), "small-numbers" if current == "check" else current
    return [
        Step(name, label, _url_of(overview, person, name), name in done, name == current)
        for name, label, _, _ in STEPS
    ]


def _steps_done(overview: OverviewInProgress) -> frozenset[str]:
    frozen = overview.is_frozen
    signed = frozen and (overview.is_signed or overview.is_published)
    states = {
        "reviews": True,
        "tables": frozen,
        "small-numbers": overview.is_decided and not overview.blocking_check,
        "freeze": frozen,
        "write": overview.is_written,
        # Who signs has read: nobody else has to say so.
        "draft": frozen and (signed or bool(overview.signed)),
        "sign": signed,
        "publish": overview.is_published,
    }
    return frozenset(name for name, done in states.items() if done)


def _url_of(overview: OverviewInProgress, person: User, name: str) -> str:
    page, permission = next((page, need) for step, _, page, need in STEPS if step == name)
    closed = name in NEED_ROWS and overview.status.snapshot is None
    if closed or not has_permission(person, permission):
        return ""
    place = "#publish" if name == "publish" else ""
    return f"{reverse(page, args=[overview.status.overview.slug])}{place}"


def _check_address(overview: OverviewInProgress, person: User) -> str:
    if not has_permission(person, "analyse"):
        return ""
    return f"{reverse('check-tables', args=[overview.status.overview.slug])}#check"


def next_action(overview: OverviewInProgress, person: User, current: str) -> NextAction:
    """The one thing to do next, by this person or another."""
    step, label, waiting = _next_step(overview, person)
    if step == "read":
        return NextAction(label, reverse("overview", args=[overview.status.overview.slug]))
    if step == "confirm":
        url = _url_of(overview, person, "draft")
        return NextAction(label, f"{url}#carried") if url else NextAction(waiting)
    if step == "check":
        url = _check_address(overview, person)
        # The page of the check has the remedies itself.
        return NextAction(label if url else waiting, "" if current == "check" else url)
    url = _url_of(overview, person, step)
    # Who reads the draft signs next: the draft leads to signing, all other pages to the draft.
    if step == "sign" and overview.awaits_person and current not in {"draft", "sign"}:
        step, label, url = "draft", "Read the draft", _url_of(overview, person, "draft")
    if not url or (step == "sign" and not overview.awaits_person):
        return NextAction(waiting)
    here = step == current or (step == "publish" and current == "sign")
    return NextAction(label, "" if here else url)


def _next_step(overview: OverviewInProgress, person: User) -> tuple[str, str, str]:
    """Name of the step, what to do, and what to say to those who cannot do it."""
    if not overview.is_decided:
        waiting = "an analyst or editor records the decision on small numbers."
        return "small-numbers", "Record the decision on small numbers", waiting
    if overview.blocking_check == "failed":
        waiting = "an analyst changes the tables that cannot be shown."
        return "check", "See which tables cannot be shown, and change them", waiting
    if not overview.is_frozen:
        return "freeze", "Freeze the numbers", "an analyst freezes the numbers."
    if number := overview.texts_to_confirm:
        label = f"Read and confirm {number} text{'' if number == 1 else 's'} carried over"
        return "confirm", label, "an analyst or editor confirms the texts carried over."
    if not overview.is_written:
        return "write", "Write the chapters", "an analyst or editor writes the chapters."
    if overview.is_published:
        return "read", "Read the published overview", ""
    if overview.is_signed:
        return "publish", "Publish the next edition", "an editor publishes the next edition."
    signed = {signature.capacity for signature in overview.signed}
    missing = [f"an {name}" for name in NEEDS if name not in signed]
    waiting = f"{' and '.join(missing)} must sign; each person signs once."
    return "sign", "Sign", waiting
