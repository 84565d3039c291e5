"""What a new version of a framework asks coders to code again: queued, decided, carried over.

Codings of an earlier version keep it. A coder decides what was split; the rest of the coder's own
work is read by the mapping, and taken over into the new version by the coder's own act.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.audit import serialized_in
from waymark.accounts.models import User
from waymark.accounts.permissions import Person, require_permission
from waymark.coding import services as coding
from waymark.coding.assignments import assignment_of
from waymark.coding.models import Assignment, Coding
from waymark.coding.queries import current_codings
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Review
from waymark.documents.queries.reader import open_reports
from waymark.frameworks.models import Code, Framework, Variable
from waymark.frameworks.queries import file_of
from waymark.frameworks.versions import ids_read_as
from waymark.profiles import services as profiles
from waymark.profiles.queries import current_judgements


def version_before(framework: Framework) -> Framework | None:
    """The published version that a version supersedes, None if there is none."""
    before = file_of(framework).supersedes
    earlier = Framework.objects.filter(name=framework.name, version=before)
    return earlier.filter(published_at__isnull=False).first() if before else None


def split_codes(framework: Framework) -> dict[str, tuple[str, ...]]:
    """Code of the version before -> the several codes that it became."""
    return {name: ids for name, ids in file_of(framework).mapping.items() if len(ids) > 1}


def reviews_to_recode(framework: Framework) -> dict[Review, list[User]]:
    """Reviews with codings of a code that was split, and their coders; not those queued already."""
    before = version_before(framework)
    if before is None:
        return {}
    concerned = Coding.objects.filter(
        code__framework=before, code__code__in=split_codes(framework), superseded_at=None
    )
    queued = Assignment.objects.filter(framework=framework).values("review")
    work = Assignment.objects.filter(
        framework=before, review__in=concerned.values("report__review")
    ).exclude(review__in=queued)
    coders: dict[Review, list[User]] = defaultdict(list)
    rows = work.select_related("review", "coder").order_by("review__reference", "position")
    for row in rows:
        coders[row.review].append(row.coder)
    return dict(coders)


@serialized_in("coding")
def queue_recoding(*, by: Person, framework: Framework, now: datetime) -> int:
    """Assign what must be coded again to the same coders; return the number of reviews.

    Raises NotPermitted, also for a coder who may no longer code; RuleError if there is nothing.
    """
    require_permission(by, "adjudicate")
    reviews = reviews_to_recode(framework)
    if not reviews:
        raise RuleError(f"nothing has to be coded again for {framework}")
    for review, coders in reviews.items():
        for coder in coders:
            coding.assign_coder(by=by, review=review, framework=framework, coder=coder, now=now)
    audit.record_about(by, "queue re-coding", framework, now, reviews=len(reviews))
    return len(reviews)


@dataclass(frozen=True, slots=True)
class RecodingItem:
    """A coding of the version before whose code was split. options: the codes it can become.

    decided: codes of the new version that the coder gave to the same words.
    """

    coding: Coding
    options: tuple[Code, ...]
    decided: tuple[str, ...]


def recoding_items(assignment: Assignment, now: datetime) -> list[RecodingItem]:
    """The coder's own codings to decide on again, of reports they may see, in reading order."""
    framework, before = assignment.framework, version_before(assignment.framework)
    if before is None:
        return []
    splits = split_codes(framework)
    reports = _open_reports(assignment.coder, now)
    new = {row.code: row for row in Code.objects.filter(framework=framework)}
    own: dict[str, list[str]] = defaultdict(list)
    for row in current_codings(assignment.review, framework):
        if row.coder_id == assignment.coder_id:
            own[row.key].append(row.code.code)
    return [
        RecodingItem(
            row,
            tuple(new[name] for name in splits[row.code.code]),
            tuple(name for name in splits[row.code.code] if name in own[row.key]),
        )
        for row in current_codings(assignment.review, before)
        if row.coder_id == assignment.coder_id
        and row.code.code in splits
        and row.report_id in reports
    ]


def _open_reports(coder: User, now: datetime) -> set[int]:
    return set(open_reports(coder, now).order_by().values_list("pk", flat=True))


