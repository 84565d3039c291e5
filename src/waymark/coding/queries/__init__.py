"""The readers of codings and the agreed layer, one module for each subject."""

from waymark.coding.queries.codings import (
    AgreedCodeView,
    QualifiersByPlace,
    ReviewWithCode,
    agreed_codes,
    agreed_qualifiers,
    coded_reviews,
    codes_of_review,
    codes_touching,
    codings_anchored_in,
    current_codings,
    framework_to_code_with,
    hidden_suggestions,
    review_counts,
    reviews_with_code,
    shown_suggestions,
    suggestions_touching,
)
from waymark.coding.queries.exchange import project_import_for, project_imports

__all__ = [
    "AgreedCodeView",
    "QualifiersByPlace",
    "ReviewWithCode",
    "agreed_codes",
    "agreed_qualifiers",
    "coded_reviews",
    "codes_of_review",
    "codes_touching",
    "codings_anchored_in",
    "current_codings",
    "framework_to_code_with",
    "hidden_suggestions",
    "project_import_for",
    "project_imports",
    "review_counts",
    "reviews_with_code",
    "shown_suggestions",
    "suggestions_touching",
]
