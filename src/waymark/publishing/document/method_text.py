"""Texts about the method of a report: how this overview was made, and the limits of all of them."""

from collections.abc import Iterator, Mapping

from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.frameworks.families import variables_of_group, variables_with_silence
from waymark.frameworks.schema import CodeSpec
from waymark.frameworks.variables import VariableSpec
from waymark.overview.releases.release import Release
from waymark.overview.spec.schema import (
    AgreementTable,
    ContactsTable,
    CooccurrenceTable,
    CrosstabTable,
    FlowTable,
    OverviewKind,
    OverviewSpec,
    SilenceTable,
    StatesTable,
    ThemesTable,
    chosen_codes,
)
from waymark.overview.spec.selection import SampleDescription
from waymark.overview.tables.data_quality import DataQuality
from waymark.publishing.document.suggestion_text import suggestion_paragraphs


def method_paragraphs(release: Release) -> list[str]:
    """Paragraphs about the method. Numbers are named as cells, which the renderer fills in."""
    return [
        *selection_paragraphs(release),
        *_coding_paragraph(release),
        *suggestion_paragraphs(release),
        *_counting_paragraphs(release),
        *_agreement_paragraphs(release),
        *_protection_paragraph(release),
    ]


def selection_paragraphs(release: Release) -> Iterator[str]:
    """Paragraphs about the reviews that were selected, obtained, excluded and read."""
    select, measured = release.spec.select, release.measured
    flow = _flow_table(release)
    # With a flow table its cells are named, so the numbers link to their evidence; without one they
    # are plain.
    text = f"This overview covers {_selection_phrase(release)}."
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
    yield text + _missing_sentences(measured)
    if select.sample_of is not None:
        sample = select.sample_of
        yield (
            f"The reviews counted are a sample of {sample.population:,}: {sample.of}. How the"
            f" sample was drawn: {sample.drawn}"
        )
    for exclusion in select.exclude:
        yield f"{exclusion.review} was excluded: {exclusion.reason}"


def _flow_table(release: Release) -> str | None:
    """Id of the table of how reviews reached the analysis, if there is one."""
    return next((table.id for table in release.spec.tables if isinstance(table, FlowTable)), None)


def _selection_phrase(release: Release) -> str:
    select, answered = release.spec.select, release.measured.answered
    if answered is not None:
        number = len(answered.references)
        return (
            f"all reviews that match the library search “{answered.query}”, which means"
            f" {answered.explanation}. When the data were frozen, {_review_count(number)} matched"
        )
    if select.collection:
        return f"all reviews in the collection {select.collection}"
    return "reviews chosen by name"


def _missing_sentences(measured: DataQuality) -> str:
    """Sentences about reports that were not obtained or not read; "" if there are none."""
    sentences = []
    if measured.missing:
        sentences.append(f"No report could be obtained for {_review_count(measured.missing)}.")
    if measured.unread:
        sentences.append(f"Obtained but not yet read and coded: {_review_count(measured.unread)}.")
    if measured.summary_only:
        sentences.append(
            f"For {_review_count(measured.summary_only)} that are counted, only an executive"
            " summary could be obtained, so less is known about them."
        )
    return "".join(f" {sentence}" for sentence in sentences)


def _review_count(number: int) -> str:
    return f"{number} review{'s' * (number != 1)}"


def _coding_paragraph(release: Release) -> Iterator[str]:
    flow = _flow_table(release)
    # The cell links to the reviews; without a flow table only the number is known.
    twice = f"{{{flow}/double_coded/n}}" if flow else str(release.measured.double_coded)
    yield (
        f"A person read each report with the coding framework {release.spec.framework}. They coded"
        " passages, and recorded facts about the review and each child with the words that support"
        f" them. {twice} of the reviews were coded by two people who worked independently. Where"
        " they differed, the difference was settled afterwards and the reason was recorded."
        " Suggestions made by a program are never counted."
        f"{_codes_sentence(release.measured)}{_earlier_sentence(release)}"
    )


