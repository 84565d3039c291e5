"""A round for tests: two coders, an adjudicator, one review that both code."""

from dataclasses import dataclass

from tests.factories import NOON, make_person, make_report, make_review
from waymark.accounts.models import Role, User
from waymark.coding import services as coding
from waymark.coding.models import CodingRound
from waymark.coding.services import RoundOptions
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Report, Review
from waymark.frameworks.models import Code, Framework, Variable
from waymark.profiles import services as profiles

TEXT = (
    "1.1 A child of four months died at home.",
    "2.1 Two letters were filed and never passed on.",
    "2.2 The father was thought to drink.",
)


@dataclass(frozen=True)
class DoubleCoding:
    """A round of one review, R1, that the coders ann and bea have both to code."""

    review: Review
    report: Report
    framework: Framework
    coding_round: CodingRound
    ann: User
    bea: User
    lead: User

    def code(self, coder: User, code: str, words: str, memo: str = "") -> None:
        """Code the words of the report."""
        coding.record_coding(
            by=coder,
            anchors=ReportAnchors(self.report),
            span=self.span(words),
            code=Code.objects.get(framework=self.framework, code=code),
            qualifiers={},
            memo=memo,
            now=NOON,
        )

    def judge(self, coder: User, variable: str, value: str, *words: str) -> None:
        """Judge a variable of the review."""
        profiles.record_judgement(
            by=coder,
            review=self.review,
            child=None,
            variable=Variable.objects.get(framework=self.framework, variable=variable),
            value=value,
            anchors=ReportAnchors(self.report),
            spans=[self.span(part) for part in words],
            memo="",
            now=NOON,
        )

    def finish(self, *coders: User) -> None:
        """Declare the review finished."""
        for coder in coders:
            coding.finish_coding(by=coder, review=self.review, framework=self.framework, now=NOON)

    def span(self, words: str) -> Span:
        """The span of words in the report."""
        start = ReportAnchors(self.report).text.index(words)
        return Span(start, start + len(words))


def double_coding(framework: Framework, **options: object) -> DoubleCoding:
    """Start the round."""
    review = make_review("R1")
    report = make_report(review, *TEXT)
    ann, bea = make_person(Role.CODER, name="ann"), make_person(Role.CODER, name="bea")
    lead = make_person(Role.ANALYST, name="lead")
    started = coding.start_round(
        by=lead,
        name="First round",
        framework=framework,
        reviews=[review],
        coders=[ann, bea],
        options=RoundOptions(**{"share": 100, "seed": 7, **options}),
        now=NOON,
    )
    return DoubleCoding(review, report, framework, started, ann, bea, lead)
