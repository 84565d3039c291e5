"""The tables of data for researchers, with the fields that a framework gives them. Pure.

Nothing here knows the name of a variable or a code: they come from the framework.
"""

from collections.abc import Iterator

from waymark.frameworks.schema import LISTED_PERSON, FrameworkFile
from waymark.frameworks.variables import VariableSpec
from waymark.overview.spec.names import CRITERIA, IMPACTS
from waymark.publishing.formats.tidy.shape import (
    CategoryValue,
    TableField,
    TableReference,
    TableShape,
    required_field,
)

NOT_JUDGED = "not_judged"
WITHHELD = "withheld"
RECORDED = "said"
NOT_RECORDED = "not_recorded"
MISSING_VALUES = (
    CategoryValue(
        NOT_JUDGED,
        "Not judged",
        "Nobody judged it, or its quotes are in a report that is not open to you.",
    ),
    CategoryValue(
        WITHHELD,
        "Withheld",
        "An overview that protects small numbers counts this review, so its facts are not published"
        " row by row.",
    ),
)
"""Values for a review or a child whose value is missing or withheld."""
# A missing number is empty in its own column, and a second column says why: "not recorded" beside 3
# and 5 would make the column text.
NUMBERS = {"year": "year", "age": "months", "number": "number"}
"""Types of variables that are numbers -> their units."""
STATUS = (
    CategoryValue(RECORDED, "Recorded", "The number is in the column of the variable."),
    CategoryValue(NOT_RECORDED, "Not recorded", "The reports do not say it. Silence is not zero."),
    *MISSING_VALUES,
)
BASES = (
    CategoryValue("sole", "Coded by one person"),
    CategoryValue("both", "Both coders agreed"),
    CategoryValue("adjudicated", "Adjudicated"),
)
FOUND = (
    CategoryValue("found", "Found", "A passage of a report that is open to you has the code."),
    CategoryValue(
        "not_found",
        "Not found",
        "No such passage. Silence is not absence: it may still have been so.",
    ),
)
NOT_SAID = "not_said"
DIFFERS = "differs"
NOT_KEPT = "not_kept"
QUALIFIER_GAPS = (
    CategoryValue(NOT_SAID, "Not given", "No coder of the passage gave a value: silence."),
    CategoryValue(
        DIFFERS,
        "Coders differ",
        "Two coders marked the same passage and gave different values: qualifiers are not settled.",
    ),
    CategoryValue(
        NOT_KEPT,
        "Not in frozen rows",
        "These rows were frozen for an overview, and frozen rows have no qualifiers. They are in"
        " the current data.",
    ),
)
"""Values for a passage without one agreed value of a qualifier."""
STATUSES = (
    CategoryValue("not_started", "Not started"),
    CategoryValue("in_progress", "In progress"),
    CategoryValue(
        "complete", "Complete", "Something was done. The impact tells if anything changed."
    ),
    CategoryValue("superseded", "Superseded"),
    CategoryValue("not_accepted", "Not accepted"),
    CategoryValue("nothing_told", "Nothing reported yet"),
)
CHANGED = (
    *(CategoryValue(*pair) for pair in IMPACTS.items()),
    CategoryValue("nothing_told", "Nothing reported"),
)
UNITS = (CategoryValue("review", "A review"), CategoryValue("child", "A child"))

REVIEW = required_field("review", "string", "The reference of the review.")
FRAMEWORK = required_field(
    "framework",
    "string",
    "Name and version of the framework. Do not join rows of different versions.",
)
BASIS = TableField("basis", "category", "How it was agreed.", values=BASES)
READ_FROM = (
    CategoryValue("file", "The words of the file"),
    CategoryValue("layer", "A text layer under a scanned image", "Words may be wrong."),
    CategoryValue("scan", "Recognised from a scan", "Words may be wrong."),
    CategoryValue(
        "poor-scan", "Recognised from a low quality scan", "Compare with the image of the page."
    ),
)
COLUMNS_OF_RECORDS = frozenset(
    (
        *("review", "title", "collection", "nation", "board", "review_type", "period"),
        *("completed_on", "published_on", "fictional", "framework", "coded", "rows_withheld"),
        *("children", "number"),
    )
)
"""Columns of reviews and children that come from the record; no variable may have the same."""
OF_REVIEW = TableReference(("review",), "reviews", ("review",))


def _quote_fields() -> tuple[TableField, ...]:
    """The fields of a quote: its location in a report, and its text."""
    return (
        required_field("citation_key", "string", "The permanent key of the passage: /p/KEY/."),
        required_field("report", "string", "The key of the report."),
        required_field("page", "integer", "The page on which the passage begins, from 1."),
        required_field("words", "string", "The text of the passage, exactly as in the report."),
        required_field("read_from", "category", "How the words were read.", values=READ_FROM),
    )


