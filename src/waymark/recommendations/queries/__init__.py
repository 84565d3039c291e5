"""Queries about recommendations, limited to what a person may see."""

from waymark.recommendations.queries.of_reviews import (
    CLOSED,
    FollowedRecommendation,
    doubts_of,
    is_overdue,
    recommendation_rows,
    recommendations_anchored_in,
    recommendations_of,
    recorded_by,
)

__all__ = [
    "CLOSED",
    "FollowedRecommendation",
    "doubts_of",
    "is_overdue",
    "recommendation_rows",
    "recommendations_anchored_in",
    "recommendations_of",
    "recorded_by",
]
