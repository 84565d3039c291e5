"""Texts about the programs that suggested codes: what became of it, and what they missed."""

from collections.abc import Iterator

from waymark.coding.miss_estimate import estimate_misses
from waymark.core.shares import wilson_interval
from waymark.core.wording import counted
from waymark.overview.releases.release import Release
from waymark.overview.snapshot.rows import SuggestedCodeUse, SuggesterUse
from waymark.publishing.document.nodes import Node, ParagraphNode, PointList

NO_MACHINE = (
    "No machine was used: no program suggested a code for any of these reviews. People read, coded"
    " and decided everything."
)


def suggestion_paragraphs(release: Release) -> Iterator[str]:
    """What programs suggested, and what people did with it; nothing if no program was used.

    Under a profile other than open no numbers are given: a total over all codes is a figure of one
    code if the program suggested no other. Numbers by code: see suggestion_nodes().
    """
    if release.spec.no_machine:
        yield NO_MACHINE
    for use in release.measured.suggesters:
        if release.profile != "open":
            yield _without_numbers(use)
            continue
        yield _in_words(use)


def suggestion_nodes(release: Release) -> Iterator[Node]:
    """The suggestions of each program by code, as a list.

    None under a profile that protects small numbers.
    """
    names = {code.id: code.name for code in release.framework.codes}
    for use in release.measured.suggesters if release.profile == "open" else ():
        points = [
            f"{names.get(row.code, row.code)}: {_of_code(row, use)}"
            for row in use.codes
            if row.suggested
        ]
        if points:
            yield ParagraphNode((f"Suggestions of {use.name} by code:",))
            yield PointList(tuple((point,) for point in points))


def _without_numbers(use: SuggesterUse) -> str:
    return (
        f"A program, {use.name} ({use.kind.lower()}), suggested codes. What it suggested is not"
        " counted. How well it did is not printed, because small numbers are protected here."
    )


def _in_words(use: SuggesterUse) -> str:
    kind = use.kind.lower()
    begin = f"A program, {use.name} ({kind}), suggested codes. What it suggested is not counted."
    if not use.reviews:
        return (
            f"{begin} How well it did is not known: it read no settled review that it did not learn"
            " from."
        )
    suggested, right = _total(use, "suggested"), _total(use, "right")
    text = (
        f"{begin} In {counted(use.reviews, 'review')} that it read and did not learn from, it made"
        f" {counted(suggested, 'suggestion')}"
    )
    if suggested:
        text += f"; {right:,} of them ({_share(right, suggested)}) agree with what people settled"
    decided = [_total(use, name) for name in ("looked_at", "accepted", "changed", "refused")]
    text += (
        f". People looked at {decided[0]:,}: they accepted {decided[1]:,}, changed {decided[2]:,}"
        f" and refused {decided[3]:,}."
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


def _of_code(row: SuggestedCodeUse, use: SuggesterUse) -> str:
    text = f"{counted(row.suggested, 'suggestion')}, precision {_share(row.right, row.suggested)}"
    share = _found(row, use)
    text += f"; share found {share}" if share else ""
    if row.looked_at:
        text += f"; {row.accepted} accepted, {row.changed} changed, {row.refused} refused"
    return text


def _found(row: SuggestedCodeUse, use: SuggesterUse) -> str:
    """The share found with its interval, "" if it was not estimated."""
    estimate = estimate_misses(
        found=row.found, with_code=row.missed, read=use.read, passages=use.unsuggested
    )
    if estimate is None or estimate.share is None:
        return ""
    return f"{estimate.share:.0%} ({estimate.share_low:.0%} to {estimate.share_high:.0%})"


def _share(part: int, base: int) -> str:
    low, high = wilson_interval(part, base)
    return f"{part / base:.0%}, 95% interval {low:.0%} to {high:.0%}"


def _total(use: SuggesterUse, name: str) -> int:
    return sum(getattr(row, name) for row in use.codes)
