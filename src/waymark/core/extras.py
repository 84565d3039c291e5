"""Packages that are imported at their first use: large ones, and those that may be missing."""

from importlib import import_module
from types import ModuleType
from typing import Any

from waymark.core.errors import MissingExtra

PACKAGES = {"report": ("typst", "docx", "xlsxwriter"), "dask": ("distributed",)}
"""Extra -> its packages, for work that needs all of them."""


class LaterModule:
    """Module that is imported at its first use, because most pages and commands do without it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(import_module(self._name), attribute)
        # Found from now on without this method: a loop may ask for it again and again.
        setattr(self, attribute, value)
        return value


class OptionalModule:
    """Module of an extra of Waymark, such as `waymark[data]`, imported at its first use.

    Use of an attribute raises MissingExtra if the module is not installed.
    """

    def __init__(self, name: str, extra: str) -> None:
        self._name, self._extra = name, extra

    def __getattr__(self, attribute: str) -> Any:
        return getattr(_import_optional(self._name, self._extra), attribute)


def require_extra(extra: str) -> None:
    """Raise MissingExtra, before long work begins, if a package of the extra is not installed."""
    for package in PACKAGES[extra]:
        _import_optional(package, extra)


def _import_optional(name: str, extra: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        package = name.partition(".")[0]
        # A module that is missing inside an installed package is a fault, not a choice.
        if (error.name or "").partition(".")[0] != package:
            raise
        raise MissingExtra(package, extra) from error