def _codes_sentence(measured: DataQuality) -> str:
    """How many codes the framework has, and how many of them were applied."""
    codes = f" The framework has {measured.codes} code{'s' * (measured.codes != 1)}"
    number = measured.codes_applied
    applied = f"{number or 'none'} of them {'was' if number == 1 else 'were'} applied"
    return f"{codes}, and {applied} in the reviews counted."


def _earlier_sentence(release: Release) -> str:
    """Which reviews were coded with an earlier version, "" if none was."""
    earlier = [
        f"{_review_count(number)} {'was' if number == 1 else 'were'} coded with {version}"
        for version, number in release.measured.earlier
    ]
    if not earlier:
        return ""
    return (
        f" Of the reviews counted, {' and '.join(earlier)}: those codings were not changed, and are"
        f" read by the mapping of {release.spec.framework}, in which each earlier code and fact has"
        " its place."
    )


def _counting_paragraphs(release: Release) -> Iterator[str]:
    is_open = release.profile == "open"
    leads = (
        ", and links to the reviews it counts and to the words in their reports."
        if is_open
        else ". Numbers about people link to no single review, so that withheld numbers stay so."
    )
    yield (
        "Every table states its unit and its base. Unknown values have a row of their own and are"
        f" part of the base. Every number was counted from the agreed facts{leads}"
    )
    source = release.provenance
    yield (
        f"All numbers were counted with one version of the framework, {release.spec.framework}, by"
        f" Waymark {source.code_version}, from the facts agreed by"
        f" {date_in_words(uk_date(source.taken_at))}."
    )
    if any(isinstance(table, StatesTable) for table in release.spec.tables):
        # Tables print the bounds only under open.
        bounds = (
            " So each share has two bounds: the lower counts only what is certain, the upper"
            " everything that is not stated to be absent."
        )
        yield (
            "A factor is recorded as present or suspected, stated to be absent, unclear, or not"
            f" mentioned. Silence is not absence.{bounds if is_open else ''}"
        )
    if any(isinstance(table, ThemesTable) for table in release.spec.tables):
        yield (
            "A theme is counted once for each review in which it was found. The number of passages"
            " is shown beside it but does not rank the themes, because reports differ in length."
        )


BEFORE = " This was measured before differences were settled."


def _agreement_paragraphs(release: Release) -> Iterator[str]:
    tables = [table for table in release.spec.tables if isinstance(table, AgreementTable)]
    for table in tables:
        yield (
            f"Two people made {{{table.id}/all/units}} decisions independently and agreed on"
            f" {{{table.id}/all/agreed}} of them.{BEFORE} With the chance of each code taken apart,"
            f" kappa is {{{table.id}/within/kappa}} and AC1 {{{table.id}/within/ac1}}. Pooled over"
            f" all codes, kappa is {{{table.id}/all/kappa}}, which takes for agreement that both"
            f" knew which codes are common. Table {table.id[1:]} shows each code."
        )
    agreed = release.measured.agreed
    if agreed is None:
        yield "No review was coded by two people, so agreement between coders is not known."
    elif not tables:
        beyond = "; agreement beyond chance cannot be measured, because every value was the same"
        if agreed.kappa is not None and agreed.ac1 is not None and agreed.pooled is not None:
            beyond = f" (within codes: kappa {agreed.kappa:.3f}, AC1 {agreed.ac1:.3f}"
            beyond += f"; kappa pooled over all codes: {agreed.pooled:.3f})"
        yield (
            f"Two people made {agreed.units} decisions independently and agreed on"
            f" {agreed.agreed} of them{beyond}.{BEFORE}"
        )


def _protection_paragraph(release: Release) -> Iterator[str]:
    decision = release.spec.disclosure
    done = (
        "All tables were protected together under the disclosure profile"
        f" {release.profile} before anything was shown"
    )
    if release.warning:
        yield f"{done}. {release.warning}"
    elif decision.proposed:
        yield f"{done}. The profile is only proposed: nobody has decided on it yet."
    elif release.profile == decision.profile:
        yield f"{done}. {decision.controller} decided on this profile: {decision.reason}"
    else:
        yield f"{done}. This is a draft: {decision.controller} decided on {decision.profile}."


