"""A coder's own case profile of a review: every question, their answers, and how far they are.

Only the coder's own work is read: neither people nor answers of other coders.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

from django.db.models import Prefetch, QuerySet

from waymark.accounts.models import User
from waymark.coding.assignments import suggestion_rules_of
from waymark.coding.models import Assignment, SuggestionRule
from waymark.coding.queries.machines import why_no_suggestions
from waymark.documents.models import Report, Review
from waymark.frameworks.models import Framework, Variable
from waymark.frameworks.queries import file_of
from waymark.frameworks.variables import SEPARATOR
from waymark.profiles.models import DescribedPerson, GroupAnswer, Judgement, JudgementQuote
from waymark.profiles.queries import value_in_words

ENTRIES = {
    "year": "A year, such as 2008",
    "age": "An age, such as 5 months, or: not recorded",
    "number": "A whole number, or: not recorded",
    "text": "Words",
}
SILENT_TYPES = {"state", "contact"}
"""Types of variables that can be answered with "not mentioned" together."""


@dataclass(frozen=True, slots=True)
class ProfileQuestion:
    """A variable with the coder's own answer. answer: None while it has none.

    said: the answer in words; keys: citation keys of its passages. proposals_open: the coder may
    see what may speak for a value.
    """

    variable: Variable
    answer: Judgement | None
    said: str
    keys: tuple[str, ...]
    proposals_open: bool = False

    @property
    def chosen(self) -> list[str]:
        """The single values of the answer."""
        return self.answer.value.split(SEPARATOR) if self.answer else []

    @property
    def entry(self) -> str:
        """What is typed, for variables without a list of values."""
        return ENTRIES.get(self.variable.type, "Answer")

    @property
    def silent(self) -> bool:
        """True if it can be answered with "not mentioned" together with others."""
        return self.variable.type in SILENT_TYPES


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions under one heading. name: of the group in the framework, "" for the others."""

    name: str
    questions: tuple[ProfileQuestion, ...]

    @property
    def title(self) -> str:
        """Heading of the group."""
        return self.name.replace("_", " ").capitalize() or "Facts"

    @property
    def open_silent(self) -> int:
        """Number of questions without an answer that "not mentioned" could be."""
        return sum(row.silent and row.answer is None for row in self.questions)


@dataclass(frozen=True, slots=True)
class ProfileSubject:
    """The review, or a child or adult of it. key: "review", "child-1", "adult-2"."""

    key: str
    level: str
    number: int
    label: str
    groups: tuple[QuestionGroup, ...]

    @property
    def total(self) -> int:
        """Number of questions."""
        return sum(len(group.questions) for group in self.groups)

    @property
    def answered(self) -> int:
        """Number of questions with an answer."""
        return sum(row.answer is not None for group in self.groups for row in group.questions)

    def question(self, variable: str) -> ProfileQuestion | None:
        """The question of a variable's id, None if there is none."""
        rows = (row for group in self.groups for row in group.questions)
        return next((row for row in rows if row.variable.variable == variable), None)


@dataclass(frozen=True, slots=True)
class CaseProfile:
    """All subjects of a review. last_group: the last act for a group that can be undone."""

    assignment: Assignment
    subjects: tuple[ProfileSubject, ...]
    last_group: GroupAnswer | None

    @property
    def total(self) -> int:
        """Number of questions of all subjects."""
        return sum(subject.total for subject in self.subjects)

    @property
    def answered(self) -> int:
        """Number of questions with an answer."""
        return sum(subject.answered for subject in self.subjects)

    def subject(self, key: str) -> ProfileSubject | None:
        """The subject of a key, None if there is none."""
        return next((row for row in self.subjects if row.key == key), None)


Place = tuple[str, int, int]
"""A question about somebody: level, number of the child or adult (0: the review), variable."""


