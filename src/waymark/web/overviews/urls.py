"""Addresses of published overviews, their comparison, frameworks and data."""

from django.urls import URLPattern, path

from waymark.web.overviews import (
    charts,
    compare,
    datasets,
    editions,
    frameworks,
    other_overviews,
    overviews,
    suppressed,
)

urlpatterns: list[URLPattern] = [
    path("methods/", frameworks.methods_page, name="methods"),
    path("themes/", frameworks.themes_moved, name="themes"),
    path("frameworks/", frameworks.framework_list, name="frameworks"),
    path("frameworks/<slug:name>/<str:version>/", frameworks.framework_page, name="framework"),
    path("frameworks/<slug:name>/<str:version>/<str:code>/", frameworks.code_page, name="code"),
    path("overviews/", overviews.overview_list, name="overviews"),
    path(
        "theme-studies/",
        overviews.overview_list,
        {"work": "theme-study"},
        name="theme-studies",
    ),
    path(
        "silence-reports/",
        overviews.overview_list,
        {"work": "silence-report"},
        name="silence-reports",
    ),
    path("other-overviews/", other_overviews.other_overview_list, name="other-overviews"),
    path(
        "other-overviews/findings.csv",
        other_overviews.other_findings_csv,
        name="other-overviews-csv",
    ),
    path(
        "other-overviews/<slug:slug>/",
        other_overviews.other_overview_page,
        name="other-overview",
    ),
    path("compare/", compare.choose_overviews, name="compare"),
    path("compare/<slug:first>/<slug:second>/", compare.comparison_page, name="comparison"),
    path(
        "compare/<slug:first>/<slug:second>/comparison.csv",
        compare.comparison_csv,
        name="comparison-csv",
    ),
    path(
        "compare/<slug:first>/<slug:second>/charts/<str:figure>.<str:ending>",
        compare.comparison_chart,
        name="comparison-chart",
    ),
    path("overviews/<slug:slug>/", overviews.overview_page, name="overview"),
    path("overviews/<slug:slug>/editions/", editions.edition_list, name="overview-editions"),
    path(
        "overviews/<slug:slug>/editions/<n:number>/",
        editions.edition_page,
        name="overview-edition",
    ),
    path(
        "overviews/<slug:slug>/editions/<n:number>/report.<str:ending>",
        editions.edition_file,
        name="overview-edition-file",
    ),
    path("overviews/<slug:slug>/feed.atom", overviews.overview_feed, name="overview-feed"),
    path("overviews/<slug:slug>.pdf", overviews.overview_pdf, name="overview-pdf"),
    path(
        "overviews/<slug:slug>/chapters/<slug:chapter>/",
        overviews.chapter_page,
        name="overview-chapter",
    ),
    path(
        "overviews/<slug:slug>/charts/<str:figure>.<str:ending>",
        charts.overview_chart,
        name="overview-chart",
    ),
    path("overviews/<slug:slug>/<str:table>.csv", overviews.table_as_csv, name="overview-csv"),
    path(
        "overviews/<slug:slug>/<str:table>.csv-metadata.json",
        overviews.table_as_csvw,
        name="overview-csvw",
    ),
    path("overviews/<slug:slug>/<str:table>.json", overviews.table_as_json, name="overview-json"),
    path("overviews/<slug:slug>/<str:table>/", overviews.table_page, name="overview-table"),
    path(
        "overviews/<slug:slug>/<str:table>/<str:row>/<str:column>/",
        overviews.evidence_page,
        name="evidence",
    ),
    path("overviews/<slug:slug>/data.zip", datasets.overview_package, name="overview-package"),
    path("data/", datasets.data_page, name="data"),
    path("data/datapackage.json", datasets.data_listing, name="data-listing"),
    path("data/<str:table>.csv", datasets.data_csv, name="data-csv"),
    path("data/<str:table>.parquet", datasets.data_parquet, name="data-parquet"),
    path(
        "staff/overviews/<slug:slug>/withheld/<str:table>/",
        suppressed.protected_cells,
        name="withheld",
    ),
    path(
        "staff/overviews/<slug:slug>/withheld/<str:table>/<str:row>/<str:column>/",
        suppressed.protected_cell,
        name="withheld-cell",
    ),
]