LIMITS = """
Reviews take place because someone died or was seriously harmed. They include no families where
harm did not occur, so they cannot show what makes harm more or less likely.

Most families in the circumstances described here are never the subject of a review. Nothing in this
overview can predict which person or family will come to harm, and it must not be used to do so.

Reports are written for a purpose, with hindsight, and from records made for other purposes.
Something that a report does not mention may still have happened.

The numbers are small. One or two reviews more or less from one year to the next mean nothing, so no
trend lines are fitted and no statistical tests are made.

Law, guidance and local decisions have changed which incidents lead to a review, and the meaning of
words has changed too. Do not combine these numbers with numbers counted with another framework, or
with another version of this one.
"""
CENSUS = (
    "These are the reviews that took place and could be obtained, not a sample. No confidence"
    " intervals are given, because they would mean nothing."
)
OF_A_SAMPLE = (
    "These reviews are a sample of {0:,}: {1}. The 95% confidence intervals beside the shares show"
    " how far a share may be from the share in all {0:,}. They say nothing about reviews that never"
    " took place, about other families, or about what reports do not mention, which the bounds"
    " show."
)


LIMITS_OF: Mapping[OverviewKind, str] = {
    "theme-study": (
        "Reviews with the theme are set beside the others. All were held because of what happened"
        " to a child, so a difference between them is one among such reviews: it shows neither a"
        " cause nor a risk. No statistical tests are made: where every review that could be"
        " obtained is counted, there is no sampling error for a test to measure, and a small"
        " difference between small groups means nothing. That a theme was not found does not mean"
        " that it played no part."
    ),
    "silence-report": (
        "Silence is counted in the reports that were read, not in the lives of children. A report"
        " can be silent because a fact was not there, was not known, was thought to be of no"
        " importance, or was left out to protect people. An executive summary is silent about more"
        " than a full report."
    ),
}


def limits_of_overview(spec: OverviewSpec) -> list[str]:
    """Limits of an overview, a theme study or a silence report; those of its kind come first."""
    own = [LIMITS_OF[spec.kind]] if spec.kind in LIMITS_OF else []
    return [*own, *limits_of_reviews(spec.select.sample_of)]


def limits_of_reviews(sample: SampleDescription | None = None) -> list[str]:
    """Limits of every overview of reviews. sample: set if its reviews are one."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in LIMITS.strip().split("\n\n")]
    # A census has no sampling error; intervals would suggest a precision of another kind.
    last = CENSUS if sample is None else OF_A_SAMPLE.format(sample.population, sample.of)
    return [*paragraphs, last]


def counted_definitions(release: Release) -> list[VariableSpec | CodeSpec]:
    """The variables and codes that the tables count, in the framework's order."""
    names = {name for table in release.spec.tables for name in counted_ids(table, release)}
    names |= {table.where.variable for table in release.spec.tables if table.where}
    specs: list[VariableSpec | CodeSpec] = []
    specs += [spec for spec in release.framework.variables if spec.id in names]
    specs += [spec for spec in release.framework.codes if spec.id in names]
    return specs


def counted_ids(table: object, release: Release) -> Iterator[str]:
    """The ids of the variables and codes that a table counts, in its order."""
    match table:
        case CrosstabTable():
            for block in table.blocks:
                dimensions = (block.rows, block.columns, block.where)
                yield from (part.variable for part in dimensions if part and part.variable)
                crossed = (block.rows, block.columns)
                yield from (part.code for part in crossed if part and part.code)
        case StatesTable() | ContactsTable():
            if table.columns is not None:
                yield from filter(None, (table.columns.variable, table.columns.code))
            yield from (
                variable.id for variable in variables_of_group(release.framework, table.group)
            )
        case SilenceTable():
            yield from (
                variable.id
                for variable in variables_with_silence(
                    release.framework, table.group, table.leave_out
                )
            )
        case CooccurrenceTable():
            yield from (name for group in table.of for name in group.any_of)
        case ThemesTable() | AgreementTable():
            yield from (code.id for code in chosen_codes(release.framework, table.of))
