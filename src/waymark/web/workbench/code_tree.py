"""The codes of a framework as the workbench lists them: sections, narrower codes, meanings."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from waymark.frameworks.models import Code, Framework
from waymark.frameworks.queries import codes_of, file_of
from waymark.frameworks.schema import LISTED_PERSON, CodeSpec
from waymark.web.workbench.text_html import TONES


@dataclass(frozen=True, slots=True)
class ListedCode:
    """Code with what it means and the codes narrower than it. spec: None for one not in the file.

    search: all words that it can be found by. depth: 0 for the outermost.
    """

    code: Code
    spec: CodeSpec | None
    depth: int
    tone: int
    search: str


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """Section of a framework with its codes, narrower ones after the code that they belong to."""

    name: str
    choices: tuple[ListedCode, ...]


@dataclass(frozen=True, slots=True)
class QualifierField:
    """Qualifier with its values and their words. person: takes a person such as "child 1"."""

    name: str
    label: str
    values: tuple[tuple[str, str], ...]
    person: bool


def code_groups(framework: Framework) -> list[CodeGroup]:
    """The codes of a framework by section, in its order."""
    file = file_of(framework)
    specs = {spec.id: spec for spec in file.codes}
    names = {section.id: section.name for section in file.sections}
    codes = codes_of(framework)
    under: dict[int | None, list[Code]] = {}
    for code in codes:
        under.setdefault(code.parent_id, []).append(code)
    groups: dict[str, list[ListedCode]] = {}
    for code in under.get(None, []):
        groups.setdefault(code.section, []).extend(_choices(code, 0, under, specs))
    return [CodeGroup(names.get(key, key), tuple(rows)) for key, rows in groups.items()]


def _choices(
    code: Code, depth: int, under: dict[int | None, list[Code]], specs: dict[str, CodeSpec]
) -> Iterable[ListedCode]:
    words = [code.definition, *code.include]
    yield ListedCode(code, specs.get(code.code), depth, code.order % TONES, " ".join(words))
    for narrower in under.get(code.pk, []):
        yield from _choices(narrower, depth + 1, under, specs)


def tree_html(framework: Framework) -> SafeString:
    """The list of codes as HTML, drawn once in each process: a published version never changes."""
    content = framework.sha256
    if content not in _TREES:
        if len(_TREES) >= MOST_TREES:
            _TREES.clear()
        _TREES[content] = render_to_string(
            "workbench/codes.html", {"groups": code_groups(framework)}
        )
    return _TREES[content]


MOST_TREES = 8
_TREES: dict[str, SafeString] = {}
"""SHA-256 of a framework's content -> its codes as HTML."""


def qualifier_choices(framework: Framework) -> list[QualifierField]:
    """The qualifiers of a framework, in its order."""
    qualifiers = file_of(framework).qualifiers
    return [
        QualifierField(
            name,
            _in_words(name),
            tuple((value, _in_words(value)) for value in values if value != LISTED_PERSON),
            values == (LISTED_PERSON,),
        )
        for name, values in qualifiers.items()
    ]


def _in_words(name: str) -> str:
    return name.replace("_", " ").capitalize()
