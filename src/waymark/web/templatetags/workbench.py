"""Words of the workbench in templates."""

from collections.abc import Mapping

from django import template

from waymark.coding.models import Coding

register = template.Library()


@register.filter
def key_of(keys: Mapping[str, str], code: str) -> str:
    """The letter of a code, "" if it has none."""
    return keys.get(code, "")


@register.filter
def qualifier_of(coding: Coding | None, name: str) -> str:
    """The value of a qualifier of a coding, "" if it has none."""
    return str(coding.qualifiers.get(name, "")) if coding else ""
