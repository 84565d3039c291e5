"""Addresses of queries over codings."""

from django.urls import URLPattern, path

from waymark.web.coding_queries import queries

urlpatterns: list[URLPattern] = [
    path("staff/coding/queries/", queries.code_queries, name="coding-queries"),
    path("staff/coding/queries/results.<str:ending>", queries.query_results, name="coding-results"),
]
