"""The declaration of who asks for a copy, as data (no Django)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from waymark.core.yaml_file import load_yaml

FILE = "copy_declaration.yaml"


@dataclass(frozen=True, slots=True)
class CopyDeclaration:
    """A version of the declaration. law: where it is asked for; limit: what may be copied."""

    version: str
    points: tuple[str, ...]
    law: str
    limit: str


@cache
def declarations() -> Mapping[str, CopyDeclaration]:
    """Version -> declaration, the current one first."""
    text = (files("waymark.enquiries") / FILE).read_text("utf-8")
    values, _ = load_yaml(text, file=FILE)
    return {
        row["version"]: CopyDeclaration(
            row["version"], tuple(row["points"]), values["law"], values["limit"]
        )
        for row in values["versions"]
    }


def current_declaration() -> CopyDeclaration:
    """The declaration that is confirmed now."""
    return next(iter(declarations().values()))
