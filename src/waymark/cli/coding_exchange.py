"""Commands that import and export codings and codebooks."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from waymark.cli.common import as_json, print_answer, print_json, start_django
from waymark.cli.inputs import INPUT_FILE
from waymark.cli.method import FRAMEWORK, coding_group, framework_group
from waymark.core.errors import RuleError
from waymark.core.files import write_aside
from waymark.core.utf8 import read_utf8
from waymark.core.wording import counted

PROJECT_ENDINGS = {".qdpx", ".qde"}
OUTPUT_FILE = click.Path(dir_okay=False, path_type=Path)
MOST_LOSSES = 40


@coding_group.command("import")
@click.argument("file", type=INPUT_FILE)
@click.option("--coder", default="", help="Project: account whose codings they become.")
@click.option("--by", default="", help="Project: account that imports. Default: the operator.")
@click.option(
    "--user", "users", multiple=True, metavar="USER=ACCOUNT", help="Project: a user's account."
)
@click.option("--code", "codes", multiple=True, metavar="CODE=ID", help="Project: a code's id.")
@click.option("--assign", is_flag=True, help="Project: assign the reviews to the coders first.")
@click.option("--preview", is_flag=True, help="Project: only say what would be imported.")
@click.option(
    "--extension",
    default="",
    metavar="NAME",
    help="Project: also draft a framework NAME with the codes that are not in the framework.",
)
@FRAMEWORK
@as_json
def coding_import(*, file: Path, as_json: bool, **options: Any) -> None:
    """Store codings: of a coding file (YAML), or of a project of another program (.qdpx).

    Importing the same file again changes nothing. A corrected coding file replaces the coder's work
    while the review is open to the coder; `waymark coding reopen` reopens it. A project adds to it,
    and the report lists everything that was not imported.
    """
    start_django()
    if file.suffix.lower() in PROJECT_ENDINGS:
        _import_project(file, as_json=as_json, **options)
    elif any(options.values()):
        raise RuleError(f"{file.name} is a coding file: it names its coder, without options")
    else:
        _import_coding_file(file, as_json=as_json)


def _import_coding_file(file: Path, *, as_json: bool) -> None:
    from waymark.pipeline import import_coding_file

    result = import_coding_file(source=read_utf8(file), file=file.name, now=datetime.now(UTC))
    change = result.change
    if as_json:
        print_json(
            {
                "file": file.name,
                "stored": result.new,
                "outcome": result.outcome,
                **change.counts,
                "differences": change.lines() if result.outcome == "superseded" else [],
            }
        )
        return
    if result.outcome == "unchanged":
        click.echo(
            f"{file.name}: already imported with the same content. Nothing was changed. "
            "The coder has finished the review"
        )
    elif result.outcome == "superseded":
        changes = ", ".join(f"{number} {name}" for name, number in change.counts.items())
        click.echo(f"{file.name}: replaces the coder's earlier work: {changes}")
        for line in change.lines():
            click.echo(f"  {line}")
    else:
        click.echo(f"{file.name}: {result.outcome}")


def _import_project(
    file: Path,
    *,
    coder: str,
    by: str,
    users: tuple[str, ...],
    codes: tuple[str, ...],
    assign: bool,
    preview: bool,
    extension: str,
    framework_name: str,
    as_json: bool,
) -> None:
    from waymark.accounts.queries import find_account
    from waymark.pipeline.coding_exchange.frameworks import import_codebook
    from waymark.pipeline.coding_exchange.project_import import (
        import_project,
        plan_as_json,
        read_project,
    )
    from waymark.pipeline.coding_exchange.project_plan import ProjectChoices, plan_project

    if not coder:
        raise RuleError("a project becomes the work of an account: name it with --coder")
    now, actor = datetime.now(UTC), find_account(by) if by else None
    choices = ProjectChoices(
        framework_name, _pairs("--user", users), _pairs("--code", codes), assign
    )
    project = read_project(file, file.name)
    account = find_account(coder)
    if preview:
        plan = plan_project(project, by=actor, coder=account, choices=choices, now=now)
        report = plan_as_json(plan, file.name, stored=False)
    else:
        done = import_project(
            project=project, by=actor, coder=account, choices=choices, file=file.name, now=now
        )
        plan, report = done.plan, done.report
    if extension and not preview:
        missing = [code.guid for code in plan.codes if not code.code]
        draft = import_codebook(
            by=actor,
            project=project,
            name=extension,
            base=plan.framework,
            only=missing,
            now=now,
        )
        report["extension"] = {"framework": str(draft.framework), "codes": draft.codes}
    print_answer(report, *_report_lines(report), as_json=as_json)


def _pairs(option: str, written: Iterable[str]) -> dict[str, str]:
    """The pairs of an option: "Anna=coder.a" -> {"Anna": "coder.a"}."""
    pairs = {}
    for pair in written:
        name, equals, value = pair.rpartition("=")
        if not equals or not name or not value:
            raise RuleError(f"{option} {pair}: write NAME=VALUE")
        pairs[name] = value
    return pairs


def _report_lines(report: dict[str, Any]) -> Iterable[str]:
    codings, positions = report["codings"], report["positions"]
    did = "imported" if report["stored"] else "would be imported"
    yield (
        f"{report['file']}: {codings['new']} codings {did}, {codings['changed']} changed,"
        f" {codings['unchanged']} unchanged, {codings['refused']} refused"
    )
    yield (
        f"  Positions {positions['reading']}: score {positions['score']:.2f} of 1;"
        f" {positions['with_their_words']} of {positions['of_named']} selections have the words of"
        " their names"
    )
    for source in report["sources"]:
        report_name = f"{source['review']} {source['report']}"
        yield f"  {source['source']} is {report_name} (same {source['matched_by']})"
    if report["values"]:
        yield "  Values: " + ", ".join(f"{n} {state}" for state, n in report["values"].items())
    for fault in report["schema_faults"]:
        yield f"  Not valid REFI-QDA: {fault}"
    losses = report["losses"]
    if losses:
        yield f"  Not imported ({len(losses)}):"
    for loss in losses[:MOST_LOSSES]:
        yield f"    {loss['kind']} {loss['name']}: {loss['reason']}"
    if len(losses) > MOST_LOSSES:
        yield f"    and {len(losses) - MOST_LOSSES} more: see --json"
    if "extension" in report:
        yield (
            f"  {report['extension']['framework']} is a draft with {report['extension']['codes']}"
            " more codes: publish it, then import the project with it"
        )


@coding_group.command("export")
@click.argument("file", type=OUTPUT_FILE)
@click.option("--coder", default="", help="Account whose own codings are exported.")
@click.option("--agreed", is_flag=True, help="Export what is settled instead.")
@click.option("--by", default="", help="Account that exports. Default: the operator.")
@click.option("--review", "reviews", multiple=True, help="Only this review; can be repeated.")
@click.option(
    "--originals", is_flag=True, help="Project: with the original files that are offered."
)
@FRAMEWORK
@as_json
def coding_export(
    *,
    file: Path,
    coder: str,
    agreed: bool,
    by: str,
    reviews: tuple[str, ...],
    originals: bool,
    framework_name: str,
    as_json: bool,
) -> None:
    """Write codings to FILE: a project (.qdpx), rows (.csv), a workbook (.xlsx) or annotations
    (.jsonld)."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.coding.queries.coded_places import ExportRequest
    from waymark.frameworks.queries import framework_or_current
    from waymark.pipeline.coding_exchange.row_files import export_codings

    if bool(coder) == agreed:
        raise RuleError("name a coder with --coder, or choose --agreed")
    if originals and _ending(file) != "qdpx":
        raise RuleError("only a project (.qdpx) can contain the original files")
    request = ExportRequest(
        framework_or_current(framework_name),
        find_account(coder) if coder else None,
        reviews,
        originals=originals,
    )
    person = find_account(by) if by else None
    exported = export_codings(_ending(file), person=person, request=request, now=datetime.now(UTC))
    write_aside(file, exported.content)
    print_answer(
        {
            "file": str(file),
            "framework": str(request.framework),
            "layer": request.layer,
            "codings": exported.codings,
            "values": exported.values,
            "losses": list(exported.losses),
        },
        f"{file}: {counted(exported.codings, 'coding')}, {counted(exported.values, 'value')}",
        *(f"  Not in this format: {loss}" for loss in exported.losses),
        as_json=as_json,
    )


