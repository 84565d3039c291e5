"""Texts about the programs that suggested codes: what became of it, and what they missed."""

from collections.abc import Iterator

from waymark.coding.miss_estimate import estimate_misses
from waymark.core.shares import wilson_interval
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.releases.release import Release
from waymark.overview.snapshot.rows import SuggestedCodeUse, SuggesterUse

NO_MACHINE = (
    "No machine was used: no program suggested a code for any of these reviews. People read, coded"
    " and decided everything."
)


def suggestion_paragraphs(release: Release) -> Iterator[str]:
    """What programs suggested, and what people did with it; nothing if no program was used.

    Under a profile other than open no numbers are given: a total over all codes is a figure of one
    code if the program suggested no other.
    """
    if release.spec.no_machine:
        yield NO_MACHINE
    for use in release.measured.suggesters:
        if release.profile != "open":
            yield _without_numbers(use)
            continue
        yield _in_words(use)
        if use.codes:
            yield _by_code(use, release.framework)


def _without_numbers(use: SuggesterUse) -> str:
    return (
        f"A program, {use.name} ({use.kind.lower()}), suggested codes. What it suggested is not"
        " counted. How well it did is not printed, because small numbers are protected here."
    )


def _in_words(use: SuggesterUse) -> str:
    kind = use.kind.lower()
    begin = f"A program, {use.name} ({kind}), suggested codes. What it suggested is not counted."
    if not use.reviews:
        return f"{begin} In none of the reviews counted can it be said how well it did."
    suggested, right = _total(use, "suggested"), _total(use, "right")
    text = (
        f"{begin} In {_number(use.reviews, 'review')} that it read and did not learn from, it made"
        f" {_number(suggested, 'suggestion')}"
    )
    if suggested:
        text += f"; {right:,} of them ({_share(right, suggested)}) agree with what people settled"
    decided = [_total(use, name) for name in ("looked_at", "accepted", "changed", "refused")]
    text += (
        f". People looked at {decided[0]:,}: {decided[1]:,} were accepted, {decided[2]:,} changed"
        f" and {decided[3]:,} refused."
    )
    return f"{text} {_sample(use)}"


def _sample(use: SuggesterUse) -> str:
    """What a person found in passages without a suggestion."""
    if not use.read:
        return "What it missed was not estimated: nobody read passages without a suggestion."
    low, high = (
        wilson_interval(use.read_with_code, use.read, drawn=use.read, population=use.unsuggested)
        if use.read < use.unsuggested
        else (use.read_with_code / use.read,) * 2
    )
    return (
        f"Of {use.unsuggested:,} passages without a suggestion, {use.read:,} drawn by chance were"
        f" read by a person: {use.read_with_code:,} of these had a code (95% interval {low:.0%} to"
        f" {high:.0%} of all)."
    )


def _by_code(use: SuggesterUse, framework: FrameworkFile) -> str:
    names = {code.id: code.name for code in framework.codes}
    parts = [f"{names.get(row.code, row.code)} {_of_code(row, use)}" for row in use.codes]
    return (
        f"By code, {use.name} (precision; share found; looked at, accepted, changed, refused):"
        f" {'. '.join(parts)}."
    )


def _of_code(row: SuggestedCodeUse, use: SuggesterUse) -> str:
    precision = _share(row.right, row.suggested) if row.suggested else "none suggested"
    decided = f"{row.looked_at}, {row.accepted}, {row.changed}, {row.refused}"
    return f"{precision}; {_found(row, use)}; {decided}"


def _found(row: SuggestedCodeUse, use: SuggesterUse) -> str:
    estimate = estimate_misses(
        found=row.found, with_code=row.missed, read=use.read, passages=use.unsuggested
    )
    if estimate is None or estimate.share is None:
        return "not estimated"
    return f"{estimate.share:.0%} ({estimate.share_low:.0%} to {estimate.share_high:.0%})"


def _share(part: int, base: int) -> str:
    low, high = wilson_interval(part, base)
    return f"{part / base:.0%}, 95% interval {low:.0%} to {high:.0%}"


def _total(use: SuggesterUse, name: str) -> int:
    return sum(getattr(row, name) for row in use.codes)


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
