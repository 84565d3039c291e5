"""Queries of codings: the agreed layer for pages, and coders' own work for settling and agreement.

Coders work independently: nobody reads what another has coded. Pages and snapshots get agreed rows,
which are settled from coders who have finished (finished_coders).
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from sys import intern

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from waymark.accounts.content_state import ContentCache, content_mark
from waymark.accounts.models import User
from waymark.accounts.permissions import Person, has_permission
from waymark.accounts.visibility import in_visible, visible_to
from waymark.coding.models import (
    AgreedCode,
    Assignment,
    Coding,
    Suggestion,
    SuggestionDecision,
    SuggestionRule,
)
from waymark.coding.queries.machines import blocked, suggestions_on
from waymark.coding.settled_versions import (
    SettledFrameworks,
    SettledVersions,
    counted_in,
    joined_code_rows,
    read_as_code,
    settled_frameworks,
)
from waymark.core.evidence import CodeRow, Quote, places_by_owner, quotes_by_owner
from waymark.core.spans import Span
from waymark.documents.anchors import place_columns, quote_columns, touching
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import (
    ReviewSelection,
    closed_reports,
    keys_of_reports,
    references_of,
)
from waymark.frameworks.models import Code, Framework
from waymark.frameworks.queries import framework_or_current, version_line
from waymark.frameworks.schema import version_number


def current_codings(review: Review, framework: Framework) -> list[Coding]:
    """Every coder's current codings of a review, in reading order. For settling, not for pages."""
    return list(
        Coding.objects.filter(
            report__review=review, code__framework=framework, superseded_at=None
        ).select_related("code")
    )


def coded_reviews(framework: Framework, reviews: ReviewSelection) -> set[str]:
    """References of the reviews that have a current agreed layer, also of an earlier version."""
    agreed = AgreedCode.objects.filter(
        code__framework__in=version_line(framework).versions,
        review__in=reviews,
        superseded_at=None,
    )
    return set(agreed.order_by().values_list("review__reference", flat=True).distinct())


def framework_to_code_with(review: Review, label: str = "") -> Framework:
    """The framework of a label; without one, the newest with which somebody codes the review.

    The latest published one if nobody does. Raises NotFound.
    """
    used = Framework.objects.filter(pk__in=review.assignments.values("framework"))
    newest = max(used, key=lambda framework: version_number(framework.version), default=None)
    return newest if newest and not label else framework_or_current(label)


def agreed_codes(framework: Framework, reviews: ReviewSelection) -> list[CodeRow]:
    """The agreed layer, by review and code id; quotes in reading order, each place once.

    A review that is settled in an earlier version alone is read by the mapping.
    """
    # Through the table of the link: one row for each quote, without loading codes or codings.
    placed = AgreedCode.codings.through.objects.filter(
        agreedcode__review__in=reviews, agreedcode__present=True, agreedcode__superseded_at=None
    )
    places = places_by_owner(
        placed.values_list("agreedcode", *place_columns("coding__")).iterator(),
        keys_of_reports(reviews),
    )
    # Names are looked up here, so that all rows share one string: a join would create one per row.
    references = references_of(reviews)
    line = version_line(framework)
    codes, settled = line.codes, SettledVersions(line, reviews)
    agreed = AgreedCode.objects.filter(review__in=reviews, superseded_at=None).order_by()
    rows = agreed.values_list("pk", "review_id", "code_id", "basis")
    # Two queries, because Django would convert SQLite's 0 and 1 to booleans row by row.
    agreed_rows = sorted(
        CodeRow(references[review], codes[code][1], present, intern(basis), places.get(pk, ()))
        for present in (True, False)
        for pk, review, code, basis in rows.filter(present=present).iterator()
        if code in codes and settled.counts(review, codes[code][0])
    )
    return agreed_rows if len(line.versions) == 1 else list(joined_code_rows(agreed_rows))


QualifiersByPlace = Mapping[tuple[str, str], Mapping[str, Collection[str]]]
"""(code, citation key) -> qualifier -> every value that a coder gave it there; none is empty."""


def agreed_qualifiers(
    framework: Framework, reviews: ReviewSelection
) -> dict[str, QualifiersByPlace]:
    """Reference of a review -> qualifiers of each place that supports an agreed code.

    Qualifiers are not settled: if two coders marked the same words, the values of both count.
    """
    line = version_line(framework)
    placed = AgreedCode.codings.through.objects.filter(
        agreedcode__review__in=reviews,
        agreedcode__code__framework__in=line.versions,
        agreedcode__present=True,
        agreedcode__superseded_at=None,
    )
    references, settled = references_of(reviews), SettledVersions(line, reviews)
    by_review: dict[str, dict[tuple[str, str], dict[str, set[str]]]] = {}
    columns = "agreedcode__review", "agreedcode__code", "coding__qualifiers", "coding__key"
    rows = placed.values_list(*columns)
    for review, code, qualifiers, cited in rows.iterator():
        rank, code_id = line.codes[code]
        if not settled.counts(review, rank):
            continue
        for name, value in qualifiers.items():
            key = code_id, cited
            values = by_review.setdefault(references[review], {}).setdefault(key, {})
            values.setdefault(name, set()).add(value)
    return dict(by_review)


