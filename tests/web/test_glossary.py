"""The site and its messages use the words of docs/glossary.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "waymark"
TEMPLATES = SOURCE / "web" / "templates"
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
LONGEST_LINE = 160

BUTTON = " (button)"


def avoided_phrases() -> list[str]:
    """First column of the table "Words we do not use", where it is a phrase.

    Entries for single words ("stands, holds") are advice: the words have good uses too.
    """
    table = GLOSSARY.partition("## Words we do not use")[2]
    rows = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")]
    return [row for row in rows[1:] if " " in row and not ADVICE.search(row)]


ADVICE = re.compile(r"^\w+, | \((?:for|of|in) ")
PHRASES = [phrase for phrase in avoided_phrases() if not phrase.endswith(BUTTON)]
BUTTONS = [row.removesuffix(BUTTON) for row in avoided_phrases() if row.endswith(BUTTON)]
# Single words of the table that have no good use in a text.
WORDS = ["somebody", "everybody", "anybody", "whoever"]
PATTERN = re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in PHRASES + WORDS), re.I)
# Dates are written in full: 24 January 2013. "c" is the format for programs.
DATE_FORMATS = {"j F Y", "j F Y, H:i", "F Y", "c"}


def template_text(path: Path) -> str:
    """Text and attributes of a template, in one line, without comments."""
    return " ".join(re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8")).split())


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """String constants of a module with at least two words; docstrings only of commands."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if not (path.parent.name == "cli" and isinstance(node, ast.FunctionDef))
        if node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        # A string that stands alone documents the constant above it.
        alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if alone and path.parent.name != "cli":
            docstrings.add(id(node.value))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in docstrings:
            continue
        if isinstance(node.value, str) and " " in node.value:
            yield node.lineno, " ".join(node.value.split())


def found_in(text: str) -> list[str]:
    """Phrases to avoid that a text contains, in any case of their letters."""
    buttons = [button for button in BUTTONS if f">{button}<" in text]
    return PATTERN.findall(text) + buttons


def test_the_glossary_has_phrases_to_avoid_and_nouns():
    assert len(PHRASES) > 60
    for noun in ("review", "report", "passage", "subject", "overview", "edition"):
        assert GLOSSARY.count(f"| **{noun}** |") == 1, noun


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_a_template_uses_the_words_of_the_glossary(path):
    assert found_in(template_text(path)) == []


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_the_lines_of_a_template_can_be_read_without_scrolling(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [n for n, line in enumerate(lines, start=1) if len(line) > LONGEST_LINE] == []


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_the_dates_of_a_template_are_written_in_full(path):
    assert set(re.findall(r'\|date:"([^"]*)"', path.read_text(encoding="utf-8"))) <= DATE_FORMATS


def test_messages_use_the_words_of_the_glossary():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {phrase}"
        for path in sorted(SOURCE.rglob("*.py"))
        if "migrations" not in path.parts
        for line, text in messages(path)
        for phrase in found_in(text)
    ]
    assert wrong == []
