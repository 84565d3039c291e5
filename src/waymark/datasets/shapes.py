"""The tables of data for researchers, with the fields that a framework gives them. Pure.

Nothing here knows the name of a variable or a code: they come from the framework.
"""

from collections.abc import Iterator

from waymark.frameworks.schema import FrameworkFile, VariableSpec
from waymark.overview.spec_names import CRITERIA, IMPACTS
from waymark.publishing.tidy.shape import Allowed, Field, Reference, Shape

NOT_JUDGED = "not_judged"
WITHHELD = "withheld"
SAID = "said"
UNSAID = "not_recorded"
GONE = (
    Allowed(
        NOT_JUDGED,
        "Not judged",
        "Nobody judged it, or its quotes are in a report that is not open to you.",
    ),
    Allowed(
        WITHHELD,
        "Withheld",
        "An overview that protects small numbers counts this review, so its facts are not published"
        " row by row.",
    ),
)
"""Values for a review or a child whose value is missing or withheld."""
NUMBERS = {"year": "year", "age": "months"}
"""Types of variables that are numbers -> their units."""
STATUS = (
    Allowed(SAID, "Recorded", "The number is in the column of the variable."),
    Allowed(UNSAID, "Not recorded", "The reports do not say it. Silence is not zero."),
    *GONE,
)
BASES = (
    Allowed("sole", "Coded by one person"),
    Allowed("both", "Both coders agreed"),
    Allowed("adjudicated", "Adjudicated"),
)
FOUND = (
    Allowed("found", "Found", "A passage of a report that is open to you has the code."),
    Allowed(
        "not_found",
        "Not found",
        "No such passage. Silence is not absence: it may still have been so.",
    ),
)
NOT_SAID = "not_said"
DIFFERS = "differs"
NOT_KEPT = "not_kept"
BESIDE = (
    Allowed(NOT_SAID, "Not given", "No coder of the passage gave a value: silence."),
    Allowed(
        DIFFERS,
        "Coders differ",
        "Two coders marked the same passage and gave different values: qualifiers are not settled.",
    ),
    Allowed(
        NOT_KEPT,
        "Not in frozen rows",
        "These rows were frozen for an overview, and frozen rows have no qualifiers. They are in"
        " the current data.",
    ),
)
"""Values for a passage without one agreed value of a qualifier."""
TOLD = (
    Allowed("not_started", "Not started"),
    Allowed("in_progress", "In progress"),
    Allowed("complete", "Complete", "Something was done. The impact tells if anything changed."),
    Allowed("superseded", "Superseded"),
    Allowed("not_accepted", "Not accepted"),
    Allowed("nothing_told", "Nothing reported yet"),
)
CHANGED = (
    *(Allowed(*pair) for pair in IMPACTS.items()),
    Allowed("nothing_told", "Nothing reported"),
)
UNITS = (Allowed("review", "A review"), Allowed("child", "A child"))

REVIEW = Field("review", "string", "The reference of the review.", required=True)
FRAMEWORK = Field(
    "framework",
    "string",
    "Name and version of the framework. Do not join rows of different versions.",
    required=True,
)
BASIS = Field("basis", "category", "How it was agreed.", values=BASES)
OF_REVIEW = Reference(("review",), "reviews", ("review",))


def _place() -> tuple[Field, ...]:
    """The fields of a quote: its location in a report, and its text."""
    return (
        Field(
            "citation_key", "string", "The permanent key of the passage: /p/KEY/.", required=True
        ),
        Field("report", "string", "The key of the report.", required=True),
        Field("page", "integer", "The page on which the passage begins, from 1.", required=True),
        Field(
            "words", "string", "The text of the passage, exactly as in the report.", required=True
        ),
    )


def shapes(framework: FrameworkFile) -> dict[str, Shape]:
    """Every table of records by its name, in their order."""
    ordered = (
        _reviews(framework),
        _children(framework),
        _judgements(framework),
        _judgement_quotes(),
        _codings(framework),
        _review_codes(framework),
        _recommendations(framework),
    )
    return {shape.name: shape for shape in ordered}


