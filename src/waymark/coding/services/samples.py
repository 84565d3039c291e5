"""Draw passages without a suggestion, and store what the person who reads them answers."""

import random
from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import in_visible
from waymark.coding.assignments import unfinished_reviews_of
from waymark.coding.models import MachineCoder, PassageSample, SampledPassage
from waymark.coding.queries.machines import LEAD, blocked, require_suggestions
from waymark.coding.queries.samples import passages_to_read
from waymark.coding.queries.suggestion_figures import (
    counted_reviews,
    unsuggested_passages,
)
from waymark.core.errors import RuleError
from waymark.documents.models import Report, Review
from waymark.frameworks.models import Framework

MOST_PASSAGES = 1_000


@audit.serialized
def draw_sample(
    *,
    by: Actor,
    machine: MachineCoder,
    framework: Framework,
    reader: User,
    size: int,
    seed: int,
    now: datetime,
) -> PassageSample:
    """Draw passages without a suggestion of a program for a person to read.

    They are of reviews that its figures count: settled, and not learned from. Reviews that the
    reader is coding are left out: which passages have no suggestion would tell them what software
    proposes. So are passages drawn before. The same seed draws the same from the
    same passages. Raises NotPermitted, also if the reader may not code; RuleError if suggestions
    are off, or there are no such passages.
    """
    require_permission(by, LEAD)
    require_permission(reader, "code")
    require_suggestions()
    if not 0 < size <= MOST_PASSAGES:
        raise RuleError(f"a sample has 1 to {MOST_PASSAGES:,} passages, not {size:,}")
    reviews = Review.objects.filter(in_visible(Review, reader, now=now)).exclude(blocked())
    reviews = reviews.exclude(pk__in=unfinished_reviews_of(reader))
    reviews = counted_reviews(machine, framework, reviews, now)
    free = _free_passages(machine, framework, reader, reviews, now)
    if not free:
        raise RuleError(
            f"there are no passages without a suggestion of {machine.name} that {reader} could"
            " read, in settled reviews that it did not learn from: settle more of the reviews that"
            " it read, let it read more, or choose someone who does not code them"
        )
    drawn = random.Random(seed).sample(free, min(size, len(free)))  # noqa: S311 no secret
    sample = PassageSample.objects.create(
        machine=machine,
        framework=framework,
        reader=reader,
        seed=seed,
        passages=len(free),
        drawn_by=by if isinstance(by, User) else None,
        drawn_at=now,
    )
    readings = dict(Report.objects.values_list("pk", "reading"))
    SampledPassage.objects.bulk_create(
        SampledPassage(
            sample=sample,
            number=number,
            report_id=report,
            reading=readings[report],
            start=start,
            end=end,
        )
        for number, (report, start, end) in enumerate(drawn, start=1)
    )
    audit.record_about(
        by, "draw sample", sample, now, reader=reader.username, passages=len(drawn), seed=seed
    )
    return sample


def _free_passages(
    machine: MachineCoder,
    framework: Framework,
    reader: User,
    reviews: QuerySet[Review],
    now: datetime,
) -> list[tuple[int, int, int]]:
    """Report, start and end of the passages that can be drawn, in a fixed order."""
    drawn = SampledPassage.objects.filter(sample__machine=machine, sample__framework=framework)
    before = set(drawn.values_list("report", "start", "end"))
    visible = set(
        Report.objects.filter(in_visible(Report, reader, now=now)).values_list("pk", flat=True)
    )
    spans = unsuggested_passages(machine, framework, reviews)
    return sorted(
        place
        for report, stretches in spans.items()
        if report in visible
        for stretch in stretches
        if (place := (report, *stretch)) not in before
    )


@audit.serialized
def answer_passage(
    *, by: User, passage: SampledPassage, codes: Collection[str], now: datetime
) -> None:
    """Store which codes a sampled passage has, none for none of them; it can be corrected.

    It is no coding, and nothing but the estimate reads it. Raises NotPermitted; RuleError for
    another person's sample, a passage that the person may not read now, or an unknown code.
    """
    require_permission(by, "code")
    require_suggestions()
    if passage.sample.reader_id != by.pk:
        raise RuleError("you can answer only for your own sample")
    if not passages_to_read(passage.sample, now).filter(pk=passage.pk).exists():
        raise RuleError("you cannot read this passage now: its report is hidden, or you code it")
    known = set(passage.sample.framework.codes.values_list("code", flat=True))
    if unknown := sorted(set(codes) - known):
        raise RuleError(f"{passage.sample.framework} has no code {unknown[0]}")
    passage.codes, passage.answered_at = sorted(set(codes)), now
    passage.save(update_fields=["codes", "answered_at"])
    audit.record_about(by, "answer sample", passage.sample, now, number=passage.number)
