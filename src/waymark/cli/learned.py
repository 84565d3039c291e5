"""Command that tries the learned suggester on coded texts of a table, without a database."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from waymark.cli.common import as_json, print_answer
from waymark.cli.inputs import INPUT_FILE
from waymark.cli.method import coding_group

if TYPE_CHECKING:
    from waymark.coding.learned.evaluation import CodeScores, Evaluation
    from waymark.coding.learned.text_model import TextModel


@coding_group.command("evaluate")
@click.option("--train", "training", type=INPUT_FILE, required=True, help="CSV to learn from.")
@click.option("--test", "unseen", type=INPUT_FILE, required=True, help="CSV to try it on.")
@click.option("--text", required=True, help="Column with the text.")
@click.option(
    "--labels",
    multiple=True,
    help="Columns with 1 where a code was given. Default: all columns of such cells.",
)
@click.argument("more_labels", nargs=-1, metavar="[LABEL]...")
@click.option("--group", default="", help="Column that names the document of each text.")
@as_json
def coding_evaluate(
    *,
    training: Path,
    unseen: Path,
    text: str,
    labels: tuple[str, ...],
    more_labels: tuple[str, ...],
    group: str,
    as_json: bool,
) -> None:
    """Train the learned suggester on one table of coded texts and try it on another."""
    from waymark.coding.learned.evaluation import evaluate
    from waymark.coding.learned.tables import coded_texts
    from waymark.coding.learned.text_model import train
    from waymark.core.utf8 import read_utf8

    named = (*labels, *more_labels)
    texts, codes = coded_texts(
        read_utf8(training), file=training.name, text=text, labels=named, group=group
    )
    others, _ = coded_texts(read_utf8(unseen), file=unseen.name, text=text, labels=codes)
    model = train(texts, codes)
    result = evaluate(model, others, codes)
    print_answer(
        _answer(model, result), *_lines(model, result), *map(_line, result.codes), as_json=as_json
    )


def _answer(model: "TextModel", result: "Evaluation") -> dict[str, object]:
    return {
        "trained_on": model.texts,
        "tested_on": result.texts,
        "threshold": model.threshold,
        "micro_f1": result.micro_f1,
        "macro_f1": result.macro_f1,
        "recall_at_3": result.recall_at_3,
        "not_learned": model.not_learned,
        "codes": [asdict(row) for row in result.codes],
    }


def _lines(model: "TextModel", result: "Evaluation") -> list[str]:
    best = "none coded" if result.recall_at_3 is None else f"{result.recall_at_3:.3f}"
    lines = [
        f"{model.texts} texts learned from, {result.texts} tried",
        f"micro F1 {result.micro_f1:.3f}, macro F1 {result.macro_f1:.3f}, recall at 3 {best}",
    ]
    if model.not_learned:
        lines.append(f"too few examples: {', '.join(model.not_learned)}")
    return lines


def _line(row: "CodeScores") -> str:
    parts = [f"{row.right} of {row.suggested} suggested and of {row.given} given"]
    return f"{row.code}: F1 {row.f1:.3f}, {', '.join(parts)}"