def framework_shapes(framework: FrameworkFile) -> dict[str, TableShape]:
    """Every table of records by its name, in their order."""
    ordered = (
        _reviews_shape(framework),
        _children_shape(framework),
        _judgements_shape(framework),
        _judgement_quotes(),
        _codings_shape(framework),
        _review_codes(framework),
        _recommendations_shape(framework),
    )
    return {shape.name: shape for shape in ordered}


def _reviews_shape(framework: FrameworkFile) -> TableShape:
    return TableShape(
        name="reviews",
        title="Reviews",
        unit="review",
        text="One row for each review, with one column for each fact about reviews.",
        fields=(
            required_field("review", "string", "The reference; it never changes."),
            required_field("title", "string", "The title in the catalogue."),
            TableField("collection", "string", "The collection it belongs to."),
            TableField("nation", "string", "Where the review took place."),
            TableField("board", "string", "The board that commissioned it."),
            TableField("review_type", "string", "The process of review."),
            TableField("period", "string", "The period it is about."),
            TableField("completed_on", "date", "When the review ended, where known."),
            TableField("published_on", "date", "When it was published, where known."),
            required_field("fictional", "boolean", "Written for demonstration."),
            FRAMEWORK,
            required_field(
                "coded",
                "boolean",
                "True if it was coded with the framework and a report of it is open to you. If"
                " false, nothing is known about its facts.",
            ),
            required_field(
                "rows_withheld",
                "boolean",
                "True if its facts are withheld because an overview that protects small numbers"
                " counts it.",
            ),
            TableField(
                "children",
                "integer",
                "Number of children the review is about; empty if not known or withheld.",
                unit="children",
            ),
            *_variable_fields(framework, "review"),
        ),
        key=("review",),
    )


def _children_shape(framework: FrameworkFile) -> TableShape:
    return TableShape(
        name="children",
        title="Children",
        unit="child",
        text="One row for each child of a review, with one column for each fact about children."
        " Names that reports use for a child are left out.",
        fields=(
            required_field("child", "string", "The review and the number of the child."),
            REVIEW,
            required_field("number", "integer", "The child's number in the review."),
            FRAMEWORK,
            *_variable_fields(framework, "child"),
        ),
        key=("child",),
        references=(OF_REVIEW,),
    )


def variables_of_level(framework: FrameworkFile, level: str) -> list[VariableSpec]:
    """The variables about reviews, or those about children."""
    return [variable for variable in framework.variables if variable.level == level]


def _variable_fields(framework: FrameworkFile, level: str) -> Iterator[TableField]:
    """A column for each variable; a number has a second column for its status."""
    for variable in variables_of_level(framework, level):
        name, text = column_of(variable), f"{variable.name}. {variable.definition}"
        if variable.type in NUMBERS:
            yield TableField(name, "integer", text, NUMBERS[variable.type])
            about = f"Status of {name}: recorded, or the reason why it is missing."
            yield required_field(f"{name}_status", "category", about, values=STATUS)
        elif variable.type in {"text", "categories"}:
            yield TableField(name, "string", text + _several_values(variable))
        else:
            values = (*_allowed_values(variable), *MISSING_VALUES)
            yield required_field(name, "category", text, values=values)


def _several_values(variable: VariableSpec) -> str:
    """What a column with several values in one cell may contain; "" for a text."""
    values = "; ".join(f"{value.value} ({value.label})" for value in variable.allowed)
    return f" One or more, separated by commas: {values}." if values else ""


def column_of(variable: VariableSpec) -> str:
    """The name of the column of a variable: its id, or nation_judged beside the record's nation."""
    return f"{variable.id}_judged" if variable.id in COLUMNS_OF_RECORDS else variable.id


def _allowed_values(variable: VariableSpec) -> tuple[CategoryValue, ...]:
    allowed = []
    for value in variable.allowed:
        remarks = ["Counts as a death."] if value.death else []
        remarks += ["Used if it is not known."] if value.unknown else []
        allowed.append(CategoryValue(value.value, value.label, " ".join(remarks)))
    return tuple(allowed)


def _judgements_shape(framework: FrameworkFile) -> TableShape:
    listed = tuple(
        CategoryValue(variable.id, variable.name, variable.definition)
        for variable in framework.variables
        if variable.level != "adult"
    )
    return TableShape(
        name="judgements",
        title="Judgements",
        unit="agreed value of a variable",
        text="One row for each agreed fact about a review or a child. A fact that nobody judged has"
        " no row.",
        fields=(
            required_field("judgement", "string", "The review or child, and the variable."),
            REVIEW,
            TableField("child", "string", "The child; empty for a fact about the review."),
            required_field("unit", "category", "Review or child.", values=UNITS),
            required_field("variable", "category", "The variable.", values=listed),
            required_field("variable_label", "string", "The variable in words."),
            TableField("value", "string", "The value in the framework; empty if not recorded."),
            required_field("value_label", "string", "The value in words."),
            TableField(
                "number", "integer", "Years and numbers; ages in whole months, rounded down."
            ),
            required_field(
                "silence",
                "boolean",
                "True if the value only means that the reports do not say. Silence is not absence.",
            ),
            BASIS,
            required_field(
                "quotes", "integer", "Number of passages open to you that are evidence of it."
            ),
            FRAMEWORK,
        ),
        key=("judgement",),
        references=(OF_REVIEW, TableReference(("child",), "children", ("child",))),
    )


