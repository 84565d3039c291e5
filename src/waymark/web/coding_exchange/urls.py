"""Addresses of the exchange of codings with other programs."""

from django.urls import URLPattern, path

from waymark.web.coding_exchange import codebooks, exporting, importing

urlpatterns: list[URLPattern] = [
    path("staff/coding/exchange/", importing.exchange, name="coding-exchange"),
    path("staff/coding/exchange/export/", exporting.export_codings, name="coding-export"),
    path("staff/coding/exchange/codebook/", codebooks.import_codebook, name="import-codebook"),
    path("staff/coding/exchange/<slug:key>/", importing.project_import, name="coding-import"),
    path(
        "frameworks/<slug:name>/<str:version>/codebook.qdc",
        codebooks.codebook_file,
        name="framework-codebook",
    ),
]