def _reviews(framework: FrameworkFile) -> Shape:
    return Shape(
        name="reviews",
        title="Reviews",
        unit="review",
        text="One row for each review, with one column for each fact about reviews.",
        fields=(
            Field("review", "string", "The reference; it never changes.", required=True),
            Field("title", "string", "The title in the catalogue.", required=True),
            Field("collection", "string", "The collection it belongs to."),
            Field("nation", "string", "Where the review took place."),
            Field("board", "string", "The board that commissioned it."),
            Field("review_type", "string", "The process of review."),
            Field("period", "string", "The period it is about."),
            Field("completed_on", "date", "When the review ended, where known."),
            Field("published_on", "date", "When it was published, where known."),
            Field("fictional", "boolean", "Written for demonstration.", required=True),
            FRAMEWORK,
            Field(
                "coded",
                "boolean",
                "True if it was coded with the framework and a report of it is open to you. If"
                " false, nothing is known about its facts.",
                required=True,
            ),
            Field(
                "rows_withheld",
                "boolean",
                "True if its facts are withheld because an overview that protects small numbers"
                " counts it.",
                required=True,
            ),
            Field(
                "children",
                "integer",
                "Number of children the review is about; empty if not known or withheld.",
                unit="children",
            ),
            *_columns(framework, "review"),
        ),
        key=("review",),
    )


def _children(framework: FrameworkFile) -> Shape:
    return Shape(
        name="children",
        title="Children",
        unit="child",
        text="One row for each child of a review, with one column for each fact about children."
        " Names that reports use for a child are left out.",
        fields=(
            Field("child", "string", "The review and the number of the child.", required=True),
            REVIEW,
            Field("number", "integer", "The child's number in the review.", required=True),
            FRAMEWORK,
            *_columns(framework, "child"),
        ),
        key=("child",),
        references=(OF_REVIEW,),
    )


def variables(framework: FrameworkFile, level: str) -> list[VariableSpec]:
    """The variables about reviews, or those about children."""
    return [variable for variable in framework.variables if variable.level == level]


def _columns(framework: FrameworkFile, level: str) -> Iterator[Field]:
    """A column for each variable; a number has a second column for its status."""
    for variable in variables(framework, level):
        text = f"{variable.name}. {variable.definition}"
        if variable.type in NUMBERS:
            yield Field(variable.id, "integer", text, NUMBERS[variable.type])
            about = f"Status of {variable.id}: recorded, or the reason why it is missing."
            yield Field(status_of(variable), "category", about, required=True, values=STATUS)
        elif variable.type == "text":
            yield Field(variable.id, "string", text)
        else:
            values = (*_values(variable), *GONE)
            yield Field(variable.id, "category", text, required=True, values=values)


def status_of(variable: VariableSpec) -> str:
    """The name of the status column of a number."""
    return f"{variable.id}_status"


def _values(variable: VariableSpec) -> tuple[Allowed, ...]:
    allowed = []
    for value in variable.allowed:
        remarks = ["Counts as a death."] if value.death else []
        remarks += ["Used if it is not known."] if value.unknown else []
        allowed.append(Allowed(value.value, value.label, " ".join(remarks)))
    return tuple(allowed)


def _judgements(framework: FrameworkFile) -> Shape:
    listed = tuple(
        Allowed(variable.id, variable.name, variable.definition) for variable in framework.variables
    )
    return Shape(
        name="judgements",
        title="Judgements",
        unit="agreed value of a variable",
        text="One row for each agreed fact about a review or a child. A fact that nobody judged has"
        " no row.",
        fields=(
            Field("judgement", "string", "The review or child, and the variable.", required=True),
            REVIEW,
            Field("child", "string", "The child; empty for a fact about the review."),
            Field("unit", "category", "Review or child.", required=True, values=UNITS),
            Field("variable", "category", "The variable.", required=True, values=listed),
            Field("variable_label", "string", "The variable in words.", required=True),
            Field("value", "string", "The value in the framework; empty if not recorded."),
            Field("value_label", "string", "The value in words.", required=True),
            Field("number", "integer", "Years as numbers; ages in whole months, rounded down."),
            Field(
                "silence",
                "boolean",
                "True if the value only means that the reports do not say. Silence is not absence.",
                required=True,
            ),
            BASIS,
            Field(
                "quotes",
                "integer",
                "Number of passages open to you that are evidence of it.",
                required=True,
            ),
            FRAMEWORK,
        ),
        key=("judgement",),
        references=(OF_REVIEW, Reference(("child",), "children", ("child",))),
    )


