"""Agreement of the coders of a round, or of all who coded with a framework, before settling."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import product
from string import ascii_uppercase
from threading import Lock

from django.db.models import Count, Max, QuerySet, Sum
from django.utils.crypto import salted_hmac

from waymark.accounts.models import User
from waymark.accounts.permissions import Person, require_permission
from waymark.coding.agreement.draws import FEWEST_UNITS
from waymark.coding.agreement.levels import LevelAgreement, LevelRatings, level_agreements
from waymark.coding.agreement.ratings import SET_MARK, Rating, RatingScale
from waymark.coding.agreement.span_summary import SpanAgreement, summarise_spans
from waymark.coding.agreement.spans import CodedSpan
from waymark.coding.agreement.summary import CodedRating
from waymark.coding.assignments import unfinished_reviews_of, unsettled_without_names
from waymark.coding.models import Assignment, Coding, CodingRound
from waymark.coding.queries.rounds import codings_of, complete_pairs
from waymark.core.errors import RuleError
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import open_reviews, text_of
from waymark.frameworks.models import Code, Framework, Variable
from waymark.frameworks.variables import CONTACTS, SEPARATOR, STATES
from waymark.profiles.models import Judgement

NOT_RECORDED = "not recorded"
ORDERED = {"age", "number", "year"}
TOGETHER = (
    ("factors", "state", "Factors, in five states", STATES),
    ("contacts", "contact", "Contact with services", CONTACTS),
)
"""Variables with the same values are one level: its name, their type, title and values."""
Pairs = Mapping[Review, tuple[User, User]]
CoderNames = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class RoundAgreement:
    """Agreement on the reviews that two people coded. labels: id of a code -> its name.

    coders: their names, or "Coder A" and so on while a round hides them.
    waiting: number of double-coded reviews that are left out, because somebody still codes them.
    """

    reviews: tuple[str, ...]
    coders: tuple[str, ...]
    waiting: int
    levels: tuple[LevelAgreement, ...] = ()
    spans: tuple[SpanAgreement, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    spans_refused: str = ""


def agreement_of_round(
    coding_round: CodingRound, person: Person, now: datetime, *, passages: bool = False
) -> RoundAgreement:
    """Agreement of the coders of a round. Raises as agreement_of_framework()."""
    assignments = coding_round.assignments.all()
    assignments = assignments.filter(review__in=open_reviews(person, now))
    return _agreement(assignments, coding_round.framework, person, passages=passages)


def agreement_of_framework(
    framework: Framework, person: Person, now: datetime, *, passages: bool = False
) -> RoundAgreement:
    """Agreement of all who coded with a framework version, on reviews that the person may see.

    passages: also on where codes were put, which takes many seconds. Raises NotPermitted;
    RuleError for a person who still codes one of the reviews, with any framework: figures on the
    others would tell how to code it.
    """
    work = Assignment.objects.filter(framework=framework, review__in=open_reviews(person, now))
    return _agreement(work, framework, person, passages=passages)


def _agreement(
    assignments: QuerySet[Assignment], framework: Framework, person: Person, *, passages: bool
) -> RoundAgreement:
    require_permission(person, "adjudicate")
    unfinished = assignments.filter(review__in=unfinished_reviews_of(person))
    references = sorted(set(unfinished.values_list("review__reference", flat=True)))
    if references:
        raise RuleError(
            f"you still code {', '.join(references[:10])}: agreement is shown to you once you have"
            " finished"
        )
    pairs = complete_pairs(assignments)
    twice = assignments.filter(position=2).values("review").distinct().count()
    names = _names_of(pairs, framework)
    references = sorted(review.reference for review in pairs)
    agreement = RoundAgreement(tuple(references), tuple(sorted(names.values())), twice - len(pairs))
    if not pairs:
        return agreement
    # Work of finished coders changes only when they finish again, or their report is read anew.
    done = assignments.filter(review__in=list(pairs)).order_by("pk")
    reports = Report.objects.filter(review__in=list(pairs)).order_by("pk")
    codings = Coding.objects.filter(
        report__in=reports, code__framework=framework, superseded_at=None
    ).order_by()
    judgements = Judgement.objects.filter(
        review__in=list(pairs), variable__framework=framework, superseded_at=None
    ).order_by()
    state = (
        str(passages),
        str(sorted(names.items())),
        *(str(row) for row in done.values_list("pk", "finished_at")),
        *(str(row) for row in reports.values_list("key", "reading")),
        str(codings.aggregate(Count("pk"), Max("pk"), Sum("start"), Sum("code"))),
        str(judgements.aggregate(Count("pk"), Max("pk"), Sum("variable"))),
    )
    with _computing:
        if state not in _computed:
            while len(_computed) >= MOST_KEPT:
                _computed.pop(next(iter(_computed)))
            _computed[state] = _compute(agreement, pairs, framework, names, passages=passages)
        return replace(_computed[state], waiting=agreement.waiting)


def _names_of(pairs: Pairs, framework: Framework) -> CoderNames:
    """The coders' names, or letters while a round that hides names has a review to settle."""
    names = {coder.pk: coder.username for pair in pairs.values() for coder in pair}
    if not unsettled_without_names(framework).filter(review__in=list(pairs)).exists():
        return names
    # Keyed, so that nobody finds out the order; the same for every page of the framework.
    mixed = sorted(
        names, key=lambda coder: salted_hmac("agreement", f"{framework.pk} {coder}").digest()
    )
    letters = [ascii_uppercase[at % 26] * (at // 26 + 1) for at in range(len(mixed))]
    return {coder: f"Coder {letter}" for coder, letter in zip(mixed, letters, strict=True)}


MOST_KEPT = 8
_computed: dict[tuple[str, ...], RoundAgreement] = {}
_computing = Lock()
"""Figures in the memory of this process: one set is computed at a time, which takes seconds."""


def _compute(
    agreement: RoundAgreement,
    pairs: Pairs,
    framework: Framework,
    names: CoderNames,
    *,
    passages: bool,
) -> RoundAgreement:
    codes = list(Code.objects.filter(framework=framework).defer("cues", "include", "exclude"))
    codings = [
        row for row in codings_of(list(pairs), framework) if row.coder_id in _ids(pairs, row)
    ]
    levels = [
        *_code_levels(pairs, codes, codings, names),
        *_value_levels(pairs, framework, names),
    ]
    spans, refused = _spans(codings, names) if passages else ((), "")
    return RoundAgreement(
        agreement.reviews,
        agreement.coders,
        agreement.waiting,
        tuple(level_agreements(levels, fewest=FEWEST_UNITS)),
        spans,
        {code.code: code.name for code in codes},
        refused,
    )


def _ids(pairs: Pairs, coding: Coding) -> set[int]:
    by_pk = {review.pk: pair for review, pair in pairs.items()}
    return {coder.pk for coder in by_pk[coding.report.review_id]}


def _code_levels(
    pairs: Pairs, codes: list[Code], codings: list[Coding], names: CoderNames
) -> Iterator[LevelRatings]:
    """Presence of each code in each review, of themes alone and of all codes that were used."""
    used = {(row.report.review_id, row.coder_id, row.code_id) for row in codings}
    ever = {code for _, _, code in used}
    themes = [code for code in codes if code.theme is not None]
    others = [code for code in codes if code.pk in ever]
    labels = {code.code: code.name for code in codes}
    levels = [("themes", "Themes in reviews", themes)]
    if others != themes:
        levels.append(("codes", "Codes that a coder used, in reviews", others))
    for name, title, some in levels:
        if some:
            ratings = [_presence(*who, used, names) for who in _coders_of(some, pairs)]
            yield LevelRatings(name, title, ratings, labels, values=("absent", "present"))


def _coders_of(codes: list[Code], pairs: Pairs) -> Iterator[tuple[Code, Review, User]]:
    for code, (review, pair) in product(codes, pairs.items()):
        yield from ((code, review, coder) for coder in pair)


def _presence(
    code: Code, review: Review, coder: User, used: set[tuple[int, int, int]], names: CoderNames
) -> CodedRating:
    value = "present" if (review.pk, coder.pk, code.pk) in used else "absent"
    unit = document = review.reference
    return CodedRating(code.code, Rating(unit, names[coder.pk], value, document))


def _value_levels(pairs: Pairs, framework: Framework, names: CoderNames) -> Iterator[LevelRatings]:
    """Values of variables: the five-state factors together, every other variable for itself."""
    ratings_of_variable = _given_values(pairs, framework, names)
    variables = [
        row
        for row in Variable.objects.filter(framework=framework)
        if row.variable in ratings_of_variable
    ]
    labels = {row.variable: row.name for row in variables}
    for name, kind, title, scale in TOGETHER:
        alike = [variable.variable for variable in variables if variable.type == kind]
        ratings = [rating for variable in alike for rating in ratings_of_variable[variable]]
        if ratings:
            yield LevelRatings(name, title, ratings, labels, values=[value for value, _ in scale])
    for variable in variables:
        if variable.type not in {"state", "contact"}:
            yield _level_of(variable, ratings_of_variable[variable.variable], labels)


def _given_values(
    pairs: Pairs, framework: Framework, names: CoderNames
) -> dict[str, list[CodedRating]]:
    """The ratings of each variable, texts left out, which nobody writes alike."""
    by_pk = {review.pk: (review, {c.pk for c in pair}) for review, pair in pairs.items()}
    ratings: dict[str, list[CodedRating]] = defaultdict(list)
    judgements = Judgement.objects.filter(
        review__in=by_pk, variable__framework=framework, superseded_at=None
    ).exclude(variable__type="text")
    for row in judgements.select_related("variable", "child", "adult").order_by("pk"):
        review, pair = by_pk[row.review_id]
        if row.coder_id in pair:
            unit, document = _unit_of(row, review), review.reference
            rating = Rating(unit, names[row.coder_id], _value_of(row), document)
            ratings[row.variable.variable].append(CodedRating(row.variable.variable, rating))
    return ratings


def _unit_of(row: Judgement, review: Review) -> str:
    person = row.child or row.adult
    return f"{review.reference} {person.number}" if person else review.reference


def _value_of(row: Judgement) -> str:
    value = row.value or NOT_RECORDED
    several = row.variable.type == "categories"
    return value.replace(SEPARATOR, SET_MARK) if several else value


def _level_of(
    variable: Variable, ratings: list[CodedRating], labels: Mapping[str, str]
) -> LevelRatings:
    name, title = variable.variable, variable.name
    if variable.type == "categories":
        return LevelRatings(name, title, ratings, labels, scale=RatingScale.SETS)
    if variable.type not in ORDERED:
        values = [str(value["value"]) for value in variable.values]
        return LevelRatings(name, title, ratings, labels, values=values)
    # A value that is not recorded has no place on an ordered scale: it counts as missing.
    known = [row for row in ratings if row.rating.value != NOT_RECORDED]
    values = sorted({row.rating.value for row in known}, key=int)
    return LevelRatings(name, title, known, labels, scale=RatingScale.QUADRATIC, values=values)


def _spans(codings: list[Coding], names: CoderNames) -> tuple[tuple[SpanAgreement, ...], str]:
    """Agreement on where codes were put, in the current text of each report."""
    reports = {row.report_id: row.report for row in codings}
    lengths = {report.key: float(len(text_of(report))) for report in reports.values()}
    spans = [
        CodedSpan(row.report.key, names[row.coder_id], row.code.code, row.start, row.end)
        for row in codings
        if row.reading == row.report.reading
    ]
    if len({span.coder for span in spans}) < 2:
        return (), "fewer than two coders marked passages"
    try:
        return tuple(summarise_spans(spans, lengths, fewest=FEWEST_UNITS)), ""
    except RuleError as error:
        return (), str(error)
