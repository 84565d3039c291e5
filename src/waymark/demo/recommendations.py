"""What became of the recommendations of one board of the demo: bodies, addressees, ledgers.

The demo shows the position on one day (progress_shown_on); what the sources tell of later days is
left out, as it is in the overview.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from waymark.accounts.audit import serialized
from waymark.accounts.models import User
from waymark.bodies import services as bodies
from waymark.bodies.models import Body, BodyKind, BodyName, SuccessionKind
from waymark.bodies.services import BodyAbout
from waymark.core.yaml_file import load_yaml
from waymark.documents.models import Review
from waymark.recommendations import services
from waymark.recommendations.models import Addressee
from waymark.recommendations.services import NewEntry

FILE = "recommendation-story.yaml"
AREA, SELF, TRUST, EDUCATION = "area", "committee", "trust", "education"
KINDS = {
    "trust": BodyKind.HEALTH,
    "police": BodyKind.POLICE,
    "education": BodyKind.EDUCATION,
    "department": BodyKind.GOVERNMENT,
}
ANSWERS = {"not_accepted": "rejected"}
ENTRIES = {"letter": "reminded", "listed": "listed"}
SCHEME = "nir-cmr"
CONTACT = "recommendations@library-board.example"
"""Address by which a body of the story enters *Our recommendations*; nothing reaches it."""


class FollowUpStory:
    """The story as it is in the sources."""

    def __init__(self, place: Path) -> None:
        values, _ = load_yaml((place / "services" / FILE).read_text("utf-8"), file=FILE)
        self.values: dict[str, Any] = values
        self.shown_on: date = values["progress_shown_on"]
        self.names = {row["key"]: row["name"] for row in values["addressees"]}

    def recommendations(self) -> Iterator[dict[str, Any]]:
        """The recommendations, each with what had happened by the day that is shown."""
        for row in self.values["recommendations"]:
            events = [event for event in row["events"] if event["on"] <= self.shown_on]
            yield row | {"events": events}

    def reports(self) -> dict[tuple[str, int], list[dict[str, Any]]]:
        """Review and number -> events in which a status was reported, the latest last."""
        return {
            (row["review"], row["number"]): sorted(
                (event for event in row["events"] if "status" in event),
                key=lambda event: event["on"],
            )
            for row in self.recommendations()
        }


def tell_story(story: FollowUpStory, by: User, now: datetime) -> None:
    """Record bodies, addressees and ledgers, as far as they are not recorded yet."""
    made = _bodies(story, by, now)
    # Nothing that this body was asked is late, so the worker does not remind it.
    if not made[EDUCATION].contacts.exists():
        services.add_contact(by=by, body=made[EDUCATION], address=CONTACT, now=now)
    for row in story.recommendations():
        _serve(story, row, made, by, now)


@serialized
def _bodies(story: FollowUpStory, by: User, now: datetime) -> Mapping[str, Body]:
    """Key of the story -> body."""
    bodies.add_bodies_of_reviews(by=by, now=now)
    board = Review.objects.get(reference=next(story.recommendations())["review"]).board
    made = {AREA: BodyName.objects.get(name=board).body}
    made[SELF] = made[AREA]
    for row in story.values["bodies"]:
        if row["key"] != AREA:
            made[row["key"]] = _body(row["name"], BodyKind.BOARD, by, now, row)
    for row in story.values["addressees"]:
        if row["key"] in KINDS:
            made[row["key"]] = _body(row["name"], KINDS[row["key"]], by, now, {})
    followers = [row for row in story.values["bodies"] if row["key"] != AREA]
    earlier = made[AREA]
    for row in followers:
        later = made[row["key"]]
        bodies.add_succession(
            by=by,
            earlier=earlier,
            later=later,
            kind=SuccessionKind.REPLACED,
            on=row["starts"],
            now=now,
        )
        earlier = later
    return made


def _body(name: str, kind: str, by: User, now: datetime, row: Mapping[str, Any]) -> Body:
    known = BodyName.objects.select_related("body").filter(name=name).first()
    if known is not None:
        return known.body
    about = BodyAbout(
        name,
        kind,
        "Northern Ireland",
        row.get("starts"),
        row.get("ends"),
        row.get("took_over", ""),
        listed=True,
    )
    return bodies.add_body(by=by, about=about, now=now)


@serialized
def _serve(
    story: FollowUpStory, row: dict[str, Any], made: Mapping[str, Body], by: User, now: datetime
) -> None:
    """Serve one recommendation, and record what those who were asked did."""
    review = Review.objects.get(reference=row["review"])
    if Addressee.objects.filter(review=review, number=row["number"]).exists():
        return
    addressees: dict[str, Addressee] = {}
    for served in row["served"]:
        key = served["to"]
        # A post or service of the Trust is asked in its own words; its record is the Trust's.
        body = made[TRUST] if key.startswith(TRUST) else made[key]
        addressees[key] = services.add_addressee(
            by=by,
            review=review,
            number=row["number"],
            words=story.names[key],
            body=body,
            scheme=SCHEME,
            now=now,
        )
        notified = NewEntry("notified", served["on"], "letter", text=served.get("late_because", ""))
        _enter(addressees[key], notified, by, now)
    for response in row["responses"]:
        answer = ANSWERS.get(response["answer"], response["answer"])
        entry = NewEntry("answered", response["on"], "", answer, response.get("text", ""))
        _enter(addressees[response["from"]], entry, by, now)
    _tell_events(row, addressees, by, now)


def _tell_events(
    row: dict[str, Any], asked: Mapping[str, Addressee], by: User, now: datetime
) -> None:
    first = next(iter(asked.values()))
    reports = [event for event in row["events"] if "status" in event]
    for event in row["events"]:
        entry = NewEntry(ENTRIES.get(event["kind"], "note"), event["on"], text=event["text"])
        _enter(first, entry, by, now)
        # The last report is that of progress.yaml, which is recorded with the others.
        if event in reports[:-1]:
            services.record_progress(
                by=by,
                review=first.review,
                number=row["number"],
                status=event["status"],
                impact=event["impact"],
                due=row.get("due"),
                evidence=event.get("evidence", ""),
                reported_on=event["on"],
                verified=True if event["kind"] == "audit" else None,
                now=now,
            )


def _enter(addressee: Addressee, entry: NewEntry, by: User, now: datetime) -> None:
    services.record_entry_of(by=by, addressee=addressee, entry=entry, now=now)
