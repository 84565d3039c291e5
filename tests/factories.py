"""Rows for tests, small and real: a person with roles, a review, a report with its text."""

from datetime import UTC, datetime
from itertools import count

from waymark.accounts.models import Role, RoleGrant, State, User
from waymark.core.spans import Span
from waymark.documents import services
from waymark.documents.keys import report_key, span_key
from waymark.documents.models import Original, Page, Passage, Report, ReportText, Review
from waymark.documents.reading.values import ReadPage, ReadPassage, ReadReport
from waymark.documents.reading.words import WordBoxes
from waymark.library.models import Publishable
from waymark.library.queries.public_words import mark_of, words_without_answer
from waymark.library.services import answer_public_words

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
_number = count(1)


def make_person(*roles: Role, name: str = "") -> User:
    """An active account with these roles; its password is "correct horse battery"."""
    person = User.objects.create_user(
        username=name or f"person{next(_number)}", password="correct horse battery"
    )
    RoleGrant.objects.bulk_create(RoleGrant(person=person, role=role) for role in roles)
    return person


def make_review(reference: str = "", *, state: State = State.PUBLISHED, **values: object) -> Review:
    """A review about nobody."""
    reference = reference or f"T{next(_number):03}"
    values = {"title": f"Review {reference}", "added_at": NOON, **values}
    return Review.objects.create(reference=reference, state=state, **values)


def answer_identifiers(*reports: Report) -> None:
    """Answer every open possible identifier, of these reports or of all."""
    for report in reports or Report.objects.all():
        identifiers = list(
            report.possible_identifiers.filter(verdict="").values_list("pk", flat=True)
        )
        if identifiers:
            services.answer_identifiers(
                by=None,
                report=report,
                identifiers=identifiers,
                verdict="false",
                answer="Written for this test.",
                now=NOON,
            )


def answer_description(*items: Publishable) -> None:
    """Decide that the words in the descriptions of records may be published."""
    for item in items:
        if marks := [mark_of(found) for found in words_without_answer(item)]:
            answer_public_words(
                by=None,
                item=item,
                marks=marks,
                verdict="kept",
                answer="Written for this test.",
                now=NOON,
            )


def make_report(
    review: Review, *paragraphs: str, state: State = State.PUBLISHED, heading: str = "Findings"
) -> Report:
    """A report of one page whose passages are the paragraphs, under one heading."""
    sha256 = f"{next(_number):012x}".ljust(64, "0")
    original = Original.objects.create(
        sha256=sha256, media_type="text/plain", size=1, stored_at=NOON
    )
    key = report_key(sha256)
    report = Report.objects.create(
        key=key,
        review=review,
        original=original,
        title=review.title,
        file_name=f"{review.reference}.txt",
        page_count=1,
        extractor="test 1",
        received_at=NOON,
        hidden_text_checked_at=NOON,
        anonymity_checked_at=NOON,
        state=state,
    )
    text = "\n".join(paragraphs)
    ReportText.objects.create(report=report, content=text)
    Page.objects.create(
        report=report,
        number=1,
        width=0,
        height=0,
        start=0,
        end=len(text),
        words=b"",
        has_image=False,
    )
    start = 0
    for ordinal, paragraph in enumerate(paragraphs):
        span = Span(start, start + len(paragraph))
        Passage.objects.create(
            report=report,
            key=span_key(key, span),
            ordinal=ordinal,
            start=span.start,
            end=span.end,
            page=1,
            last_page=1,
            heading=heading,
            kind="paragraph",
        )
        start += len(paragraph) + 1
    return report


def reading_of(*paragraphs: str, extractor: str = "test 2", **values: object) -> ReadReport:
    """A reading of one page whose passages are the paragraphs."""
    text, passages, start = "\n".join(paragraphs), [], 0
    for paragraph in paragraphs:
        end = start + len(paragraph)
        passages.append(ReadPassage(start, end, 1, 1, "Findings", "paragraph"))
        start = end + 1
    return ReadReport(
        media_type="text/plain",
        extractor=extractor,
        title="",
        text=text,
        pages=(ReadPage(1, 0, 0, 0, len(text), WordBoxes.of([], [], []), has_image=False),),
        passages=tuple(passages),
        **values,
    )
