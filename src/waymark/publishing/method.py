"""The words about method: what was done, as the spec and the tables say, and what always holds."""

from collections.abc import Iterator

from waymark.frameworks.families import variables_of
from waymark.frameworks.schema import CodeSpec, VariableSpec
from waymark.overview.measured import Measured
from waymark.overview.release import Release
from waymark.overview.spec import (
    AgreementTable,
    ContactsTable,
    CooccurrenceTable,
    Crosstab,
    FlowTable,
    StatesTable,
    ThemesTable,
    codes_of,
)
from waymark.overview.spec_selection import Sample
from waymark.publishing.nodes import spoken


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
    select, measured = release.spec.select, release.measured
    flow = _flow(release)
    text = f"The overview asked for {_asked(release)}."
    if flow:
        text += (
            f" {{{flow}/identified/n}} were identified, and the reports of {{{flow}/obtained/n}}"
            f" could be obtained. Excluded: {{{flow}/excluded/n}}. Read and coded, and so counted"
            f" here: {{{flow}/coded/n}}."
        )
    else:
        text += (
            f" Identified: {measured.identified}. Excluded: {measured.excluded}. Read and coded,"
            f" and so counted here: {measured.counted}."
        )
    yield text + _wanting(measured)
    if select.sample_of is not None:
        sample = select.sample_of
        yield (
            f"The reviews counted are a sample of {sample.population:,}: {sample.of}. How they were"
            f" drawn: {sample.drawn}"
        )
    for one in select.exclude:
        yield f"Excluded was {one.review}: {one.reason}"


def _flow(release: Release) -> str | None:
    """The id of the table of how reviews reached the analysis, where there is one."""
    return next((one.id for one in release.spec.tables if isinstance(one, FlowTable)), None)


def _asked(release: Release) -> str:
    select, answered = release.spec.select, release.measured.answered
    if answered is not None:
        number = len(answered.found)
        return (
            f"all reviews that the library finds by the query “{answered.query}”, which means"
            f" {answered.meaning}. When the rows were frozen it found {number}"
        )
    if select.collection:
        return f"all reviews of the collection {select.collection}"
    return "reviews that were chosen by name"


def _wanting(measured: Measured) -> str:
    """What could not be had or was not read, in sentences; as far as there is any."""
    said = []
    if measured.missing:
        said.append(f"No report could be had of {_reviews(measured.missing)}.")
    if measured.unread:
        said.append(f"Obtained but not yet read and coded: {_reviews(measured.unread)}.")
    if measured.summary_only:
        said.append(
            f"Of {_reviews(measured.summary_only)} that are counted only an executive summary could"
            " be had, so that less is known of them."
        )
    return "".join(f" {one}" for one in said)


def _reviews(number: int) -> str:
    return f"{number} review{'s' * (number != 1)}"


def _coding(release: Release) -> Iterator[str]:
    flow = _flow(release)
    twice = f"{{{flow}/double_coded/n}}" if flow else str(release.measured.double_coded)
    yield (
        f"Each report was read by a person with the framework {release.spec.framework}, who marked"
        " the passages that bear a code and recorded facts about the review and each child, with"
        f" the words they rest on. {twice} of them were read by two people, each without seeing the"
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
    source = release.provenance
    yield (
        f"All numbers are counted with one version of the framework, {release.spec.framework}, by"
        f" Waymark {source.code_version}, from the agreed facts as they stood on"
        f" {spoken(source.taken_at.date())}."
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


BEFORE = " This was counted before anything was settled."


def _agreement(release: Release) -> Iterator[str]:
    tables = [one for one in release.spec.tables if isinstance(one, AgreementTable)]
    for one in tables:
        yield (
            f"Of {{{one.id}/all/units}} decisions that two people took apart, they took"
            f" {{{one.id}/all/agreed}} alike (share {{{one.id}/all/raw}}, kappa"
            f" {{{one.id}/all/kappa}}, AC1 {{{one.id}/all/ac1}}).{BEFORE}"
        )
    agreed = release.measured.agreed
    if agreed is None:
        yield "No review was coded by two people, so how far coders would agree is not known."
    elif not tables:
        beyond = "; agreement beyond chance cannot be measured, because they gave one value alone"
        if agreed.kappa is not None and agreed.ac1 is not None:
            beyond = f" (kappa {agreed.kappa:.3f}, AC1 {agreed.ac1:.3f})"
        yield (
            f"Of {agreed.units} decisions that two people took apart, they took {agreed.agreed}"
            f" alike{beyond}.{BEFORE}"
        )


def _protection(release: Release) -> Iterator[str]:
    decision = release.spec.disclosure
    done = (
        "Before anything was shown, all tables were protected together under the profile"
        f" {release.profile}"
    )
    if release.warning:
        yield f"{done}. {release.warning}"
    elif decision.proposed:
        yield f"{done}. It is proposed: nobody has decided on it yet."
    elif release.profile == decision.profile:
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
"""
CENSUS = (
    "These are the reviews that were held and could be obtained, not a sample. No interval of"
    " sampling error is given, because it would mean nothing."
)
OF_A_SAMPLE = (
    "These reviews are a sample of {0:,}: {1}. The 95% intervals beside the shares say how far a"
    " share may lie from that in all of these. They say nothing of reviews that were never held, of"
    " other families, or of what reports leave unsaid, which the bounds show."
)


def limits(sample: Sample | None = None) -> list[str]:
    """What no overview of reviews can tell: the same in every one, but for what a sample may."""
    said = [" ".join(one.split()) for one in LIMITS.strip().split("\n\n")]
    last = CENSUS if sample is None else OF_A_SAMPLE.format(sample.population, sample.of)
    return [*said, last]


def definitions(release: Release) -> list[VariableSpec | CodeSpec]:
    """The variables and codes that the tables count, in the framework's order."""
    names = {name for table in release.spec.tables for name in counted(table, release)}
    names |= {table.where.variable for table in release.spec.tables if table.where}
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
