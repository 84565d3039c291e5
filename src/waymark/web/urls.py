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
    path("", pages.home_page, name="home"),
    path("about/", pages.about_page, name="about"),
    path("help/", pages.help_page, name="help"),
    path("accessibility/", pages.accessibility_page, name="accessibility"),
    path("robots.txt", robots.robots_txt, name="robots"),
    # For boards
    path("deposit/", deposit.deposit_report, name="deposit"),
    path("deposit/received/<str:signed>/", deposit.deposit_received, name="deposited"),
    # The library and what it holds
    path("library/", library.library_page, name="library"),
    path("library/results.json", exports.results_json, name="results-json"),
    path("library/results.<str:ending>", exports.results_file, name="results"),
    path("library/feed.atom", exports.atom_feed, name="feed-atom"),
    path("library/feed.rss", exports.rss_feed, name="feed-rss"),
    path("oai/", exports.oai_pmh, name="oai"),
    path("sitemap.xml", exports.sitemap_xml, name="sitemap"),
    path("reviews/<slug:reference>/record.<str:ending>", exports.review_file, name="review-record"),
    path("resources/<slug:key>/record.<str:ending>", exports.resource_file, name="resource-record"),
    path("resources/", resources.resource_list, name="resources"),
    path("resources/<slug:key>/", resources.resource_page, name="resource"),
    path("reviews/<slug:reference>/", reviews.review_page, name="review"),
    path("reports/<str:key>/", documents.first_page, name="report"),
    path("reports/<str:key>/page/", documents.to_page, name="to-page"),
    path("reports/<str:key>/pages/<n:number>/", documents.report_page, name="report-page"),
    path("reports/<str:key>/pages/<n:number>/image.png", documents.page_image, name="page-image"),
    path("p/<str:key>/", documents.passage_detail, name="passage"),
    path("p/<str:key>/page/", documents.passage_page, name="passage-page"),
    # What things are about
    path("subjects/", subjects.subject_list, name="subjects"),
    path("subjects/thesaurus.ttl", subjects.thesaurus_file, name="thesaurus-file"),
    path("subjects/<slug:key>/", subjects.subject_page, name="subject"),
    path("subjects/<slug:key>/subject.<str:ending>", subjects.subject_file, name="subject-file"),
    # What may be coded
    path("themes/", frameworks.current_themes, name="themes"),
    path("frameworks/", frameworks.framework_list, name="frameworks"),
    path("frameworks/<slug:name>/<str:version>/", frameworks.framework_page, name="framework"),
    path("frameworks/<slug:name>/<str:version>/<str:code>/", frameworks.code_page, name="code"),
    # Overviews, and what is behind each number
    path("overviews/", overview.overview_list, name="overviews"),
    path("compare/", compare.choose_overviews, name="compare"),
    path("compare/<slug:first>/<slug:second>/", compare.comparison_page, name="comparison"),
    path(
        "compare/<slug:first>/<slug:second>/comparison.csv",
        compare.comparison_csv,
        name="comparison-csv",
    ),
    path("overviews/<slug:slug>/", overview.overview_page, name="overview"),
    path("overviews/<slug:slug>.pdf", overview.overview_pdf, name="overview-pdf"),
    path(
        "overviews/<slug:slug>/chapters/<slug:chapter>/",
        overview.chapter_page,
        name="overview-chapter",
    ),
    path("overviews/<slug:slug>/<str:table>.csv", overview.table_as_csv, name="overview-csv"),
    path("overviews/<slug:slug>/<str:table>.json", overview.table_as_json, name="overview-json"),
    path("overviews/<slug:slug>/<str:table>/", overview.table_page, name="overview-table"),
    path(
        "overviews/<slug:slug>/<str:table>/<str:row>/<str:column>/",
        overview.evidence_page,
        name="evidence",
    ),
    path("overviews/<slug:slug>/data.zip", datasets.overview_package, name="overview-package"),
    # Data for researchers
    path("data/", datasets.data_page, name="data"),
    path("data/datapackage.json", datasets.data_listing, name="data-listing"),
    path("data/<str:table>.csv", datasets.data_csv, name="data-csv"),
    path("data/<str:table>.parquet", datasets.data_parquet, name="data-parquet"),
    # For those who work here
    path("staff/", staff.holdings_list, name="staff"),
    path("staff/reviews/<slug:reference>/state/", states.review_state, name="review-state"),
    path(
        "staff/reviews/<slug:reference>/withdraw/", states.withdraw_review, name="withdraw-review"
    ),
    path("staff/reports/<str:key>/state/", states.report_state, name="report-state"),
    path("staff/reports/<str:key>/withdraw/", states.withdraw_report, name="withdraw-report"),
    path("staff/reports/<str:key>/hidden-text/", hidden_text.hidden_text, name="hidden-text"),
    path("staff/hidden-text/", hidden_text.hidden_texts, name="hidden-texts"),
    path("staff/reports/<str:key>/keeping/", repository.file_expiry, name="report-keeping"),
    path("staff/resources/<slug:key>/state/", states.resource_state, name="resource-state"),
    path(
        "staff/resources/<slug:key>/withdraw/", states.withdraw_resource, name="withdraw-resource"
    ),
    path("staff/keeping/", repository.file_expiry_list, name="keeping"),
    path("staff/deposits/", repository.deposit_list, name="deposits"),
    path("staff/deposits/<str:reference>/", repository.deposit_check, name="deposit-check"),
    path("staff/letters/", repository.unsent_emails, name="letters"),
    path("staff/letters/<n:number>/again/", repository.retry_email, name="letter-again"),
    path(
        "staff/overviews/<slug:slug>/withdraw/", staff.withdraw_overview, name="withdraw-overview"
    ),
    path(
        "staff/overviews/<slug:slug>/withheld/<str:table>/",
        restricted.protected_cells,
        name="withheld",
    ),
    path(
        "staff/overviews/<slug:slug>/withheld/<str:table>/<str:row>/<str:column>/",
        restricted.protected_cell,
        name="withheld-cell",
    ),
    path("staff/overviews/<slug:slug>/report/", writing.report_texts, name="writing"),
    path("staff/overviews/<slug:slug>/sign/", signing.sign_report, name="sign-report"),
    path("staff/overviews/<slug:slug>/decision/", deciding.decide_on_disclosure, name="decide"),
    path("staff/overviews/<slug:slug>/draft/", drafts.draft_page, name="draft"),
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
    path("staff/overviews/", specs.overview_list, name="specs"),
    path("staff/overviews/new/", specs.new_overview, name="new-overview"),
    path("staff/overviews/<slug:slug>/spec/", specs.edit_spec, name="spec"),
    path("staff/overviews/<slug:slug>/spec/preview/", specs.spec_preview, name="spec-preview"),
    path("staff/overviews/<slug:slug>/history/", specs.spec_history, name="spec-history"),
    path(
        "staff/overviews/<slug:slug>/versions/<n:number>/", specs.spec_version, name="spec-version"
    ),
    path("staff/upload/", staff.upload_reports, name="upload"),
    path("staff/uploads/<str:batch>/", staff.upload_batch, name="upload-batch"),
    # For cataloguers
    path("staff/resources/", catalogue.resource_list, name="held-resources"),
    path("staff/resources/add/", catalogue.add_resource, name="add-resource"),
    path("staff/resources/<slug:key>/edit/", catalogue.edit_resource, name="edit-resource"),
    path(
        "staff/resources/<slug:key>/about/", about_records.resource_relations, name="resource-about"
    ),
    path("staff/reviews/<slug:reference>/edit/", catalogue_reviews.edit_review, name="edit-review"),
    path(
        "staff/reviews/<slug:reference>/about/", about_records.review_relations, name="review-about"
    ),
    path(
        "staff/reviews/<slug:reference>/steps/", catalogue_reviews.review_steps, name="review-steps"
    ),
    path("staff/due/", catalogue_reviews.deadlines, name="due"),
    path("staff/subjects.json", about_records.subject_names, name="subject-names"),
    path("staff/subjects/", subject_forms.manage_thesaurus, name="keep-subjects"),
    path("staff/subjects/add/", subject_forms.add_subject, name="add-subject"),
    path("staff/subjects/load/", subject_forms.load_file, name="load-subjects"),
    path(
        "staff/subjects/load/<slug:key>/", subject_forms.preview_file, name="load-subjects-preview"
    ),
    path("staff/subjects/<slug:key>/edit/", subject_forms.edit_subject, name="edit-subject"),
    path(
        "staff/reviews/<slug:reference>/abstract/",
        importing.imported_abstract,
        name="review-abstract",
    ),
    path("staff/imports/", importing.import_file, name="imports"),
    path("staff/imports/<slug:key>/", importing.import_page, name="import"),
    # For administrators
    path("staff/accounts/", staff_accounts.account_list, name="accounts"),
    path("staff/accounts/<n:number>/", staff_accounts.manage_account, name="manage-account"),
    # Accounts
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("account/", accounts.own_account, name="account"),
    path("account/password/", accounts.change_own_password, name="password"),
    path("account/searches/", saved_searches.saved_search_list, name="saved-searches"),
    path("account/searches/keep/", saved_searches.save_search, name="save-search"),
    path("account/searches/<n:number>/", saved_searches.run_saved_search, name="saved-search"),
    path("account/searches/<n:number>/rename/", saved_searches.rename_search, name="rename-search"),
    path("account/searches/<n:number>/delete/", saved_searches.delete_search, name="delete-search"),
]

handler400 = errors.bad_request
handler403 = errors.not_permitted
handler404 = errors.not_found
handler500 = errors.server_error
