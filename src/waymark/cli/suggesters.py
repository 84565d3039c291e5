"""Commands that let programs suggest codes, and train the one that learns."""

from datetime import UTC, datetime

import click

from waymark.cli.common import as_json, print_answer, start_django
from waymark.cli.method import FRAMEWORK, coding_group


@coding_group.command("suggest")
@click.argument("reviews", nargs=-1, required=True)
@click.option("--suggester", default="", help="Name of a trained suggester. Default: the cues.")
@FRAMEWORK
@as_json
def coding_suggest(
    *, reviews: tuple[str, ...], suggester: str, framework_name: str, as_json: bool
) -> None:
    """Suggest codes for the reports of reviews; suggestions are never counted."""
    start_django()
    from waymark.coding.queries.machines import machine_called
    from waymark.documents.queries.reader import reports_of, review_for
    from waymark.frameworks.queries import framework_or_current
    from waymark.pipeline import suggest_codes

    now = datetime.now(UTC)
    machine = machine_called(suggester) if suggester else None
    framework = machine.framework if machine else None
    if framework is None or framework_name:
        framework = framework_or_current(framework_name)
    numbers = {
        reference: sum(
            suggest_codes(by=None, report=report, framework=framework, machine=machine, now=now)
            for report in reports_of(review_for(reference, None, now), None, now)
        )
        for reference in reviews
    }
    print_answer(
        {"reviews": [{"review": name, "suggestions": new} for name, new in numbers.items()]},
        *(f"{reference}: {new} new suggestions" for reference, new in numbers.items()),
        as_json=as_json,
    )


@coding_group.command("train")
@FRAMEWORK
@as_json
def coding_train(*, framework_name: str, as_json: bool) -> None:
    """Train a suggester on the settled codings of a framework version, at least 6 reviews."""
    start_django()
    from waymark.core.errors import RuleError
    from waymark.frameworks.queries import framework_or_current
    from waymark.pipeline import train_suggester

    now = datetime.now(UTC)
    framework = framework_or_current(framework_name)
    machine = train_suggester(by=None, framework=framework, now=now)
    if machine.reason:
        raise RuleError(machine.reason.rstrip("."))
    scores = machine.scores
    best = scores["recall_at_3"]
    print_answer(
        {"suggester": machine.name, "framework": str(framework), **scores},
        f"{machine.name}: learned from {scores['texts']} passages of {scores['documents']} reviews",
        f"on documents it had not seen: micro F1 {scores['micro_f1']:.3f}, macro F1"
        f" {scores['macro_f1']:.3f}, recall at 3 {'none coded' if best is None else f'{best:.3f}'}",
        *(
            f"{row['code']}: F1 {row['f1']:.3f}, {row['right']} of {row['suggested']} suggested"
            f" and of {row['given']} given"
            for row in scores["codes"]
        ),
        as_json=as_json,
    )
