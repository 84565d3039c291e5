"""Services that write briefings and guides: their texts, signatures, editions, records of use."""

from waymark.briefings.services.editions import (
    prepare_briefing,
    publish_briefing,
    sign_briefing,
)
from waymark.briefings.services.texts import add_briefing, save_briefing_text, with_passage
from waymark.briefings.services.uses import (
    ReportedUse,
    TooManyUses,
    decide_use,
    take_use,
)

__all__ = [
    "ReportedUse",
    "TooManyUses",
    "add_briefing",
    "decide_use",
    "prepare_briefing",
    "publish_briefing",
    "save_briefing_text",
    "sign_briefing",
    "take_use",
    "with_passage",
]