def _ending(file: Path) -> str:
    """What of a name chooses the format: "x.matrix.csv" -> "matrix.csv"."""
    parts = file.name.lower().split(".")
    return ".".join(parts[-2:] if parts[-2:-1] in (["matrix"], ["values"]) else parts[-1:])


@framework_group.command("export")
@click.argument("file", type=OUTPUT_FILE)
@FRAMEWORK
@as_json
def framework_export(*, file: Path, framework_name: str, as_json: bool) -> None:
    """Write the codes of a framework to a codebook (.qdc) that other programs can import."""
    start_django()
    from waymark.frameworks.queries import framework_or_current
    from waymark.pipeline.coding_exchange.frameworks import export_codebook

    framework = framework_or_current(framework_name)
    exported = export_codebook(framework)
    write_aside(file, exported.content)
    print_answer(
        {
            "file": str(file),
            "framework": str(framework),
            "codes": exported.codes,
            "losses": list(exported.losses),
        },
        f"{file}: {counted(exported.codes, 'code')} of {framework}",
        *(f"  Not in this format: {loss}" for loss in exported.losses),
        as_json=as_json,
    )


@framework_group.command("import")
@click.argument("file", type=INPUT_FILE)
@click.option("--name", required=True, help="Name of the new framework, such as my-codes.")
@click.option("--title", default="", help="Title. Default: the name of the project.")
@click.option("--extend", default="", help='A framework to add the codes to: "NAME VERSION".')
@as_json
def framework_import(*, file: Path, name: str, title: str, extend: str, as_json: bool) -> None:
    """Store the codes of a codebook (.qdc) or project (.qdpx) as a draft framework."""
    start_django()
    from waymark.frameworks.queries import framework_called
    from waymark.pipeline.coding_exchange.frameworks import import_codebook
    from waymark.pipeline.coding_exchange.project_import import read_project

    project = read_project(file, file.name)
    imported = import_codebook(
        by=None,
        project=project,
        name=name,
        title=title,
        base=framework_called(extend) if extend else None,
        now=datetime.now(UTC),
    )
    print_answer(
        {
            "file": file.name,
            "framework": str(imported.framework),
            "codes": imported.codes,
            "losses": list(imported.losses),
            "schema_faults": list(project.faults),
        },
        f"{file.name}: {imported.framework} is a draft with {imported.codes} imported codes",
        *(f"  Not imported: {loss}" for loss in imported.losses),
        as_json=as_json,
    )
