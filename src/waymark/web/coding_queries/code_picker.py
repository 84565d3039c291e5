"""Codes of a query picked by a part of their name: the browser's own list, so without a script."""

from django.http import QueryDict

from waymark.coding.code_expression import with_code
from waymark.core.errors import RuleError
from waymark.core.wording import list_in_words
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import file_of

JOINS = (("AND", "and"), ("OR", "or"), ("AND NOT", "and not"))


def code_choices(framework: Framework) -> list[str]:
    """The codes as the picker lists them: "prac.early: Early and sustained intervention"."""
    return [f"{code.id}: {code.name}" for code in file_of(framework).codes]


def picked_code(text: str, framework: Framework) -> str:
    """The id of a code that was picked or typed. Raises RuleError for none, or several."""
    codes = file_of(framework).codes
    wanted = text.strip().casefold()
    for code in codes:
        if wanted in (code.id, code.name.casefold(), f"{code.id}: {code.name}".casefold()):
            return code.id
    near = [code for code in codes if wanted in f"{code.id}: {code.name}".casefold()]
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
