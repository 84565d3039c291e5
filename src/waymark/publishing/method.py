"""The words about method: what was done, as the spec and the tables say, and what always holds."""

from collections.abc import Iterator

from waymark.frameworks.schema import CodeSpec, VariableSpec
from waymark.overview.facts import codes_of, variables_of
from waymark.overview.release import Release
from waymark.overview.spec import (
    AgreementTable,
    ContactsTable,
    CooccurrenceTable,
    Crosstab,
    FlowTable,
    StatesTable,
    ThemesTable,
)


def method(release: Release) -> list[str]:
    """What was done, in paragraphs; numbers are named as cells and put in by the renderer."""
    return [
        *selection(release),
        *_coding(release),
        *_counting(release),
        *_agreement(release),
        *_protection(release),
    ]


def selection(release: Release) -> Iterator[str]:
    """Which reviews were asked for, obtained, left out and read."""
    select = release.spec.select
    asked = (
        f"all reviews of the collection {select.collection}"
        if select.collection
        else "reviews that were chosen by name"
    )
    text = f"The overview asked for {asked}."
    flow = next((one.id for one in release.spec.tables if isinstance(one, FlowTable)), None)
    if flow:
        text += (
            f" {{{flow}/identified/n}} were identified, and the reports of {{{flow}/obtained/n}}"
            f" could be obtained. Excluded: {{{flow}/excluded/n}}. Read and coded, and so counted"
            f" here: {{{flow}/coded/n}}."
        )
    yield text
    for one in select.exclude:
        yield f"Excluded was {one.review}: {one.reason}"


def _coding(release: Release) -> Iterator[str]:
    flow = next((one.id for one in release.spec.tables if isinstance(one, FlowTable)), None)
    twice = f"{{{flow}/double_coded/n}} of them" if flow else "Some of them"
    yield (
        f"Each report was read by a person with the framework {release.spec.framework}, who marked"
        " the passages that bear a code and recorded facts about the review and each child, with"
        f" the words they rest on. {twice} were read by two people, each without seeing the"
        " other's work; where they differed, it was settled afterwards, with a reason. What a"
        " program suggests is never counted."
    )


def _counting(release: Release) -> Iterator[str]:
    is_open = release.profile == "open"
    leads = (
        ", and leads to the reviews it counts and to the words on the page."
        if is_open
        else ". Numbers about people lead to no single review, so that what is withheld stays so."
    )
    yield (
        "Every table names its unit and its base. What is not known is printed as a row of its own"
        f" and stays in the base. Every number was counted from the agreed facts{leads}"
    )
    if any(isinstance(one, StatesTable) for one in release.spec.tables):
        bounds = (
            " So each share is given with two bounds: as if only what is certain were so, and as if"
            " all that is not denied were so."
        )
        yield (
            "A factor is recorded as present or suspected, stated to be absent, unclear, or not"
            f" mentioned. Silence is not absence.{bounds if is_open else ''}"
        )
    if any(isinstance(one, ThemesTable) for one in release.spec.tables):
        yield (
            "A theme is counted once for each review that bears it. The number of passages is"
            " given beside it and ranks nothing, because reports differ in length."
        )


def _agreement(release: Release) -> Iterator[str]:
    for one in release.spec.tables:
        if isinstance(one, AgreementTable):
            yield (
                f"Of {{{one.id}/all/units}} decisions that two people took apart, they took"
                f" {{{one.id}/all/agreed}} alike (share {{{one.id}/all/raw}}, kappa"
                f" {{{one.id}/all/kappa}}, AC1 {{{one.id}/all/ac1}}). This was counted before"
                " anything was settled."
            )


def _protection(release: Release) -> Iterator[str]:
    decision = release.spec.disclosure
    done = (
        "Before anything was shown, all tables were protected together under the profile"
        f" {release.profile}"
    )
    if release.profile == decision.profile:
        yield f"{done}, on which {decision.controller} decided: {decision.reason}"
    else:
        yield f"{done}. This is a draft: {decision.controller} decided on {decision.profile}."


LIMITS = """
Reviews are held because of what happened: somebody died or came to serious harm. There is nobody in
them to whom that did not happen, so they cannot show what makes it more or less likely.

Most families in the circumstances described here never come to a review. Nothing in this overview
can say which person or family will come to harm, and it must not be used so.

Reports are written for a purpose, with hindsight, and from records made for other purposes. What
they do not say may still have been so.

The numbers are small. From one year to the next, one or two reviews more or less mean nothing, and
so no line is fitted and no test is made.

Which incidents lead to a review has changed with law, guidance and local decisions, and so has the
meaning of words. Numbers counted with a framework or version other than the one named here must not
be joined to these.

These are the reviews that were held and could be obtained, not a sample. No interval of sampling
error is given, because it would mean nothing.
"""


def limits() -> list[str]:
    """What no overview of reviews can tell: the same in every one."""
    return [" ".join(one.split()) for one in LIMITS.strip().split("\n\n")]


def definitions(release: Release) -> list[VariableSpec | CodeSpec]:
    """The variables and codes that the tables count, in the framework's order."""
    names = {name for table in release.spec.tables for name in counted(table, release)}
    found: list[VariableSpec | CodeSpec] = []
    found += [one for one in release.framework.variables if one.id in names]
    found += [one for one in release.framework.codes if one.id in names]
    return found


def counted(table: object, release: Release) -> Iterator[str]:
    """The ids of the variables and codes that a table counts, in its order."""
    match table:
        case Crosstab():
            for block in table.blocks:
                for dimension in (block.rows, block.columns, block.where):
                    if dimension is not None and dimension.variable:
                        yield dimension.variable
        case StatesTable() | ContactsTable():
            yield from (one.id for one in variables_of(release.framework, table.group))
        case CooccurrenceTable():
            yield from (name for one in table.of for name in one.any_of)
        case ThemesTable() | AgreementTable():
            yield from (one.id for one in codes_of(release.framework, table.of))
