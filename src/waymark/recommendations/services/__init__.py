"""The only writers of recommendations, one module for each subject."""

from waymark.recommendations.services.ledger import (
    NewAction,
    NewEntry,
    NewProgress,
    add_action,
    add_addressee,
    finish_action,
    name_body_of,
    record_entry_of,
    record_progress,
    record_progress_of,
    remove_addressee,
    take_back_entry,
)
from waymark.recommendations.services.recording import (
    move_recommendations,
    record_recommendation,
    withdraw_recommendation,
)

__all__ = [
    "NewAction",
    "NewEntry",
    "NewProgress",
    "add_action",
    "add_addressee",
    "finish_action",
    "move_recommendations",
    "name_body_of",
    "record_entry_of",
    "record_progress",
    "record_progress_of",
    "record_recommendation",
    "remove_addressee",
    "take_back_entry",
    "withdraw_recommendation",
]
