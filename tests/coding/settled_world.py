"""Settled reviews for tests: each report has passages on missed visits, and others."""

from tests.factories import NOON, make_person, make_report, make_review
from waymark.accounts.models import Role, User
from waymark.coding import services
from waymark.coding.learned.coded_text import CodedText
from waymark.coding.learned.text_model import TextModel, train
from waymark.coding.machine_files import store_model
from waymark.coding.models import AgreedCode, Assignment, Coding, MachineCoder
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Report
from waymark.frameworks.models import Framework

PLACES = ("at home", "in the clinic", "at school", "in the flat", "by the river", "in the town")
VISITS = "Nobody visited the child {}."
WEATHER = "The weather was mild {}."


def settled_report(framework: Framework, coder: User, reference: str, **review: object) -> Report:
    """A report of a settled review: "a" is agreed on its two passages about visits."""
    number = int(reference.lstrip("VT") or 0)
    places = [PLACES[(number + step) % len(PLACES)] for step in range(4)]
    words = [VISITS.format(places[0]), VISITS.format(places[1])]
    words += [WEATHER.format(places[2]), WEATHER.format(places[3])]
    report = make_report(make_review(reference, **review), *words)
    settle(framework, coder, report, words[:2])
    return report


def settle(framework: Framework, coder: User, report: Report, quotes: list[str]) -> None:
    """Make the review settled, with the code "a" on these words, without the services: cheap."""
    Assignment.objects.create(
        review=report.review,
        framework=framework,
        coder=coder,
        position=1,
        started_at=NOON,
        finished_at=NOON,
    )
    anchors, code = ReportAnchors(report), framework.codes.get(code="a")
    agreed = AgreedCode.objects.create(
        review=report.review,
        code=code,
        present=bool(quotes),
        basis="sole",
        decided_by=coder,
        decided_at=NOON,
    )
    for quote in quotes:
        start = anchors.text.index(quote)
        fields = anchors.fields(Span(start, start + len(quote)))
        coding = Coding.objects.create(code=code, coder=coder, decided_at=NOON, **fields)
        agreed.codings.add(coding)


def settled_world(framework: Framework, reviews: int = 8) -> None:
    """V1, V2 and so on, settled."""
    coder = make_person(Role.CODER, name="vera")
    for number in range(1, reviews + 1):
        settled_report(framework, coder, f"V{number}")


def new_report(
    framework: Framework, coder: User, reference: str = "T1", **review: object
) -> Report:
    """A report that the coder is coding: one passage on a missed visit, one on the weather."""
    report = make_report(
        make_review(reference, **review),
        "Nobody came and visited the child in the hostel.",
        "The weather was mild in the hostel.",
    )
    services.assign_coder(
        by=coder, review=report.review, framework=framework, coder=coder, now=NOON
    )
    return report


def small_model() -> TextModel:
    """A model that has learned the code "a" from passages on visits. Trained in a moment."""
    texts = [
        CodedText(words.format(place), codes, group=place)
        for place in PLACES
        for words, codes in ((VISITS, frozenset({"a"})), (WEATHER, frozenset()))
    ]
    return train(texts, ["a"])


def trained_machine(framework: Framework, model: TextModel, version: int = 1) -> MachineCoder:
    """The row and the file of a trained model, without the training."""
    return MachineCoder.objects.create(
        name=f"linear {version}",
        kind="linear",
        version=version,
        framework=framework,
        state="ready",
        asked_at=NOON,
        done_at=NOON,
        sha256=store_model(model),
        scores={
            "texts": 32,
            "documents": 8,
            "threshold": 0.4,
            "not_learned": ["a.b"],
            "micro_f1": 0.75,
            "macro_f1": 0.5,
            "recall_at_3": 1.0,
            "codes": [
                {
                    "code": "a",
                    "given": 8,
                    "suggested": 8,
                    "right": 6,
                    "precision": 0.75,
                    "recall": 0.75,
                    "f1": 0.75,
                }
            ],
            "curve": [{"documents": 6, "texts": 24, "micro_f1": 0.75, "macro_f1": 0.5}],
        },
    )