def case_profile_of(assignment: Assignment, reports: Sequence[Report]) -> CaseProfile:
    """The case profile of a coder's assignment. reports: that they may see; quotes of no other."""
    coder, review, framework = assignment.coder, assignment.review, assignment.framework
    chosen = assignment.round.variables if assignment.round else []
    variables = _questions(framework, chosen)
    quotes = JudgementQuote.objects.filter(report__in=reports)
    visible = Prefetch("quotes", queryset=quotes)
    answers: dict[Place, Judgement] = {}
    ever = Judgement.objects.filter(review=review, coder=coder, variable__framework=framework)
    own = ever.filter(superseded_at=None)
    for row in own.select_related("variable", "child", "adult").prefetch_related(visible):
        person = row.child or row.adult
        answers[row.variable.level, person.number if person else 0, row.variable_id] = row
    proposals = _ProposalRule.of(assignment, ever)
    subjects = [_subject("review", 0, "Review", variables, answers, proposals)]
    for described in described_by(coder, review):
        level = "child" if described.child else "adult"
        person = described.child or described.adult
        number = person.number if person else 0
        label = f"{level.capitalize()} {number}: {described.name}"
        subjects.append(_subject(level, number, label, variables, answers, proposals))
    acts = GroupAnswer.objects.filter(coder=coder, review=review, undone_at=None)
    return CaseProfile(assignment, tuple(subjects), acts.first())


@dataclass(frozen=True, slots=True)
class _ProposalRule:
    """For which questions a coder may see proposals, as their round says.

    None where suggestions are switched off.

    answered: the questions that the coder has answered at any time, each for itself; None: it does
    not matter.
    """

    hidden: bool
    answered: Collection[Place] | None

    @classmethod
    def of(cls, assignment: Assignment, ever: QuerySet[Judgement]) -> Self:
        """The rule of an assignment. ever: all answers of its coder, superseded ones too."""
        if why_no_suggestions(assignment.review):
            return cls(hidden=True, answered=None)
        rules = suggestion_rules_of(assignment)
        if SuggestionRule.HIDDEN in rules or SuggestionRule.AFTER_ANSWER not in rules:
            return cls(hidden=SuggestionRule.HIDDEN in rules, answered=None)
        # "Not mentioned" for a whole group is no answer to each of its questions: one press would
        # open the proposals of all.
        in_groups = GroupAnswer.judgements.through.objects.values("judgement")
        columns = (
            ever.exclude(pk__in=in_groups)
            .values_list("variable__level", "child__number", "adult__number", "variable")
            .order_by()
        )
        answered = {(level, child or adult or 0, pk) for level, child, adult, pk in columns}
        return cls(hidden=False, answered=answered)

    def open_for(self, place: Place) -> bool:
        """True if proposals for a question may be shown."""
        return not self.hidden and (self.answered is None or place in self.answered)


def described_by(coder: User, review: Review) -> list[DescribedPerson]:
    """The people of a review as one coder lists them, children first."""
    own = DescribedPerson.objects.filter(coder=coder, withdrawn_at=None)
    people = own.select_related("child", "adult")
    children = people.filter(child__review=review).order_by("child__number")
    return [*children, *people.filter(adult__review=review).order_by("adult__number")]


def _questions(framework: Framework, chosen: Collection[str]) -> list[Variable]:
    """The variables that people judge, in the framework's order; chosen: ids, all if empty."""
    computed = {spec.id for spec in file_of(framework).variables if spec.derived is not None}
    return [
        row
        for row in Variable.objects.filter(framework=framework)
        if row.variable not in computed and (not chosen or row.variable in chosen)
    ]


def _subject(
    level: str,
    number: int,
    label: str,
    variables: Sequence[Variable],
    answers: dict[Place, Judgement],
    proposals: _ProposalRule,
) -> ProfileSubject:
    groups: dict[str, list[ProfileQuestion]] = defaultdict(list)
    for variable in variables:
        if variable.level == level:
            answer = answers.get((level, number, variable.pk))
            said = "" if answer is None else value_in_words(variable, answer.value)
            keys = () if answer is None else tuple(quote.key for quote in answer.quotes.all())
            opened = proposals.open_for((level, number, variable.pk))
            question = ProfileQuestion(variable, answer, said or "Not recorded", keys, opened)
            groups[variable.group].append(question)
    return ProfileSubject(
        level if level == "review" else f"{level}-{number}",
        level,
        number,
        label,
        tuple(QuestionGroup(name, tuple(rows)) for name, rows in groups.items()),
    )
