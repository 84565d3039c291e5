"""Commands for topics."""

from datetime import UTC, datetime
from pathlib import Path

import click

from waymark.cli.common import as_json, main, print_answer, start_django
from waymark.cli.inputs import INPUT_FILE
from waymark.core.utf8 import read_utf8


@main.group("topic")
def topic_group() -> None:
    """The topics under which visitors find reviews."""


@topic_group.command("load")
@click.argument("file", required=False, type=INPUT_FILE)
@as_json
def topic_load(*, file: Path | None, as_json: bool) -> None:
    """Add and change topics from a YAML file; without FILE, the built-in ones.

    Topics that people edited or withdrew on the site stay as they are.
    """
    start_django()
    from waymark.library.services.topics import BUILTIN, load_topics

    path = file or BUILTIN
    loaded = load_topics(by=None, source=read_utf8(path), file=path.name, now=datetime.now(UTC))
    print_answer(
        {
            "new": list(loaded.new),
            "changed": list(loaded.changed),
            "same": list(loaded.same),
            "edited": list(loaded.edited),
            "withdrawn": list(loaded.withdrawn),
        },
        f"{path.name}: {len(loaded.new)} new, {len(loaded.changed)} changed, "
        f"{len(loaded.same)} the same",
        *(f"{key} was edited on the site, and stays" for key in loaded.edited),
        *(f"{key} was withdrawn on the site, and stays so" for key in loaded.withdrawn),
        as_json=as_json,
    )


@topic_group.command("list")
@as_json
def topic_list(*, as_json: bool) -> None:
    """All topics, with how many reviews each finds and its parts that do not exist here."""
    start_django()
    from waymark.library.queries.topics import topic_rows

    rows = topic_rows(None, datetime.now(UTC))
    parts = {
        row.version.topic.key: [f"{kind} {part}" for kind, part in row.unknown] for row in rows
    }
    listed = [
        {
            "key": row.version.topic.key,
            "name": row.version.name,
            "version": row.version.number,
            "origin": row.version.origin,
            "withdrawn": row.version.topic.withdrawn_at is not None,
            "reviews": row.reviews,
            "unknown": parts[row.version.topic.key],
        }
        for row in rows
    ]
    print_answer(
        {"topics": listed},
        *("{key}: {name}, {reviews} reviews".format(**row) for row in listed),
        *(f"not here: {part} of {key}" for key, unknown in parts.items() for part in unknown),
        as_json=as_json,
    )