@dataclass(frozen=True, slots=True)
class AgreedCodeView:
    """An agreed code as a page shows it: its quotes, and how, by whom and when it was agreed."""

    code: Code
    basis: str
    decided_by: str
    decided_at: datetime
    quotes: tuple[Quote, ...]


def _view_of_agreed_code(row: AgreedCode, quotes: Collection[Quote] = ()) -> AgreedCodeView:
    return AgreedCodeView(
        row.code,
        row.get_basis_display(),
        row.decided_by.get_username(),
        row.decided_at,
        tuple(quotes),
    )


def codes_of_review(
    review: Review, person: Person, now: datetime, *, settled: SettledFrameworks | None = None
) -> list[AgreedCodeView]:
    """The codes agreed present on a review, with the passages the person may see.

    A code is left out if the person may see none of the passages that support it. settled: as
    settled_frameworks() gives it, from a caller that has it.
    """
    settled = settled or settled_frameworks(review)
    agreed = (
        AgreedCode.objects.filter(
            _has_visible_support(person, now), review=review, present=True, superseded_at=None
        )
        .exclude(code__framework__in=settled.superseded)
        .select_related("code", "decided_by")
        .defer("code__definition", "code__include", "code__exclude", "code__cues")
        .order_by("code__order")
    )
    # Quotes of the page, in one query: 50 reviews would otherwise cost 50.
    quotes = _visible_quotes(Q(agreed_in__in=[row.pk for row in agreed]), person, now)
    for row in agreed:
        # A join would read the whole text of the framework again with each code.
        row.code.framework = settled.versions[row.code.framework_id]
    return [_view_of_agreed_code(row, quotes.get(row.pk, ())) for row in agreed]


def codes_touching(
    report: Report,
    span: Span,
    person: Person,
    now: datetime,
    *,
    reading: int = 0,
    now_at: Span | None = None,
) -> list[AgreedCodeView]:
    """The agreed codes on words that share a character with a span, each with those words.

    reading, now_at: see touching().
    """
    quotes = _visible_quotes(
        touching(report, span, reading=reading, now_at=now_at)
        & Q(agreed_in__present=True, agreed_in__superseded_at=None),
        person,
        now,
    )
    agreed = (
        AgreedCode.objects.filter(pk__in=quotes)
        .select_related("code", "code__framework", "decided_by")
        .order_by("code__order")
    )
    return [_view_of_agreed_code(row, quotes[row.pk]) for row in agreed]


@dataclass(frozen=True, slots=True)
class ReviewWithCode:
    """A review with an agreed code, and the passages that support it, in reading order."""

    review: str
    title: str
    quotes: tuple[Quote, ...]


def reviews_with_code(
    code: Code,
    person: Person,
    now: datetime,
    *,
    offset: int,
    limit: int,
    withheld: Collection[str] = (),
) -> tuple[int, list[ReviewWithCode]]:
    """Number of visible reviews with an agreed code, and one page of them, by reference.

    withheld: references of reviews to leave out.
    """
    agreed = (
        AgreedCode.objects.filter(
            visible_to(person, now=now, prefix="review__"),
            _has_visible_support(person, now),
            read_as_code(version_line(code.framework), code.code),
            present=True,
            superseded_at=None,
        )
        .exclude(review__reference__in=withheld)
        .select_related("review")
        .order_by("review__reference")
    )
    rows = list(agreed[offset : offset + limit])
    quotes = _visible_quotes(Q(agreed_in__in=[row.pk for row in rows]), person, now)
    return agreed.count(), [
        ReviewWithCode(row.review.reference, row.review.title, quotes.get(row.pk, ()))
        for row in rows
    ]


def review_counts(
    framework: Framework, person: Person, now: datetime, *, withheld: Collection[str] = ()
) -> Mapping[str, int]:
    """Code -> number of visible reviews in which it is agreed; without zeros.

    withheld: references of reviews that are not counted. Cached for a state of the content.
    """
    mark = content_mark(person, now, Review, Report)
    key = framework.pk, frozenset(withheld)
    return _cached_counts.value(mark, key, lambda: _count_reviews(framework, person, now, withheld))


_cached_counts: ContentCache[Mapping[str, int]] = ContentCache()


