"""The Python API, for notebooks and scripts: re-exports and nothing else.

The pure functions need no set-up. The read queries need Django on a data folder first:

    import os, django
    os.environ["WAYMARK_DATA"] = "my-library"
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    django.setup()
"""

from waymark.coding.agreement import (
    bootstrap_interval,
    cohen_kappa,
    gwet_ac1,
    raw_agreement,
)
from waymark.coding.suggest import suggest
from waymark.core.errors import WaymarkError
from waymark.core.spans import Span
from waymark.core.tables import Cell, Table, whole_percent
from waymark.core.text import sentences
from waymark.frameworks.schema import FrameworkFile, read_framework
from waymark.library.query import parse

__all__ = [
    "Cell",
    "FrameworkFile",
    "Span",
    "Table",
    "WaymarkError",
    "bootstrap_interval",
    "cohen_kappa",
    "gwet_ac1",
    "parse",
    "raw_agreement",
    "read_framework",
    "sentences",
    "suggest",
    "whole_percent",
]
