"""Addresses of the indicators."""

from django.urls import path

from waymark.web.indicators import annual, contacts, files, imports, public, staff

VALUE = "<str:measure>/<str:area>/<str:period>/"
urlpatterns = [
    path("statistics/", public.statistics, name="statistics"),
    path("statistics/feed.atom", public.statistics_feed, name="statistics-feed"),
    path("statistics/<slug:slug>/", public.indicator_page, name="indicator"),
    path("statistics/<slug:slug>/areas/", public.areas_page, name="indicator-areas"),
    path("statistics/<slug:slug>/data.<str:ending>", files.data_file, name="indicator-data"),
    path(
        "statistics/<slug:slug>/chart/<slug:nation>.<str:ending>",
        files.indicator_chart,
        name="indicator-chart",
    ),
    path(
        f"statistics/<slug:slug>/values/{VALUE}",
        public.value_today,
        name="indicator-value-today",
    ),
    path(
        f"statistics/<slug:slug>/values/{VALUE}on/<day:day>/",
        public.value_page,
        name="indicator-value",
    ),
    path("annual-reports/<slug:slug>/", annual.annual_report, name="annual-report"),
    path(
        "annual-reports/<slug:slug>/editions/<n:number>/",
        annual.annual_report,
        name="annual-report-edition",
    ),
    path(
        "annual-reports/<slug:slug>/editions/<n:number>/report.pdf",
        annual.annual_pdf,
        name="annual-report-pdf",
    ),
    path("staff/annual-reports/", annual.annual_reports, name="edit-annual-reports"),
    path(
        "staff/annual-reports/<slug:slug>/",
        annual.edit_annual_report,
        name="edit-annual-report",
    ),
    path("helpline/<slug:year>/", contacts.helpline_highlight, name="helpline-highlight"),
    path("staff/contacts/", contacts.contacts_log, name="contacts-log"),
    path("staff/contacts/publish/", contacts.publish_highlight, name="publish-highlight"),
    path("staff/indicators/", staff.indicator_list, name="edit-indicators"),
    path("staff/indicators/import/", imports.import_statistics, name="import-statistics"),
    path(
        "staff/indicators/import/<n:number>/", imports.statistics_import, name="statistics-import"
    ),
    path("staff/indicators/edit/<slug:slug>/", staff.edit_indicator, name="edit-indicator"),
    path("staff/indicators/edit/<slug:slug>/state/", staff.indicator_state, name="indicator-state"),
    path(
        "staff/indicators/edit/<slug:slug>/nations/<slug:nation>/",
        staff.edit_nation,
        name="edit-nation",
    ),
    path("staff/indicators/edit/<slug:slug>/breaks/", staff.add_break, name="series-breaks"),
    path(
        f"staff/indicators/edit/<slug:slug>/values/{VALUE}",
        staff.correct_value,
        name="correct-value",
    ),
]
