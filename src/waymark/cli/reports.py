"""Commands on files and their words: take in, read, search."""

import sys
from pathlib import Path

import click

from waymark.cli.common import (
    DONE_WITH_REFUSALS,
    as_json,
    main,
    one_line_errors,
    print_json,
    progress,
    start,
)


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--publish", is_flag=True, help="Let everybody see the reports at once.")
@as_json
@one_line_errors
def ingest(*, paths: tuple[Path, ...], workers: int, publish: bool, as_json: bool) -> None:
    """Take in report files, or every file in a folder. Running it again stores nothing twice."""
    start(new=True)
    from waymark.documents.ingest import expand
    from waymark.pipeline import ingest as run

    files = expand(paths)
    with progress("Reading", len(files)) as move:
        result = run(files, workers=workers, publish=publish, by=None, on_done=move)
    said = result.as_json()
    if as_json:
        print_json(said)
    else:
        click.echo(
            f"stored {said['stored']}, already here {said['already']}, refused "
            f"{len(said['refused'])}; {said['pages']:,} pages, {said['passages']:,} passages "
            f"in {said['seconds']} s"
        )
    for refusal in said["refused"]:
        click.echo(f"refused {refusal['file']}: {refusal['reason']}", err=True)
    if said["refused"]:
        sys.exit(DONE_WITH_REFUSALS)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@one_line_errors
def text(*, file: Path, as_json: bool) -> None:
    """Print the text of a file, its pages and passages. Needs no database."""
    from waymark.documents.ingest import text_json

    said = text_json(file)
    if as_json:
        print_json(said)
        return
    click.echo(said["text"])
    for warning in said["warnings"]:
        click.echo(f"note: {warning}", err=True)


@main.command()
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--broaden", is_flag=True, help="Also search the thesaurus's other names of it.")
@as_json
@one_line_errors
def search(*, query: str, limit: int, broaden: bool, as_json: bool) -> None:
    """Search records and passages: words, "phrases", AND, OR, NOT, field:value, (groups)."""
    start()
    from waymark.library.queries import search_json

    said = search_json(query, limit=limit, broaden=broaden)
    if as_json:
        print_json(said)
        return
    for note in said["notes"]:
        click.echo(f"note: {note['message']}", err=True)
    for one in said["also"]:
        click.echo(f"also searched for {one['typed']}: {', '.join(one['names'])}", err=True)
    click.echo(f"{said['total']} found")
    for hit in said["hits"]:
        click.echo(f"\n{hit['record']}  {hit['title']}")
        for passage in hit["passages"]:
            click.echo(f"  p. {passage['page']}  {' '.join(passage['text'].split())[:200]}")
