"""Python API for notebooks and scripts: re-exports only. See docs/api.md.

Pure functions need no set-up. Functions that read a library need its data folder first:

    from waymark import api
    api.open_data("my-library")
    api.reviews()
"""

from waymark.coding.agreement import bootstrap_interval, cohen_kappa, gwet_ac1, raw_agreement
from waymark.coding.suggest import suggestions_for
from waymark.core.errors import WaymarkError
from waymark.core.spans import Span
from waymark.core.tables import Cell, Table, whole_percent
from waymark.core.text import sentences
from waymark.datasets.notebook import (
    children,
    codings,
    dictionary,
    judgement_quotes,
    judgements,
    open_data,
    overview_table,
    recommendations,
    review_codes,
    reviews,
)
from waymark.frameworks.schema import FrameworkFile, read_framework
from waymark.indicators.rates import pooled_periods, rates, with_comparator
from waymark.library.search.parser import parse_query
from waymark.overview.disclosure.engine.frames import ProtectedFrame, protect_frame
from waymark.pipeline.publishing.published_tables import (
    alert_items,
    answers,
    briefing_statements,
    briefing_uses,
    briefings,
    check_references,
    indicator_values,
)

__all__ = [
    "Cell",
    "FrameworkFile",
    "ProtectedFrame",
    "Span",
    "Table",
    "WaymarkError",
    "alert_items",
    "answers",
    "bootstrap_interval",
    "briefing_statements",
    "briefing_uses",
    "briefings",
    "check_references",
    "children",
    "codings",
    "cohen_kappa",
    "dictionary",
    "gwet_ac1",
    "indicator_values",
    "judgement_quotes",
    "judgements",
    "open_data",
    "overview_table",
    "parse_query",
    "pooled_periods",
    "protect_frame",
    "rates",
    "raw_agreement",
    "read_framework",
    "recommendations",
    "review_codes",
    "reviews",
    "sentences",
    "suggestions_for",
    "whole_percent",
    "with_comparator",
]
