"""The tables of data for researchers: which there are, and what each field of a framework holds.

Pure. Nothing here knows the name of a variable or a code: the framework says them.
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
        "Nobody judged it, or it rests on words in a report that is not open to you.",
    ),
    Allowed(
        WITHHELD,
        "Withheld",
        "An overview that protects small numbers counts this review: what is known of it is not"
        " given out row by row.",
    ),
)
"""What stands where a review or a child has no value that may be told."""
NUMBERS = {"year": "year", "age": "months"}
"""Types of variables that are numbers, with their units."""
STATUS = (
    Allowed(SAID, "Recorded", "The number is in the column of the variable."),
    Allowed(UNSAID, "Not recorded", "The reports do not say it: silence, not nought."),
    *GONE,
)
BASES = (
    Allowed("sole", "The sole coder's"),
    Allowed("both", "Both coders agreed"),
    Allowed("adjudicated", "Adjudicated"),
)
FOUND = (
    Allowed("found", "Found", "Words of a report that is open to you bear the code."),
    Allowed(
        "not_found",
        "Not found",
        "No such words. Silence is not absence: it may still have been so.",
    ),
)
NOT_SAID = "not_said"
DIFFERS = "differs"
NOT_KEPT = "not_kept"
BESIDE = (
    Allowed(NOT_SAID, "Not said", "No coder of the place said anything of it: silence."),
    Allowed(
        DIFFERS,
        "Coders differ",
        "Two coders marked the same words and said different things: qualifiers are not settled.",
    ),
    Allowed(
        NOT_KEPT,
        "Not kept",
        "These are rows that an overview froze, and frozen rows hold no qualifiers: they are in the"
        " data of what stands now.",
    ),
)
"""What stands where a place has no one value of a qualifier."""
TOLD = (
    Allowed("not_started", "Not started"),
    Allowed("in_progress", "In progress"),
    Allowed("complete", "Complete", "Something was done; whether anything changed is the impact."),
    Allowed("superseded", "Superseded"),
    Allowed("not_accepted", "Not accepted"),
    Allowed("nothing_told", "Nothing told yet"),
)
CHANGED = (*(Allowed(*pair) for pair in IMPACTS.items()), Allowed("nothing_told", "Nothing told"))
UNITS = (Allowed("review", "A review"), Allowed("child", "A child"))

REVIEW = Field("review", "string", "The reference of the review.", required=True)
FRAMEWORK = Field(
    "framework",
    "string",
    "Name and version of the framework. Rows of different versions must not be joined.",
    required=True,
)
BASIS = Field("basis", "category", "How it was agreed.", values=BASES)
OF_REVIEW = Reference(("review",), "reviews", ("review",))


def _place() -> tuple[Field, ...]:
    """Where words stand, and the words."""
    return (
        Field("citation_key", "string", "The lasting key of the place: /p/KEY/.", required=True),
        Field("report", "string", "The key of the report.", required=True),
        Field("page", "integer", "The page on which the words begin, from 1.", required=True),
        Field("words", "string", "The words, as the report has them.", required=True),
    )


def shapes(framework: FrameworkFile) -> dict[str, Shape]:
    """Every table of records by its name, in their order."""
    made = (
        _reviews(framework),
        _children(framework),
        _judgements(framework),
        _judgement_quotes(),
        _codings(framework),
        _review_codes(framework),
        _recommendations(framework),
    )
    return {shape.name: shape for shape in made}


def _reviews(framework: FrameworkFile) -> Shape:
    return Shape(
        name="reviews",
        title="Reviews",
        unit="review",
        text="One row for each review, with one column for each fact that is judged of reviews.",
        fields=(
            Field("review", "string", "The reference; it never changes.", required=True),
            Field("title", "string", "The title in the catalogue.", required=True),
            Field("collection", "string", "What it belongs to."),
            Field("nation", "string", "Where it was held."),
            Field("board", "string", "Who commissioned it."),
            Field("review_type", "string", "Under which process it was held."),
            Field("period", "string", "The time it looks at."),
            Field("completed_on", "date", "When the review ended, where known."),
            Field("published_on", "date", "When it was published, where known."),
            Field("fictional", "boolean", "Written for demonstration.", required=True),
            FRAMEWORK,
            Field(
                "coded",
                "boolean",
                "Whether it was read and coded with the framework, and words of it are open to"
                " you. Where false, nothing is known of its facts.",
                required=True,
            ),
            Field(
                "rows_withheld",
                "boolean",
                "Whether its facts are withheld, because an overview that protects small numbers"
                " counts it.",
                required=True,
            ),
            Field(
                "children",
                "integer",
                "How many children the review is about; empty where that is not known or withheld.",
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
        text="One row for each child of a review, with one column for each fact that is judged of"
        " children. What reports call a child is left out.",
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
    """The variables of reviews, or those of children."""
    return [one for one in framework.variables if one.level == level]


def _columns(framework: FrameworkFile, level: str) -> Iterator[Field]:
    """A column for each variable; a number has a second one that says why it is not there."""
    for one in variables(framework, level):
        text = f"{one.name}. {one.definition}"
        if one.type in NUMBERS:
            yield Field(one.id, "integer", text, NUMBERS[one.type])
            about = f"Whether {one.id} is known, and if not, why."
            yield Field(status_of(one), "category", about, required=True, values=STATUS)
        elif one.type == "text":
            yield Field(one.id, "string", text)
        else:
            values = (*_values(one), *GONE)
            yield Field(one.id, "category", text, required=True, values=values)


def status_of(variable: VariableSpec) -> str:
    """The name of the column that says why a number is not there."""
    return f"{variable.id}_status"


def _values(variable: VariableSpec) -> tuple[Allowed, ...]:
    made = []
    for one in variable.allowed:
        said = ["Counts as a death."] if one.death else []
        said += ["Stands for what is not known."] if one.unknown else []
        made.append(Allowed(one.value, one.label, " ".join(said)))
    return tuple(made)


def _judgements(framework: FrameworkFile) -> Shape:
    listed = tuple(Allowed(one.id, one.name, one.definition) for one in framework.variables)
    return Shape(
        name="judgements",
        title="Judgements",
        unit="agreed value of a variable",
        text="One row for each fact that was agreed about a review or a child. What nobody judged"
        " has no row.",
        fields=(
            Field("judgement", "string", "The review or child, and the variable.", required=True),
            REVIEW,
            Field("child", "string", "The child; empty for a fact about the review."),
            Field("unit", "category", "What the fact is about.", required=True, values=UNITS),
            Field("variable", "category", "What was judged.", required=True, values=listed),
            Field("variable_label", "string", "The variable in words.", required=True),
            Field(
                "value", "string", "The value as the framework has it; empty where not recorded."
            ),
            Field("value_label", "string", "The value in words.", required=True),
            Field("number", "integer", "Years as numbers; ages in whole months, rounded down."),
            Field(
                "silence",
                "boolean",
                "Whether the value only says that the reports do not tell. Silence is not absence.",
                required=True,
            ),
            BASIS,
            Field("quotes", "integer", "How many places open to you carry it.", required=True),
            FRAMEWORK,
        ),
        key=("judgement",),
        references=(OF_REVIEW, Reference(("child",), "children", ("child",))),
    )


def _judgement_quotes() -> Shape:
    return Shape(
        name="judgement_quotes",
        title="Words behind judgements",
        unit="place that carries a judgement",
        text="One row for each place in a report, open to you, that carries a judgement.",
        fields=(
            Field("judgement", "string", "The judgement it carries.", required=True),
            REVIEW,
            *_place(),
        ),
        key=("judgement", "citation_key"),
        references=(OF_REVIEW, Reference(("judgement",), "judgements", ("judgement",))),
    )


def _listed(framework: FrameworkFile) -> tuple[Allowed, ...]:
    return tuple(Allowed(one.id, one.name, one.definition) for one in framework.codes)


def _of_code(framework: FrameworkFile) -> tuple[Field, ...]:
    sections = tuple(Allowed(one.id, one.name, one.description) for one in framework.sections)
    return (
        Field("code", "category", "The code.", required=True, values=_listed(framework)),
        Field("code_label", "string", "The code in words.", required=True),
        Field("section", "category", "The part of the framework.", required=True, values=sections),
        Field("theme", "integer", "The number of the theme for learning, if it is one."),
    )


def _qualifiers(framework: FrameworkFile) -> Iterator[Field]:
    """A column for each qualifier. Their names lead with a word of their own: a framework may call
    one "page", or "status", as other columns are called.
    """
    for name, values in framework.qualifiers.items():
        listed = tuple(Allowed(one, one.replace("_", " ").capitalize()) for one in values)
        yield Field(
            f"qualifier.{name}",
            "category",
            f"What coders said of the place besides its code: {name.replace('_', ' ')}. The one"
            " value that all who said any gave.",
            required=True,
            values=(*listed, *BESIDE),
        )


def _codings(framework: FrameworkFile) -> Shape:
    return Shape(
        name="codings",
        title="Codings",
        unit="passage with a code",
        text="One row for each place in a report, open to you, that bears a code as agreed. A"
        " place marked by two coders with other limits is two rows. What else a coder said of it"
        " is in the columns qualifier.*: as far as coders agree, and not in rows that were frozen.",
        fields=(
            Field("coding", "string", "The review, the code and the place.", required=True),
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
        text="One row for each review that was coded and each code of the framework: found in it,"
        " or not. Tables count a theme also where a code below it was found: see parent.",
        fields=(
            Field("review_code", "string", "The review and the code.", required=True),
            REVIEW,
            *_of_code(framework),
            Field("parent", "category", "The code above it.", values=_listed(framework)),
            Field("state", "category", "Whether it was found.", required=True, values=FOUND),
            BASIS,
            Field("passages", "integer", "How many places open to you bear it.", required=True),
            FRAMEWORK,
        ),
        key=("review_code",),
        references=(OF_REVIEW,),
    )


def _recommendations(framework: FrameworkFile) -> Shape:
    lists = framework.recommendations
    categories, audiences = (
        tuple(Allowed(one.value, one.label) for one in options)
        for options in (lists.categories, lists.audiences)
    )
    return Shape(
        name="recommendations",
        title="Recommendations",
        unit="recommendation",
        text="One row for each recommendation in a report open to you, with what was last told.",
        fields=(
            Field("recommendation", "string", "The review and the number.", required=True),
            REVIEW,
            Field("number", "integer", "Its number in the review.", required=True),
            Field("category", "string", "What it asks for.", required=True, values=categories),
            Field("audience", "string", "Whom it asks.", required=True, values=audiences),
            *(
                Field(name, "boolean", f"Judged to be {label.lower()}.", required=True)
                for name, label in CRITERIA.items()
            ),
            Field("status", "category", "How work on it stands.", required=True, values=TOLD),
            Field(
                "impact",
                "category",
                "What came of it. Complete is not impact.",
                required=True,
                values=CHANGED,
            ),
            Field(
                "overdue",
                "boolean",
                "Whether its day had passed, and it was still open, on the day asked about.",
                required=True,
            ),
            *_place(),
            FRAMEWORK,
        ),
        key=("recommendation",),
        references=(OF_REVIEW,),
    )
