"""Import a REFI-QDA project: each coding by the service that records a coder's own work.

An import adds and replaces, and withdraws nothing: a project of another program is rarely the whole
work of a coder. What a service refuses is listed with its reason; the rest is stored.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from waymark.accounts.audit import record_about, serialized_in
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor
from waymark.coding import services as coding
from waymark.core.errors import WaymarkError
from waymark.documents.files.uploads import masked_name
from waymark.documents.ingest import reading_limits
from waymark.documents.isolation.parent import read_qda_isolated
from waymark.documents.models import Review
from waymark.documents.reading.qda_values import QdaProject
from waymark.frameworks.queries import codes_of
from waymark.pipeline.coding_exchange.case_values import PlannedJudgement
from waymark.pipeline.coding_exchange.project_plan import (
    ProjectChoices,
    ProjectLoss,
    ProjectPlan,
    plan_project,
)
from waymark.profiles import services as profiles
from waymark.profiles.models import Adult, Child

HOW_PLACED = {
    "checked": "the words of the project are at its position",
    "position": "by its position",
    "words": "by its words",
    "rectangle": "by its rectangle on the page",
}


def read_project(path: Path, file_name: str) -> QdaProject:
    """Read a project or a codebook in a limited process. Raises FileRefused."""
    return read_qda_isolated(path, file_name, reading_limits())


@dataclass(frozen=True, slots=True)
class ProjectImported:
    """Result of an import. refused: what the services refused, of the plan."""

    plan: ProjectPlan
    refused: tuple[ProjectLoss, ...]
    report: dict[str, Any]


@serialized_in("coding", "profiles")
def import_project(
    *,
    project: QdaProject,
    by: Actor,
    coder: User,
    choices: ProjectChoices,
    file: str,
    now: datetime,
) -> ProjectImported:
    """Plan an import again and store it, in one transaction.

    Raises as plan_project does.
    """
    plan = plan_project(project, by=by, coder=coder, choices=choices, now=now)
    refused = tuple(_ProjectStore(plan, by, now).store())
    for review, counts in _counts_of_reviews(plan).items():
        record_about(by, "import codings", review, now, file=masked_name(file), **counts)
    return ProjectImported(plan, refused, plan_as_json(plan, file, refused, stored=True))


def _counts_of_reviews(plan: ProjectPlan) -> dict[Review, dict[str, int]]:
    counts: dict[Review, Counter[str]] = {}
    rows = [(row.match, row.state) for row in plan.codings]
    rows += [(row.match, row.state) for row in plan.judgements]
    for match, state in rows:
        if state in {"new", "changed"}:
            counts.setdefault(match.report.review, Counter())[state] += 1
    return {review: dict(number) for review, number in counts.items()}


class _ProjectStore:
    def __init__(self, plan: ProjectPlan, by: Actor, now: datetime) -> None:
        self.plan, self.by, self.now = plan, by, now
        self.codes = {code.code: code for code in codes_of(plan.framework)}
        self.variables = {row.variable: row for row in plan.framework.variables.all()}

    def store(self) -> Iterator[ProjectLoss]:
        """Store what is new or changed; yields what is refused."""
        self._assign()
        for row in self.plan.codings:
            if row.state == "unchanged":
                continue
            try:
                coding.record_coding(
                    by=row.coder,
                    anchors=row.match.anchors,
                    span=row.span,
                    code=self.codes[row.code],
                    qualifiers=row.qualifiers,
                    memo=row.memo,
                    now=self.now,
                )
            except WaymarkError as error:
                row.state = "refused"
                yield ProjectLoss("coding", f"{row.code}: {row.words[:100]}", str(error))
        for judgement in self.plan.judgements:
            if judgement.state != "unchanged":
                yield from self._judge(judgement)

    def _assign(self) -> None:
        coders = {row.coder.pk: row.coder for row in self.plan.codings}
        reviews = {row.match.report.review_id: row.match.report.review for row in self.plan.codings}
        for review, coder in sorted(self.plan.to_assign):
            if coder in coders and review in reviews:
                coding.assign_coder(
                    by=self.by if self.by is not None else coders[coder],
                    review=reviews[review],
                    framework=self.plan.framework,
                    coder=coders[coder],
                    now=self.now,
                )

    def _judge(self, row: PlannedJudgement) -> Iterator[ProjectLoss]:
        try:
            profiles.record_judgement(
                by=self.plan.coder,
                review=row.review,
                child=self._child(row),
                adult=self._adult(row),
                variable=self.variables[row.variable],
                value=row.value,
                anchors=row.match.anchors,
                spans=row.spans,
                memo="",
                now=self.now,
            )
        except WaymarkError as error:
            row.state = "refused"
            name = f"{row.variable} of {row.person.title}: {row.value}"
            yield ProjectLoss("value", name, str(error))

    def _child(self, row: PlannedJudgement) -> Child | None:
        number = row.person.number
        if row.person.level != "child" or number is None:
            return None
        known = row.review.children.filter(number=number, withdrawn_at=None).first()
        return known or profiles.add_child(
            by=self.plan.coder, review=row.review, number=number, name=row.name[:60], now=self.now
        )

    def _adult(self, row: PlannedJudgement) -> Adult | None:
        number = row.person.number
        if row.person.level != "adult" or number is None:
            return None
        known = row.review.adults.filter(number=number, withdrawn_at=None).first()
        return known or profiles.add_adult(
            by=self.plan.coder, review=row.review, number=number, name=row.name[:60], now=self.now
        )


# ---- the report of an import ----


def plan_as_json(
    plan: ProjectPlan, file: str, refused: tuple[ProjectLoss, ...] = (), *, stored: bool
) -> dict[str, Any]:
    """The report of a plan or an import, without the texts of the project."""
    project, chosen = plan.project, plan.places.choice.chosen
    states = Counter(row.state for row in plan.codings)
    return {
        "file": file,
        "stored": stored,
        "project": project.name,
        "program": project.origin,
        "description": project.entry,
        "framework": str(plan.framework),
        "schema_faults": list(project.faults),
        "positions": {
            "reading": str(chosen.reading),
            "score": round(chosen.score, 4),
            "selections": chosen.selections,
            "with_their_words": chosen.named,
            "of_named": chosen.nameable,
            "ends_at_words": chosen.at_words,
            "others": [
                {"reading": str(row.reading), "score": round(row.score, 4)}
                for row in plan.places.choice.scores[1:4]
            ],
        },
        "rectangles": _boxes_as_json(plan),
        "sources": [
            {
                "source": match.source.name,
                "report": match.report.key,
                "review": match.report.review.reference,
                "matched_by": match.how,
            }
            for match in plan.sources
        ],
        "codes": [{"code": row.name, "is": row.code, "matched_by": row.how} for row in plan.codes],
        "users": [
            {"user": user.name, "account": plan.users[user.guid].get_username()}
            for user in project.users
        ],
        "codings": {state: states[state] for state in ("new", "changed", "unchanged", "refused")},
        "placed": dict(Counter(HOW_PLACED[row.how] for row in plan.codings)),
        "values": dict(Counter(row.state for row in plan.judgements)),
        "losses": [loss.as_json() for loss in (*plan.losses, *refused)],
    }


def _boxes_as_json(plan: ProjectPlan) -> dict[str, Any] | None:
    boxes = plan.boxes
    if boxes is None:
        return None
    return {
        "reading": str(boxes.reading),
        "with_their_words": boxes.confirmed,
        "of_stated": boxes.stated,
    }
