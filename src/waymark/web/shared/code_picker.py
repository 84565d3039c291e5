"""Codes picked by a part of their name, in the browser's own list, so without a script."""

from django.http import QueryDict

from waymark.coding.code_expression import with_code
from waymark.core.errors import RuleError
from waymark.core.wording import list_in_words
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import codes_of, file_of

JOINS = (("AND", "and"), ("OR", "or"), ("AND NOT", "and not"))


def code_choices(framework: Framework) -> list[str]:
    """The codes as the picker lists them: "prac.early: Early and sustained intervention"."""
    return [f"{code.id}: {code.name}" for code in file_of(framework).codes]


def codes_by_section(framework: Framework) -> list[tuple[str, list[tuple[str, str]]]]:
    """Name of each section, with id and name of its codes; those below another have a dash."""
    names = {section.id: section.name for section in file_of(framework).sections}
    depths: dict[int | None, int] = {None: -1}
    sections: dict[str, list[tuple[str, str]]] = {}
    for code in codes_of(framework):
        depths[code.pk] = depths.get(code.parent_id, -1) + 1
        label = f"{'- ' * depths[code.pk]}{code.name}"
        sections.setdefault(names.get(code.section, code.section), []).append((code.code, label))
    return list(sections.items())


def picked_code(text: str, framework: Framework) -> str:
    """The id of a code that was picked or typed. Raises RuleError for none, or several."""
    codes = file_of(framework).codes
    folded = text.strip().casefold()
    for code in codes:
        if folded in (code.id, code.name.casefold(), f"{code.id}: {code.name}".casefold()):
            return code.id
    near = [code for code in codes if folded in f"{code.id}: {code.name}".casefold()]
    if len(near) == 1:
        return near[0].id
    if not near:
        raise RuleError(f"the framework has no code with the words {text.strip()[:60]}")
    names = list_in_words([code.name for code in near[:3]])
    others = f" and {len(near) - 3} more" if len(near) > 3 else ""
    raise RuleError(f"choose one: these words are in {names}{others}")


def with_picked(asked: QueryDict, framework: Framework) -> str:
    """The parameters of a query with the code that was picked added to its expression.

    Raises ParseError for an expression that cannot be read, RuleError for what is no single code.
    """
    known = [code.id for code in file_of(framework).codes]
    operator = asked.get("join", "")
    code = picked_code(asked.get("pick", ""), framework)
    longer = with_code(
        asked.get("codes", ""), operator if operator in dict(JOINS) else "AND", code, known
    )
    parameters = asked.copy()
    parameters["codes"] = longer
    for name in ("pick", "join", "page"):
        parameters.pop(name, None)
    return parameters.urlencode()
