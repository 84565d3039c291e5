"""Packages that only some installations have: imported at their first use, named if missing."""

from importlib import import_module
from typing import Any

from waymark.core.errors import MissingExtra


class OptionalModule:
    """Module of an extra of Waymark, such as `waymark[data]`, imported at its first use.

    Use of an attribute raises MissingExtra if the module is not installed.
    """

    def __init__(self, name: str, extra: str) -> None:
        self._name, self._extra = name, extra

    def __getattr__(self, attribute: str) -> Any:
        try:
            module = import_module(self._name)
        except ModuleNotFoundError as error:
            package = self._name.partition(".")[0]
            # A module that is missing inside an installed package is a fault, not a choice.
            if (error.name or "").partition(".")[0] != package:
                raise
            raise MissingExtra(package, self._extra) from error
        return getattr(module, attribute)
