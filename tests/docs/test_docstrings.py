"""Docstrings explain the fields and parameters that a class or function has, by their names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "waymark"
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]
EXPLAINED = re.compile(r"(?:^|[.;] )((?:[a-z]\w*)(?:(?:, | and )[a-z]\w*)*): ")
"""A sentence or part of one that begins with names: "start, end: code points of the text"."""


def code_of(node: ast.AST) -> str:
    """The source of a class or function without its docstring."""
    assert isinstance(node, ast.ClassDef | ast.FunctionDef)
    head, *_ = ast.unparse(node).split('"""', 1)
    return "\n".join([head, *(ast.unparse(part) for part in node.body[1:])])


def unknown_names(source: str) -> Iterator[tuple[str, str]]:
    """Names that a docstring explains, and that its class or function does not contain.

    A docstring may also explain a value, which the module then has in quotation marks.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            text = " ".join(str(ast.get_docstring(node)).split())
            code = code_of(node)
            for names in EXPLAINED.findall(text):
                for name in re.split(r", | and ", names):
                    if f'"{name}"' not in source and not re.search(rf"\b{name}\b", code):
                        yield node.name, name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_docstring_explains_no_name_that_is_not_there(path):
    assert list(unknown_names(path.read_text("utf-8"))) == []
