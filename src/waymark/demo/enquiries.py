"""Enquiries of the demo: asked and answered by the same services as real ones, of nobody."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from waymark.accounts.models import State, User
from waymark.core.errors import FileFault, SpecError
from waymark.core.uk_time import uk_date
from waymark.core.yaml_file import load_yaml
from waymark.demo.labelled_passages import labelled_passages
from waymark.enquiries.citation_marks import CitationMark
from waymark.enquiries.models import (
    Enquiry,
    EnquiryKind,
    EnquiryState,
    LiteratureSearch,
    PublishedAnswer,
)
from waymark.enquiries.services import (
    NewEnquiry,
    SearchDescription,
    TypedLine,
    choose_record,
    describe_search,
    finish_search,
    log_call,
    run_source,
    save_lines,
    send_answer,
    start_search,
    take_enquiry,
)
from waymark.enquiries.services.asking import subject_of
from waymark.library.models import Resource
from waymark.pipeline.publishing.published_answers import publish_answer, write_answer

FILE = "enquiries.yaml"
NUMBER = 6
"""Enquiries in the file."""
KINDS = {"reference-and-figure": EnquiryKind.REFERENCES, "search-strategy": EnquiryKind.SEARCH}
CALLS = frozenset({"killed-and-known", "my-son-is-in-your-library"})
"""Enquiries of people who called."""
NO_PAGE = "progress"
"""Numbers that the sources count and that no page of their own shows."""


def are_answered() -> bool:
    """True if the enquiries of the demo were answered, also if a visitor has reopened one, and one
    of them for everyone, also if somebody withdrew that.
    """
    answered = Enquiry.objects.filter(answered_at__isnull=False).count()
    return answered >= NUMBER and PublishedAnswer.objects.exists()


def answer_enquiries(place: Path, by: User, overview: str) -> None:
    """Ask and answer what is not answered yet. overview: whose tables are cited.

    Raises SpecError for a citation that names nothing.
    """
    values, _ = load_yaml((place / "services" / FILE).read_text("utf-8"), file=FILE)
    marks = _CitedPlaces(overview)
    for entry in values["enquiries"]:
        enquiry = _asked(entry, by)
        if enquiry.answered_at is None:
            last = enquiry.messages.last()
            report = _finished_search(enquiry, entry, by)
            send_answer(
                by=by,
                enquiry=enquiry,
                text="\n\n".join(_paragraphs(entry, marks)),
                state=EnquiryState.ANSWERED,
                seen=last.pk if last else 0,
                now=timezone.now(),
                report=report,
            )


def publish_answers(place: Path, *, author: User, editor: User, overview: str) -> None:
    """Publish the answers for everyone, each written by one person and approved by another.

    overview: whose tables are cited. Raises SpecError for a citation that names nothing.
    """
    values, _ = load_yaml((place / "services" / FILE).read_text("utf-8"), file=FILE)
    marks = _CitedPlaces(overview)
    for entry in values["enquiries"]:
        enquiry = Enquiry.objects.filter(subject=subject_of(entry["question"])).first()
        if (public := entry.get("for_everyone")) is None or enquiry is None:
            continue
        answer = enquiry.published_answers.first() or write_answer(
            by=author,
            question=public["question"],
            text="\n\n".join(_paragraphs(public, marks)),
            subjects=entry["subjects"],
            enquiry=enquiry,
            now=timezone.now(),
        )
        if answer.approved_at is None and answer.resource.state != State.WITHDRAWN:
            publish_answer(by=editor, answer=answer, seen=answer.mark, now=timezone.now())


def _asked(entry: dict[str, Any], by: User) -> Enquiry:
    """The enquiry of an entry, asked now if it was not before."""
    known = Enquiry.objects.filter(subject=subject_of(entry["question"])).first()
    asked = NewEnquiry(
        kind=KINDS.get(entry["key"], EnquiryKind.QUESTION),
        text=entry["question"],
        name=entry["asker"],
    )
    if known is None and entry["key"] in CALLS:
        known = log_call(by=by, asked=asked, now=timezone.now())
    return known or take_enquiry(
        by=AnonymousUser(), asked=asked, network="demo", now=timezone.now()
    )


def _finished_search(enquiry: Enquiry, entry: dict[str, Any], by: User) -> LiteratureSearch | None:
    """The literature search of an entry with a strategy, finished; continued if it was begun."""
    strategy = entry.get("strategy")
    if strategy is None:
        return None
    now, question = timezone.now(), entry["question"]
    search = enquiry.searches.first() or start_search(
        by=by, enquiry=enquiry, title=strategy["title"], question=question, now=now
    )
    if search.finished_at is not None:
        return search
    description = SearchDescription(
        title=strategy["title"],
        question=question,
        parts=tuple(strategy["parts"].items()),
        years_from=strategy["limits"]["from_year"],
        languages=strategy["limits"]["languages"],
        nations=strategy["limits"]["nations"],
        include=strategy["include"],
        exclude=strategy["exclude"],
        summary=strategy["summary"],
    )
    describe_search(by=by, search=search, description=description, version=search.version, now=now)
    source = search.sources.get(is_library=True)
    lines = [TypedLine(text) for text in (*strategy["strings"], strategy["combined"])]
    save_lines(by=by, source=source, lines=lines, on=uk_date(now), now=now)
    run_source(by=by, source=source, now=now)
    for key, note in strategy["results"].items():
        choose_record(by=by, search=search, key=key, note=note, now=now)
    finish_search(by=by, search=search, now=now)
    search.refresh_from_db()
    return search


def _paragraphs(entry: dict[str, Any], marks: "_CitedPlaces") -> Iterator[str]:
    for statement in entry["answer"]:
        cited = "".join(f" {mark}" for mark in marks.of(statement.get("cites", ())))
        yield f"{statement['text']}{cited}"
    if strategy := entry.get("strategy"):
        lines = "\n".join(f"- {text}" for text in strategy["strings"])
        yield f"Strings, each run on its own:\n{lines}"
        yield f"Included: {strategy['include']}"
        yield f"Left out: {strategy['exclude']}"


class _CitedPlaces:
    """Marks of what the sources cite; each report is read once."""

    def __init__(self, overview: str) -> None:
        self.overview = overview
        self._labels: dict[str, dict[str, str]] = {}

    def of(self, cites: tuple[str, ...]) -> Iterator[CitationMark]:
        """The marks of some citations, without those of what the demo has no page for."""
        for cite in cites:
            place, _, label = cite.partition(" ")
            if place == "table" and label != NO_PAGE:
                yield CitationMark("table", f"{self.overview} {label}")
            elif place == "library" and Resource.objects.filter(key=label).exists():
                yield CitationMark("record", label)
            elif place not in {"table", "library"}:
                yield CitationMark("passage", self._key(place, label))

    def _key(self, reference: str, label: str) -> str:
        if reference not in self._labels:
            self._labels[reference] = labelled_passages(reference)
        if label not in self._labels[reference]:
            raise SpecError(FILE, [FileFault(0, f"{reference} has no paragraph {label}")])
        return self._labels[reference][label]