def _judgement_quotes() -> Shape:
    return Shape(
        name="judgement_quotes",
        title="Quotes for judgements",
        unit="passage with a judgement",
        text="One row for each passage of a report, open to you, that is evidence of a judgement.",
        fields=(
            Field("judgement", "string", "The judgement.", required=True),
            REVIEW,
            *_place(),
        ),
        key=("judgement", "citation_key"),
        references=(OF_REVIEW, Reference(("judgement",), "judgements", ("judgement",))),
    )


def _listed(framework: FrameworkFile) -> tuple[Allowed, ...]:
    return tuple(Allowed(code.id, code.name, code.definition) for code in framework.codes)


def _of_code(framework: FrameworkFile) -> tuple[Field, ...]:
    sections = tuple(
        Allowed(section.id, section.name, section.description) for section in framework.sections
    )
    return (
        Field("code", "category", "The code.", required=True, values=_listed(framework)),
        Field("code_label", "string", "The code in words.", required=True),
        Field(
            "section", "category", "The section of the framework.", required=True, values=sections
        ),
        Field("theme", "integer", "The number of the theme for learning, if it is one."),
    )


def _qualifiers(framework: FrameworkFile) -> Iterator[Field]:
    """A column for each qualifier, with a prefix: a qualifier may be named as another column.

    Examples are "page" and "status".
    """
    for name, values in framework.qualifiers.items():
        listed = tuple(Allowed(value, value.replace("_", " ").capitalize()) for value in values)
        yield Field(
            f"qualifier.{name}",
            "category",
            f"A qualifier of the passage: {name.replace('_', ' ')}. The value on which all coders"
            " who gave one agree.",
            required=True,
            values=(*listed, *BESIDE),
        )


def _codings(framework: FrameworkFile) -> Shape:
    return Shape(
        name="codings",
        title="Codings",
        unit="passage with a code",
        text="One row for each passage of a report, open to you, with an agreed code. If two coders"
        " marked it with different limits, it has two rows. Further values from the coders are in"
        " the columns qualifier.*, if coders agree; frozen rows do not have them.",
        fields=(
            Field("coding", "string", "The review, the code and the passage.", required=True),
            REVIEW,
            *_of_code(framework),
            BASIS,
            *_qualifiers(framework),
            *_place(),
            FRAMEWORK,
        ),
        key=("coding",),
        references=(OF_REVIEW,),
    )


def _review_codes(framework: FrameworkFile) -> Shape:
    return Shape(
        name="review_codes",
        title="Codes of reviews",
        unit="review and code",
        text="One row for each coded review and each code of the framework: found in it, or not."
        " Tables also count a theme if a code below it was found: see parent.",
        fields=(
            Field("review_code", "string", "The review and the code.", required=True),
            REVIEW,
            *_of_code(framework),
            Field("parent", "category", "The code above it.", values=_listed(framework)),
            Field("state", "category", "Found or not found.", required=True, values=FOUND),
            BASIS,
            Field(
                "passages",
                "integer",
                "Number of passages open to you with the code.",
                required=True,
            ),
            FRAMEWORK,
        ),
        key=("review_code",),
        references=(OF_REVIEW,),
    )


def _recommendations(framework: FrameworkFile) -> Shape:
    lists = framework.recommendations
    categories, audiences = (
        tuple(Allowed(option.value, option.label) for option in options)
        for options in (lists.categories, lists.audiences)
    )
    return Shape(
        name="recommendations",
        title="Recommendations",
        unit="recommendation",
        text="One row for each recommendation in a report open to you, with its last known status.",
        fields=(
            Field("recommendation", "string", "The review and the number.", required=True),
            REVIEW,
            Field("number", "integer", "Its number in the review.", required=True),
            Field("category", "string", "What it asks for.", required=True, values=categories),
            Field("audience", "string", "Who should act on it.", required=True, values=audiences),
            *(
                Field(name, "boolean", f"Judged to be {label.lower()}.", required=True)
                for name, label in CRITERIA.items()
            ),
            Field("status", "category", "Progress of work on it.", required=True, values=TOLD),
            Field(
                "impact",
                "category",
                "The change that followed. Complete is not impact.",
                required=True,
                values=CHANGED,
            ),
            Field(
                "overdue",
                "boolean",
                "True if it was still open after its due date, on the day of the request.",
                required=True,
            ),
            *_place(),
            FRAMEWORK,
        ),
        key=("recommendation",),
        references=(OF_REVIEW,),
    )
