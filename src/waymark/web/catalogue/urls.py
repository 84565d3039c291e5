"""Addresses of cataloguing: resources, reviews, subjects, imports."""

from django.urls import URLPattern, path

from waymark.web.catalogue import (
    authors,
    bulk,
    history,
    holdings,
    imports,
    links,
    resources,
    reviews,
    subjects,
    subjects_and_links,
    topics,
)
from waymark.web.shared.moved import moved

urlpatterns: list[URLPattern] = [
    path("staff/resources/", resources.resource_list, name="held-resources"),
    path("staff/resources/add/", resources.add_resource, name="add-resource"),
    path("staff/resources/<slug:key>/record/", resources.edit_resource, name="edit-resource"),
    moved("staff/resources/<slug:key>/edit/", "edit-resource"),
    path(
        "staff/resources/<slug:key>/address/", resources.resource_address, name="resource-address"
    ),
    path(
        "staff/resources/<slug:key>/subjects/",
        subjects_and_links.resource_relations,
        name="resource-about",
    ),
    moved("staff/resources/<slug:key>/about/", "resource-about"),
    path(
        "staff/resources/<slug:key>/holdings/", holdings.resource_holdings, name="resource-holdings"
    ),
    path("staff/resources/<slug:key>/history/", history.resource_history, name="resource-history"),
    path("staff/reviews/<slug:reference>/record/", reviews.edit_review, name="edit-review"),
    moved("staff/reviews/<slug:reference>/edit/", "edit-review"),
    path(
        "staff/reviews/<slug:reference>/subjects/",
        subjects_and_links.review_relations,
        name="review-about",
    ),
    moved("staff/reviews/<slug:reference>/about/", "review-about"),
    path("staff/reviews/<slug:reference>/progress/", reviews.review_steps, name="review-steps"),
    moved("staff/reviews/<slug:reference>/steps/", "review-steps"),
    path("staff/reviews/<slug:reference>/history/", history.review_history, name="review-history"),
    path("staff/authors/", authors.manage_authors, name="keep-authors"),
    path("staff/authors/<slug:key>/", authors.edit_author, name="edit-author"),
    path("staff/links/", links.links_to_mend, name="broken-links"),
    path("staff/due/", reviews.deadlines, name="due"),
    path("staff/topics/", topics.topic_rows, name="edit-topics"),
    path("staff/topics/add/", topics.add_topic, name="add-topic"),
    path("staff/topics/<slug:key>/edit/", topics.edit_topic, name="edit-topic"),
    path("staff/subjects.json", subjects_and_links.subject_names, name="subject-names"),
    path("staff/subjects/", subjects.manage_thesaurus, name="keep-subjects"),
    path("staff/subjects/add/", subjects.add_subject, name="add-subject"),
    path("staff/subjects/divided/", subjects.divided_subjects, name="divided-subjects"),
    path("staff/subjects/load/", subjects.load_file, name="load-subjects"),
    path("staff/subjects/load/<slug:key>/", subjects.preview_file, name="load-subjects-preview"),
    path("staff/subjects/<slug:key>/edit/", subjects.edit_subject, name="edit-subject"),
    path(
        "staff/reviews/<slug:reference>/abstract/",
        imports.imported_abstract,
        name="review-abstract",
    ),
    path("staff/bulk/changes/<slug:key>/undo/", bulk.bulk_undo, name="bulk-undo"),
    path("staff/bulk/", bulk.bulk_changes, name="bulk-changes"),
    path("staff/bulk/changes/<slug:key>/", bulk.bulk_change, name="bulk-change"),
    path("staff/bulk/<slug:kind>/", bulk.bulk_preview, name="bulk-preview"),
    path("staff/imports/", imports.import_file, name="imports"),
    path("staff/imports/<slug:key>/", imports.import_page, name="import"),
]
