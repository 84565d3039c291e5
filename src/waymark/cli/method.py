"""Commands for frameworks and coding."""

from datetime import UTC, datetime
from pathlib import Path

import click

from waymark.cli.common import BY, as_json, main, print_answer, start_django
from waymark.cli.inputs import INPUT_FILE
from waymark.core.utf8 import read_utf8

FRAMEWORK = click.option(
    "--framework",
    "framework_name",
    default="",
    help="Default: the one with which the review is coded, or the latest published one.",
)


@main.group("framework")
def framework_group() -> None:
    """Coding frameworks."""


@framework_group.command("load")
@click.argument("file", required=False, type=INPUT_FILE)
@click.option("--publish", is_flag=True, help="Publish this version so that it can be used.")
@as_json
def framework_load(*, file: Path | None, publish: bool, as_json: bool) -> None:
    """Load a framework (YAML); without FILE, the built-in ones. Errors show their lines."""
    start_django(new=True)
    from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework

    now = datetime.now(UTC)
    loaded = []
    for path in [file] if file else builtin_frameworks():
        framework = load_framework(by=None, source=read_utf8(path), file=path.name, now=now)
        if publish:
            publish_framework(by=None, framework=framework, now=now)
        codes, variables = framework.codes.count(), framework.variables.count()
        framework.refresh_from_db(fields=["published_at"])
        loaded.append(
            {
                "framework": str(framework),
                "codes": codes,
                "variables": variables,
                "published": framework.published_at is not None,
            }
        )
    print_answer(
        {"frameworks": loaded},
        *("{framework}: {codes} codes, {variables} variables".format(**row) for row in loaded),
        as_json=as_json,
    )
    if drafts := [str(row["framework"]) for row in loaded if not row["published"]]:
        again = f"waymark framework load{f' {file}' if file else ''} --publish"
        names = ", ".join(drafts)
        click.echo(f"Draft, so nobody can code with it yet: {names}. Publish it: {again}", err=True)


@main.group("coding")
def coding_group() -> None:
    """Coding files."""


@coding_group.command("reopen")
@click.argument("review")
@click.option("--coder", required=True, help="Account whose finished work is reopened.")
@BY
@FRAMEWORK
@as_json
def coding_reopen(*, review: str, coder: str, by: str, framework_name: str, as_json: bool) -> None:
    """Reopen a finished review for its coder. Agreed data ends until it is settled again."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.coding.queries import framework_to_code_with
    from waymark.documents.queries.reader import review_for
    from waymark.pipeline import reopen_coding

    now = datetime.now(UTC)
    person = find_account(by)
    record = review_for(review, person, now)
    reopened = reopen_coding(
        by=person,
        review=record,
        framework=framework_to_code_with(record, framework_name),
        coder=find_account(coder),
        now=now,
    )
    lines = [f"{reopened.review} is open to {coder}"]
    if reopened.codes or reopened.judgements:
        lines.append(
            f"{reopened.codes} agreed codes and {reopened.judgements} agreed values have"
            f" ended: settle the review again when {coder} has finished"
        )
    lines += [
        f"counted before the correction: {snapshot}; freeze the overview again"
        for snapshot in reopened.snapshots
    ]
    print_answer(
        {
            "review": reopened.review,
            "coder": coder,
            "agreed_codes_ended": reopened.codes,
            "agreed_values_ended": reopened.judgements,
            "snapshots_counting": list(reopened.snapshots),
        },
        *lines,
        as_json=as_json,
    )


@coding_group.command("settle")
@click.argument("review")
@BY
@FRAMEWORK
@as_json
def coding_settle(*, review: str, by: str, framework_name: str, as_json: bool) -> None:
    """Record a review's agreed data if its coders agree or it has only one coder."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.coding.queries import framework_to_code_with
    from waymark.documents.queries.reader import review_for
    from waymark.pipeline import settle_review
    from waymark.profiles.queries import judged_variables

    now = datetime.now(UTC)
    person = find_account(by)
    record = review_for(review, person, now)
    framework = framework_to_code_with(record, framework_name)
    settle_review(
        by=person,
        adjudicator=person,
        review=record,
        framework=framework,
        codes={},
        judgements={},
        now=now,
    )
    judged, variables = judged_variables(record, framework)
    values = {
        "review": review,
        "framework": str(framework),
        "judged": judged,
        "variables": variables,
    }
    print_answer(values, f"{review} is settled", as_json=as_json)
    if 2 * judged < variables:
        click.echo(
            f"Only {judged} of {variables} variables of {framework} are judged for {review}."
            " Overviews count the others as not judged: if the report was read for them, reopen the"
            " coding and judge them, if only as not mentioned.",
            err=True,
        )
