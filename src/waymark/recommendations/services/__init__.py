"""The only writers of recommendations, one module for each subject."""

from waymark.recommendations.services.chasing import ChaseResult, chase_late
from waymark.recommendations.services.contacts import (
    TooManyLinks,
    add_contact,
    finish_own_action,
    forget_links,
    remove_contact,
    report_own,
    request_link,
    use_link,
)
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
    "ChaseResult",
    "NewAction",
    "NewEntry",
    "NewProgress",
    "TooManyLinks",
    "add_action",
    "add_addressee",
    "add_contact",
    "chase_late",
    "finish_action",
    "finish_own_action",
    "forget_links",
    "move_recommendations",
    "name_body_of",
    "record_entry_of",
    "record_progress",
    "record_progress_of",
    "record_recommendation",
    "remove_addressee",
    "remove_contact",
    "report_own",
    "request_link",
    "take_back_entry",
    "use_link",
    "withdraw_recommendation",
]
