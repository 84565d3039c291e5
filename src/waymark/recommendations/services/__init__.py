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
from waymark.recommendations.services.count_blocks import store_counts
from waymark.recommendations.services.importing import (
    RecommendationImport,
    describe_scheme,
    import_recommendations,
    set_scheme_state,
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
from waymark.recommendations.services.relations import (
    relate_recommendations,
    take_back_relation,
)

__all__ = [
    "ChaseResult",
    "NewAction",
    "NewEntry",
    "NewProgress",
    "RecommendationImport",
    "TooManyLinks",
    "add_action",
    "add_addressee",
    "add_contact",
    "chase_late",
    "describe_scheme",
    "finish_action",
    "finish_own_action",
    "forget_links",
    "import_recommendations",
    "move_recommendations",
    "name_body_of",
    "record_entry_of",
    "record_progress",
    "record_progress_of",
    "record_recommendation",
    "relate_recommendations",
    "remove_addressee",
    "remove_contact",
    "report_own",
    "request_link",
    "set_scheme_state",
    "store_counts",
    "take_back_entry",
    "take_back_relation",
    "use_link",
    "withdraw_recommendation",
]
