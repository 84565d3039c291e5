"""Queries about recommendations and what became of them, limited to what a person may see."""

from waymark.follow_up.queries.national_picture import (
    NationalPicture,
    PictureCount,
    blocks_to_count,
    national_picture,
)
from waymark.follow_up.queries.recommendations import (
    PictureChoice,
    finding_of,
    in_words,
    labels_of_lists,
    listed_recommendations,
    open_addressees,
    open_recommendations,
    recommendation_view,
    recommendations_to,
)

__all__ = [
    "NationalPicture",
    "PictureChoice",
    "PictureCount",
    "blocks_to_count",
    "finding_of",
    "in_words",
    "labels_of_lists",
    "listed_recommendations",
    "national_picture",
    "open_addressees",
    "open_recommendations",
    "recommendation_view",
    "recommendations_to",
]
