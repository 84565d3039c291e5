"""Every page of the site in one list."""

from django.urls import URLPattern, path, register_converter

from waymark.web import (
    about_records,
    accounts,
    catalogue,
    catalogue_reviews,
    compare,
    datasets,
    deciding,
    deposit,
    documents,
    drafts,
    errors,
    exports,
    frameworks,
    hidden_text,
    importing,
    library,
    overview,
    pages,
    quoting,
    repository,
    resources,
    restricted,
    reviews,
    robots,
    saved_searches,
    signing,
    specs,
    staff,
    staff_accounts,
    states,
    subject_forms,
    subjects,
    writing,
)


class PageNumber:
    """A number counted from 1, of at most nine digits."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """From the address."""
        return int(value)

    def to_url(self, value: int) -> str:
        """To the address."""
        return str(value)


register_converter(PageNumber, "n")

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("about/", pages.about, name="about"),
    path("help/", pages.get_help, name="help"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("robots.txt", robots.robots, name="robots"),
    # For boards
    path("deposit/", deposit.deposit, name="deposit"),
    path("deposit/received/<str:signed>/", deposit.deposited, name="deposited"),
    # The library and what it holds
    path("library/", library.library, name="library"),
    path("library/results.json", exports.results_json, name="results-json"),
    path("library/results.<str:ending>", exports.results, name="results"),
    path("library/feed.atom", exports.atom, name="feed-atom"),
    path("library/feed.rss", exports.rss, name="feed-rss"),
    path("oai/", exports.harvest, name="oai"),
    path("sitemap.xml", exports.sitemap, name="sitemap"),
    path("reviews/<slug:reference>/record.<str:ending>", exports.review_file, name="review-record"),
    path("resources/<slug:key>/record.<str:ending>", exports.resource_file, name="resource-record"),
    path("resources/", resources.resources, name="resources"),
    path("resources/<slug:key>/", resources.resource, name="resource"),
    path("reviews/<slug:reference>/", reviews.review, name="review"),
    path("reports/<str:key>/", documents.report, name="report"),
    path("reports/<str:key>/page/", documents.to_page, name="to-page"),
    path("reports/<str:key>/pages/<n:number>/", documents.report_page, name="report-page"),
    path("reports/<str:key>/pages/<n:number>/image.png", documents.image, name="page-image"),
    path("p/<str:key>/", documents.passage, name="passage"),
    path("p/<str:key>/page/", documents.passage_page, name="passage-page"),
    # What things are about
    path("subjects/", subjects.subjects, name="subjects"),
    path("subjects/thesaurus.ttl", subjects.thesaurus_file, name="thesaurus-file"),
    path("subjects/<slug:key>/", subjects.subject, name="subject"),
    path("subjects/<slug:key>/subject.<str:ending>", subjects.subject_file, name="subject-file"),
    # What may be coded
    path("themes/", frameworks.themes, name="themes"),
    path("frameworks/", frameworks.frameworks, name="frameworks"),
    path("frameworks/<slug:name>/<str:version>/", frameworks.framework, name="framework"),
    path("frameworks/<slug:name>/<str:version>/<str:code>/", frameworks.code, name="code"),
    # Overviews, and what is behind each number
    path("overviews/", overview.overviews, name="overviews"),
    path("compare/", compare.choose, name="compare"),
    path("compare/<slug:first>/<slug:second>/", compare.comparison, name="comparison"),
    path(
        "compare/<slug:first>/<slug:second>/comparison.csv",
        compare.comparison_csv,
        name="comparison-csv",
    ),
    path("overviews/<slug:slug>/", overview.overview, name="overview"),
    path("overviews/<slug:slug>.pdf", overview.pdf, name="overview-pdf"),
    path(
        "overviews/<slug:slug>/chapters/<slug:chapter>/",
        overview.chapter,
        name="overview-chapter",
    ),
    path("overviews/<slug:slug>/<str:table>.csv", overview.table_as_csv, name="overview-csv"),
    path("overviews/<slug:slug>/<str:table>.json", overview.table_as_json, name="overview-json"),
    path("overviews/<slug:slug>/<str:table>/", overview.table, name="overview-table"),
    path(
        "overviews/<slug:slug>/<str:table>/<str:row>/<str:column>/",
        overview.evidence,
        name="evidence",
    ),
    path("overviews/<slug:slug>/data.zip", datasets.overview_package, name="overview-package"),
    # Data for researchers
    path("data/", datasets.data, name="data"),
    path("data/datapackage.json", datasets.data_listing, name="data-listing"),
    path("data/<str:table>.csv", datasets.data_csv, name="data-csv"),
    path("data/<str:table>.parquet", datasets.data_parquet, name="data-parquet"),
    # For those who work here
    path("staff/", staff.staff, name="staff"),
    path("staff/reviews/<slug:reference>/state/", states.review_state, name="review-state"),
    path(
        "staff/reviews/<slug:reference>/withdraw/", states.withdraw_review, name="withdraw-review"
    ),
    path("staff/reports/<str:key>/state/", states.report_state, name="report-state"),
    path("staff/reports/<str:key>/withdraw/", states.withdraw_report, name="withdraw-report"),
    path("staff/reports/<str:key>/hidden-text/", hidden_text.hidden_text, name="hidden-text"),
    path("staff/hidden-text/", hidden_text.hidden_texts, name="hidden-texts"),
    path("staff/reports/<str:key>/keeping/", repository.report_keeping, name="report-keeping"),
    path("staff/resources/<slug:key>/state/", states.resource_state, name="resource-state"),
    path(
        "staff/resources/<slug:key>/withdraw/", states.withdraw_resource, name="withdraw-resource"
    ),
    path("staff/keeping/", repository.keeping_list, name="keeping"),
    path("staff/deposits/", repository.deposits, name="deposits"),
    path("staff/deposits/<str:reference>/", repository.deposit_check, name="deposit-check"),
    path("staff/letters/", repository.letters_waiting, name="letters"),
    path("staff/letters/<n:number>/again/", repository.letter_again, name="letter-again"),
    path(
        "staff/overviews/<slug:slug>/withdraw/", staff.withdraw_overview, name="withdraw-overview"
    ),
    path("staff/overviews/<slug:slug>/withheld/<str:table>/", restricted.withheld, name="withheld"),
    path(
        "staff/overviews/<slug:slug>/withheld/<str:table>/<str:row>/<str:column>/",
        restricted.withheld_cell,
        name="withheld-cell",
    ),
    path("staff/overviews/<slug:slug>/report/", writing.writing, name="writing"),
    path("staff/overviews/<slug:slug>/sign/", signing.sign, name="sign-report"),
    path("staff/overviews/<slug:slug>/decision/", deciding.decide, name="decide"),
    path("staff/overviews/<slug:slug>/draft/", drafts.draft, name="draft"),
    path("staff/overviews/<slug:slug>/draft.pdf", drafts.draft_pdf, name="draft-pdf"),
    path("staff/overviews/<slug:slug>/report/<str:slot>/", writing.write_text, name="write-text"),
    path(
        "staff/overviews/<slug:slug>/report/<str:slot>/versions/",
        writing.text_history,
        name="text-history",
    ),
    path(
        "staff/overviews/<slug:slug>/report/<str:slot>/versions/<n:number>/",
        writing.text_version,
        name="text-version",
    ),
    path(
        "staff/overviews/<slug:slug>/passages/<str:theme>/",
        quoting.choose_passages,
        name="choose-passages",
    ),
    path("staff/overviews/", specs.specs, name="specs"),
    path("staff/overviews/new/", specs.new, name="new-overview"),
    path("staff/overviews/<slug:slug>/spec/", specs.spec, name="spec"),
    path("staff/overviews/<slug:slug>/spec/preview/", specs.preview, name="spec-preview"),
    path("staff/overviews/<slug:slug>/history/", specs.history, name="spec-history"),
    path("staff/overviews/<slug:slug>/versions/<n:number>/", specs.version, name="spec-version"),
    path("staff/upload/", staff.upload, name="upload"),
    path("staff/uploads/<str:batch>/", staff.upload_batch, name="upload-batch"),
    # For cataloguers
    path("staff/resources/", catalogue.held, name="held-resources"),
    path("staff/resources/add/", catalogue.add, name="add-resource"),
    path("staff/resources/<slug:key>/edit/", catalogue.edit, name="edit-resource"),
    path("staff/resources/<slug:key>/about/", about_records.of_resource, name="resource-about"),
    path("staff/reviews/<slug:reference>/edit/", catalogue_reviews.edit, name="edit-review"),
    path("staff/reviews/<slug:reference>/about/", about_records.of_review, name="review-about"),
    path("staff/reviews/<slug:reference>/steps/", catalogue_reviews.steps, name="review-steps"),
    path("staff/due/", catalogue_reviews.due, name="due"),
    path("staff/subjects.json", about_records.subjects, name="subject-names"),
    path("staff/subjects/", subject_forms.keep, name="keep-subjects"),
    path("staff/subjects/add/", subject_forms.add, name="add-subject"),
    path("staff/subjects/load/", subject_forms.load, name="load-subjects"),
    path("staff/subjects/load/<slug:key>/", subject_forms.preview, name="load-subjects-preview"),
    path("staff/subjects/<slug:key>/edit/", subject_forms.edit, name="edit-subject"),
    path("staff/reviews/<slug:reference>/abstract/", importing.abstract, name="review-abstract"),
    path("staff/imports/", importing.import_file, name="imports"),
    path("staff/imports/<slug:key>/", importing.one_import, name="import"),
    # For administrators
    path("staff/accounts/", staff_accounts.accounts, name="accounts"),
    path("staff/accounts/<n:number>/", staff_accounts.manage, name="manage-account"),
    # Accounts
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("account/", accounts.account, name="account"),
    path("account/password/", accounts.password, name="password"),
    path("account/searches/", saved_searches.saved, name="saved-searches"),
    path("account/searches/keep/", saved_searches.save, name="save-search"),
    path("account/searches/<n:number>/", saved_searches.run, name="saved-search"),
    path("account/searches/<n:number>/rename/", saved_searches.rename, name="rename-search"),
    path("account/searches/<n:number>/delete/", saved_searches.delete, name="delete-search"),
]

handler400 = errors.bad_request
handler403 = errors.not_permitted
handler404 = errors.not_found
handler500 = errors.failed