def _count_reviews(
    framework: Framework, person: Person, now: datetime, withheld: Collection[str]
) -> Mapping[str, int]:
    line = version_line(framework)
    agreed = AgreedCode.objects.filter(
        visible_to(person, now=now, prefix="review__"),
        _has_visible_support(person, now),
        counted_in(line),
        present=True,
        superseded_at=None,
    ).exclude(review__reference__in=withheld)
    # A review counts in one version of the line, and there is one current row of it and a code: so
    # rows are reviews, except of codes that a later version made into one.
    places = Counter(line.codes.values())
    joined = [pk for pk, place in line.codes.items() if places[place] > 1]
    rows = agreed.exclude(code__in=joined).order_by().values_list("code").annotate(Count("pk"))
    counts = Counter[str]()
    for pk, reviews in rows:
        counts[line.codes[pk][1]] += reviews
    pairs = agreed.filter(code__in=joined).order_by().values_list("review", "code")
    counts.update(code for _, code in {(review, line.codes[pk][1]) for review, pk in pairs})
    return counts


def _has_visible_support(person: Person, now: datetime) -> Q:
    """Condition: an agreed code of a visible review is supported by visible words, or by none.

    A code supported only by words of a hidden report is hidden with it.
    """
    # The first part alone decides for reviews without a hidden report, nearly all, and the database
    # evaluates it once for all rows; the two EXISTS run only for the others. Example: a review has
    # a public overview report and an internal action plan. A code with quotes in both, or with no
    # quote at all, is shown; one with quotes in the action plan alone is not.
    placed = Coding.objects.filter(agreed_in=OuterRef("pk"))
    return (
        ~Q(review__in=closed_reports(person, now).values("review"))
        | Exists(placed.filter(in_visible(Report, person, now=now, prefix="report__")))
        | ~Exists(placed)
    )


def _visible_quotes(condition: Q, person: Person, now: datetime) -> dict[int, tuple[Quote, ...]]:
    """Quotes of codings by the agreed row they are in, only from reports the person may see."""
    visible = Coding.objects.filter(
        condition, in_visible(Report, person, now=now, prefix="report__")
    )
    return quotes_by_owner(visible.order_by().values_list("agreed_in", *quote_columns()))


def suggestions_touching(
    report: Report,
    span: Span,
    person: Person,
    *,
    reading: int = 0,
    now_at: Span | None = None,
) -> list[Suggestion]:
    """Suggestions that the person has not decided, on words that share a character with a span.

    reading, now_at: see touching(). Only for people who may code; the caller has checked that they
    may see the report.
    """
    if not has_permission(person, "code") or not isinstance(person, User):
        return []
    there = Suggestion.objects.filter(touching(report, span, reading=reading, now_at=now_at))
    return list(shown_suggestions(there, person).select_related("code", "code__framework"))


def shown_suggestions(suggestions: QuerySet[Suggestion], person: User) -> QuerySet[Suggestion]:
    """Those of some suggestions that a coder may see and has not decided.

    What other coders decided does not count: it would tell how they coded. A round can hide
    suggestions from its coders, or until they have coded the words themselves; and until they have
    finished, those of other versions of its framework too. None where suggestions are off: in the
    installation, the collection or the review.
    """
    if not suggestions_on():
        return suggestions.none()
    decided = SuggestionDecision.objects.filter(suggestion=OuterRef("pk"), decided_by=person)
    decided = decided.filter(superseded_at=None)
    return suggestions.exclude(blocked("report__review__")).filter(
        ~Exists(decided), ~_hidden_by_a_round(person)
    )


def hidden_suggestions(report: Report, person: User) -> QuerySet[Suggestion]:
    """Suggestions in the current text of a report that a round of the person hides from them."""
    rows = Suggestion.objects.filter(report=report, reading=report.reading)
    return rows.filter(_hidden_by_a_round(person))


def _hidden_by_a_round(person: User) -> Q:
    """Condition: a round hides a suggestion from its coder, or until they have coded the words."""
    drawn = Assignment.objects.filter(
        Q(framework=OuterRef("code__framework"))
        | Q(framework__name=OuterRef("code__framework__name"), finished_at=None),
        coder=person,
        review=OuterRef("report__review"),
    )
    hidden = drawn.filter(round__suggestions=SuggestionRule.HIDDEN)
    answered = Coding.objects.filter(
        coder=person,
        report=OuterRef(OuterRef("report")),
        reading=OuterRef(OuterRef("reading")),
        code__framework=OuterRef("framework"),
        start__lt=OuterRef(OuterRef("end")),
        end__gt=OuterRef(OuterRef("start")),
    )
    later = drawn.filter(~Exists(answered), round__suggestions=SuggestionRule.AFTER_ANSWER)
    return Q(Exists(hidden)) | Q(Exists(later))


def codings_anchored_in(report: Report) -> QuerySet[Coding]:
    """The codings in a report that are current, or that a current agreed code rests on."""
    agreed = AgreedCode.codings.through.objects.filter(
        coding=OuterRef("pk"), agreedcode__superseded_at=None
    )
    return Coding.objects.filter(Q(superseded_at=None) | Exists(agreed), report=report)
