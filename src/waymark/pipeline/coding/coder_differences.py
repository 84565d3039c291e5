"""Where coders of a review differ: codes and values side by side, each with its words."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.permissions import Person
from waymark.coding.models import Coding, DisagreementDecision, DisagreementKind
from waymark.coding.queries import current_codings
from waymark.documents.models import Review, TextAnchor
from waymark.documents.queries.reader import open_reports
from waymark.documents.queries.readings import content_of
from waymark.frameworks.models import Code, Framework, Variable
from waymark.profiles.models import Judgement
from waymark.profiles.queries import current_judgements, value_in_words

AROUND = 240
"""Characters of context on each side of a passage."""
PRESENT, ABSENT = "present", "absent"


@dataclass(frozen=True, slots=True)
class PassageInContext:
    """Words that a coder chose, with those around them. key: citation key.

    All is empty for a passage of a report that the person may not see.
    """

    key: str
    page: int
    before: str
    exact: str
    after: str
    memo: str = ""


@dataclass(frozen=True, slots=True)
class CoderPosition:
    """What one coder decided. coder: a name, or "Coder 1" if names are hidden.

    value: "" if the coder gave none; label: the value in words.
    """

    coder: str
    value: str
    label: str
    passages: tuple[PassageInContext, ...]
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A code or variable on which coders differ. number: of the child or adult, 0 for the review.

    about: "Child 1", "" for the review. options: value -> label, any of which can be decided;
    empty if the value is typed. decision: the current one, None while it is open.
    """

    kind: str
    name: str
    number: int
    label: str
    about: str
    definition: str
    positions: tuple[CoderPosition, ...]
    between: Mapping[int, str]
    options: Mapping[str, str]
    decision: DisagreementDecision | None = None
    decided: str = ""

    @property
    def subject(self) -> tuple[str, str, int]:
        """Kind, id and number."""
        return self.kind, self.name, self.number


def code_differences(
    review: Review, framework: Framework, names: Mapping[int, str], context: "PassageReader"
) -> Iterator[Difference]:
    used: dict[str, dict[int, list[Coding]]] = defaultdict(lambda: defaultdict(list))
    for row in current_codings(review, framework):
        if row.coder_id in names:
            used[row.code.code][row.coder_id].append(row)
    for code in Code.objects.filter(framework=framework, code__in=used):
        by_coder = used[code.code]
        if len(by_coder) == len(names):
            continue
        positions = tuple(
            CoderPosition(
                name,
                PRESENT if by_coder.get(coder) else ABSENT,
                "Coded" if by_coder.get(coder) else "Not coded",
                tuple(context.around(row, row.memo) for row in by_coder.get(coder, ())),
            )
            for coder, name in names.items()
        )
        yield Difference(
            DisagreementKind.CODE,
            code.code,
            0,
            code.name,
            "",
            code.definition,
            positions,
            {coder: PRESENT if by_coder.get(coder) else ABSENT for coder in names},
            {PRESENT: "The review has this code", ABSENT: "The review does not have this code"},
        )


def value_differences(
    review: Review, framework: Framework, names: Mapping[int, str], context: "PassageReader"
) -> Iterator[Difference]:
    judgements: dict[tuple[int, str], dict[int, Judgement]] = defaultdict(dict)
    for row in current_judgements(review, framework):
        if row.coder_id in names:
            person = row.child or row.adult
            judgements[person.number if person else 0, row.variable.variable][row.coder_id] = row
    variables = {row.variable: row for row in Variable.objects.filter(framework=framework)}
    for (number, name), by_coder in judgements.items():
        if len(by_coder) == len(names) and len({row.value for row in by_coder.values()}) == 1:
            continue
        variable = variables[name]
        options = {str(row["value"]): str(row["label"]) for row in variable.values}
        yield Difference(
            DisagreementKind.VARIABLE,
            name,
            number,
            variable.name,
            f"{variable.get_level_display()} {number}" if number else "",
            variable.definition,
            tuple(
                _value_position(variable, label, by_coder.get(coder), context)
                for coder, label in names.items()
            ),
            {coder: by_coder[coder].value for coder in names if coder in by_coder},
            options if variable.type != "categories" else {},
        )


def _value_position(
    variable: Variable, coder: str, judgement: Judgement | None, context: "PassageReader"
) -> CoderPosition:
    if judgement is None:
        return CoderPosition(coder, "", "No answer", ())
    passages = tuple(context.around(quote) for quote in judgement.quotes.all())
    return CoderPosition(
        coder,
        judgement.value,
        value_in_words(variable, judgement.value) or "Not recorded",
        passages,
        # A memo can repeat the words that it is about.
        judgement.memo if all(passage.key for passage in passages) else "",
    )


class PassageReader:
    """The words around passages that a person may see; each text is read once."""

    def __init__(self, person: Person, now: datetime) -> None:
        self._reports = open_reports(person, now)
        self._open: dict[int, bool] = {}
        self._texts: dict[tuple[int, int], str] = {}

    def around(self, row: TextAnchor, memo: str = "") -> PassageInContext:
        """A passage with up to AROUND characters on each side, cut between words.

        Empty if the person may not see its report.
        """
        report = row.report_id
        if report not in self._open:
            self._open[report] = self._reports.filter(pk=report).exists()
        if not self._open[report]:
            return PassageInContext("", 0, "", "", "")
        if (report, row.reading) not in self._texts:
            self._texts[report, row.reading] = content_of(row.report, row.reading)
        text = self._texts[report, row.reading]
        before = text[max(0, row.start - AROUND) : row.start]
        after = text[row.end : row.end + AROUND]
        if row.start > AROUND:
            before = f"… {before.partition(' ')[2]}"
        if row.end + AROUND < len(text):
            after = f"{after.rpartition(' ')[0]} …"
        return PassageInContext(row.key, row.page, before, row.exact, after, memo)
