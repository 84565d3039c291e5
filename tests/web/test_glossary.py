"""The site and its messages use the words of docs/glossary.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from django.apps import apps

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
# Words with good uses elsewhere that are the old dialect in a label or a page of documentation.
LABEL_WORDS = re.compile(
    r"\b(?:told|stands|bears|given out|becomes? of|became of|looked (?:at|for)|meanwhile)\b", re.I
)
# Files with texts that readers and editors see: labels, hints, definitions, notes.
BUILTIN_TEXTS = [
    *sorted((SOURCE / "library" / "catalogue" / "builtin").iterdir()),
    *sorted((SOURCE / "library" / "builtin").iterdir()),
    *sorted((SOURCE / "overview" / "spec" / "builtin").iterdir()),
    SOURCE / "publishing" / "document" / "plan.yaml",
]
DOCUMENTATION = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    *sorted(page for page in (ROOT / "docs").glob("*.md") if page.name != "glossary.md"),
]
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


def old_words_in(text: str) -> list[str]:
    """Phrases and words to avoid in a label, a hint or a page of documentation."""
    return PATTERN.findall(text) + LABEL_WORDS.findall(text)


def texts_of(path: Path) -> list[str]:
    """Texts of at least two words in a YAML or Turtle file; single words are keys."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".ttl":
        return re.findall(r'"([^"]* [^"]*)"@en', source)
    scalars = [token.value for token in yaml.scan(source) if isinstance(token, yaml.ScalarToken)]
    return [" ".join(text.split()) for text in scalars if " " in text]


@pytest.mark.parametrize("path", BUILTIN_TEXTS, ids=lambda path: path.name)
def test_a_built_in_text_uses_the_words_of_the_glossary(path):
    assert [text for text in texts_of(path) if old_words_in(text)] == []


@pytest.mark.parametrize("path", DOCUMENTATION, ids=lambda path: path.name)
def test_a_page_of_the_documentation_uses_the_words_of_the_glossary(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if old_words_in(line)] == []


def test_the_labels_of_stored_values_use_the_words_of_the_glossary():
    labels = [
        (field.model.__name__, field.name, str(label))
        for model in apps.get_models()
        for field in model._meta.fields
        for _, label in field.choices or ()
    ]
    assert len(labels) > 60
    assert [label for label in labels if old_words_in(label[2])] == []


def test_messages_use_the_words_of_the_glossary():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {phrase}"
        for path in sorted(SOURCE.rglob("*.py"))
        if "migrations" not in path.parts
        for line, text in messages(path)
        for phrase in found_in(text)
    ]
    assert wrong == []