def _judgement_quotes() -> TableShape:
    return TableShape(
        name="judgement_quotes",
        title="Quotes for judgements",
        unit="passage with a judgement",
        text="One row for each passage of a report, open to you, that is evidence of a judgement.",
        fields=(required_field("judgement", "string", "The judgement."), REVIEW, *_quote_fields()),
        key=("judgement", "citation_key"),
        references=(OF_REVIEW, TableReference(("judgement",), "judgements", ("judgement",))),
    )


def _allowed_codes(framework: FrameworkFile) -> tuple[CategoryValue, ...]:
    return tuple(CategoryValue(code.id, code.name, code.definition) for code in framework.codes)


def _code_fields(framework: FrameworkFile) -> tuple[TableField, ...]:
    sections = tuple(
        CategoryValue(section.id, section.name, section.description)
        for section in framework.sections
    )
    return (
        required_field("code", "category", "The code.", values=_allowed_codes(framework)),
        required_field("code_label", "string", "The code in words."),
        required_field("section", "category", "The section of the framework.", values=sections),
        TableField("theme", "integer", "The number of the theme for learning, if it is one."),
    )


def _qualifier_fields(framework: FrameworkFile) -> Iterator[TableField]:
    """A column for each qualifier, with a prefix: a qualifier may be named as another column.

    Examples are "page" and "status".
    """
    for name, values in framework.qualifiers.items():
        if values == (LISTED_PERSON,):
            about = f"A qualifier of the passage: {name.replace('_', ' ')}, such as child 1."
            yield required_field(f"qualifier.{name}", "string", about)
            continue
        listed = tuple(
            CategoryValue(value, value.replace("_", " ").capitalize()) for value in values
        )
        yield required_field(
            f"qualifier.{name}",
            "category",
            f"A qualifier of the passage: {name.replace('_', ' ')}. The value on which all coders"
            " who gave one agree.",
            values=(*listed, *QUALIFIER_GAPS),
        )


def _codings_shape(framework: FrameworkFile) -> TableShape:
    return TableShape(
        name="codings",
        title="Codings",
        unit="passage with a code",
        text="One row for each passage of a report, open to you, with an agreed code. If two coders"
        " marked it with different limits, it has two rows. Further values from the coders are in"
        " the columns qualifier.*, if coders agree; frozen rows do not have them.",
        fields=(
            required_field("coding", "string", "The review, the code and the passage."),
            REVIEW,
            *_code_fields(framework),
            BASIS,
            *_qualifier_fields(framework),
            *_quote_fields(),
            FRAMEWORK,
        ),
        key=("coding",),
        references=(OF_REVIEW,),
    )


def _review_codes(framework: FrameworkFile) -> TableShape:
    return TableShape(
        name="review_codes",
        title="Codes of reviews",
        unit="review and code",
        text="One row for each coded review and each code of the framework: found in it, or not."
        " Tables also count a theme if a code below it was found: see parent.",
        fields=(
            required_field("review_code", "string", "The review and the code."),
            REVIEW,
            *_code_fields(framework),
            TableField(
                "parent", "category", "The code above it.", values=_allowed_codes(framework)
            ),
            required_field("state", "category", "Found or not found.", values=FOUND),
            BASIS,
            required_field("passages", "integer", "Number of passages open to you with the code."),
            FRAMEWORK,
        ),
        key=("review_code",),
        references=(OF_REVIEW,),
    )


def _recommendations_shape(framework: FrameworkFile) -> TableShape:
    lists = framework.recommendations
    categories, audiences = (
        tuple(CategoryValue(option.value, option.label) for option in options)
        for options in (lists.categories, lists.audiences)
    )
    return TableShape(
        name="recommendations",
        title="Recommendations",
        unit="recommendation",
        text="One row for each recommendation in a report open to you, with its last known status.",
        fields=(
            required_field("recommendation", "string", "The review and the number."),
            REVIEW,
            required_field("number", "integer", "Its number in the review."),
            required_field("category", "string", "What it asks for.", values=categories),
            required_field("audience", "string", "Who should act on it.", values=audiences),
            *(
                required_field(name, "boolean", f"Judged to be {label.lower()}.")
                for name, label in CRITERIA.items()
            ),
            required_field("status", "category", "Progress of work on it.", values=STATUSES),
            required_field(
                "impact",
                "category",
                "The change that followed. Complete is not impact.",
                values=CHANGED,
            ),
            required_field(
                "overdue",
                "boolean",
                "True if it was still open after its due date, on the day of the request.",
            ),
            *_quote_fields(),
            FRAMEWORK,
        ),
        key=("recommendation",),
        references=(OF_REVIEW,),
    )