@serialized_in("coding")
def decide_split(
    *,
    by: User,
    review: Review,
    framework: Framework,
    earlier: int,
    codes: Sequence[str],
    now: datetime,
) -> None:
    """Code the words of an earlier coding with some of the codes that its code became.

    earlier: primary key of the earlier coding. Raises as record_coding(); RuleError if it is not
    one of the coder's items, or for a code that it did not become.
    """
    require_permission(by, "code")
    assignment = assignment_of(by, review, framework)
    item = next((row for row in recoding_items(assignment, now) if row.coding.pk == earlier), None)
    if item is None:
        raise RuleError("this coding does not have to be decided again")
    options = {row.code: row for row in item.options}
    if not codes or any(name not in options for name in codes):
        raise RuleError(f"choose one or more of {', '.join(options)}")
    for row in current_codings(review, framework):
        if row.coder_id == by.pk and row.key == item.coding.key and row.code.code in options:
            coding.withdraw_coding(by=by, coding=row, now=now)
    for name in codes:
        _copy(item.coding, options[name], by, now)


@serialized_in("coding", "profiles")
def carry_over(*, by: User, review: Review, framework: Framework, now: datetime) -> tuple[int, int]:
    """Take over the coder's own work of the version before, but what was split.

    Work with words of a report that the coder may not see is left out, and what the coder has in
    the new version already stays. Returns the numbers of codings and of judgements. Raises as
    record_coding(); RuleError if there is no version before.
    """
    require_permission(by, "code")
    assignment_of(by, review, framework)
    before = version_before(framework)
    if before is None:
        raise RuleError(f"{framework} has no version before it")
    read_as = ids_read_as(file_of(framework), file_of(before))
    splits, reports = split_codes(framework), _open_reports(by, now)
    new = {row.code: row for row in Code.objects.filter(framework=framework)}
    have = {
        (row.key, row.code.code)
        for row in current_codings(review, framework)
        if row.coder_id == by.pk
    }
    codings = 0
    for row in current_codings(review, before):
        name = read_as[row.code.code]
        if row.coder_id != by.pk or row.code.code in splits or row.report_id not in reports:
            continue
        if (row.key, name) not in have:
            _copy(row, new[name], by, now)
            have.add((row.key, name))
            codings += 1
    return codings, _carry_judgements(by, review, framework, before, now)


def _copy(row: Coding, code: Code, by: User, now: datetime) -> None:
    coding.record_coding(
        by=by,
        anchors=ReportAnchors(row.report, reading=row.reading),
        span=Span(row.start, row.end),
        code=code,
        qualifiers=row.qualifiers,
        memo=row.memo,
        now=now,
    )


def _carry_judgements(
    by: User, review: Review, framework: Framework, before: Framework, now: datetime
) -> int:
    read_as = ids_read_as(file_of(framework), file_of(before))
    new = {row.variable: row for row in Variable.objects.filter(framework=framework)}
    have = {
        (row.variable.variable, row.child_id, row.adult_id)
        for row in current_judgements(review, framework)
        if row.coder_id == by.pk
    }
    carried = 0
    reports = _open_reports(by, now)
    for row in current_judgements(review, before):
        name = read_as[row.variable.variable]
        if row.coder_id != by.pk or (name, row.child_id, row.adult_id) in have:
            continue
        quotes = list(row.quotes.select_related("report"))
        if any(quote.report_id not in reports for quote in quotes):
            continue
        report = quotes[0].report if quotes else review.reports.filter(pk__in=reports).first()
        if report is None:
            continue
        reading = quotes[0].reading if quotes else 0
        profiles.record_judgement(
            by=by,
            review=review,
            child=row.child,
            adult=row.adult,
            variable=new[name],
            value=_entered(row.variable.type, row.value),
            anchors=ReportAnchors(report, reading=reading),
            spans=[Span(quote.start, quote.end) for quote in quotes],
            memo=row.memo,
            now=now,
        )
        carried += 1
    return carried


def _entered(kind: str, stored: str) -> str:
    """A stored value as a person enters it: "5" months of age -> "5 months"."""
    if not stored and kind in {"age", "number"}:
        return "not recorded"
    return f"{stored} months" if kind == "age" else stored
