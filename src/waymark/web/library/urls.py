"""Addresses of search, records, subjects, feeds and exports."""

from django.urls import URLPattern, path

from waymark.web.library import (
    advanced,
    authors,
    exports,
    find,
    resources,
    reviews,
    saved_searches,
    search_history,
    subjects,
    topics,
)

urlpatterns: list[URLPattern] = [
    path("find/", find.find_page, name="find"),
    path("find/advanced/", advanced.advanced_search, name="advanced-search"),
    # Addresses that were printed and linked to before Find.
    path("library/", find.old_library_page, name="library"),
    path("resources/", find.old_resources_page, name="resources"),
    path("library/results.json", exports.results_json, name="results-json"),
    path("library/results.<str:ending>", exports.results_file, name="results"),
    path("library/feed.atom", exports.atom_feed, name="feed-atom"),
    path("library/feed.rss", exports.rss_feed, name="feed-rss"),
    path("oai/", exports.oai_pmh, name="oai"),
    path("sitemap.xml", exports.sitemap_xml, name="sitemap"),
    path("reviews/<slug:reference>/record.<str:ending>", exports.review_file, name="review-record"),
    path("resources/<slug:key>/record.<str:ending>", exports.resource_file, name="resource-record"),
    path("resources/<slug:key>/", resources.resource_page, name="resource"),
    path("authors/", authors.author_list, name="authors"),
    path("authors/<slug:key>/", authors.author_page, name="author"),
    path("authors/<slug:key>/author.json", authors.author_json, name="author-json"),
    path("reviews/<slug:reference>/", reviews.review_page, name="review"),
    path("topics/", topics.topic_list, name="topics"),
    path("topics/<slug:key>/", topics.topic_page, name="topic"),
    path("topics/<slug:key>/feed.atom", topics.topic_feed, name="topic-feed"),
    path("topics/<slug:key>/chart.<str:ending>", topics.topic_chart, name="topic-chart"),
    path("topics/<slug:key>/years.csv", topics.topic_years, name="topic-years"),
    path("subjects/", subjects.subject_list, name="subjects"),
    path("subjects/thesaurus.ttl", subjects.thesaurus_file, name="thesaurus-file"),
    path("subjects/<slug:key>/", subjects.subject_page, name="subject"),
    path("subjects/<slug:key>/subject.<str:ending>", subjects.subject_file, name="subject-file"),
    path("account/searches/", saved_searches.saved_search_list, name="saved-searches"),
    path("account/searches/history/", search_history.search_history, name="search-history"),
    path("account/searches/combined/", search_history.combined_search, name="combined-search"),
    path("account/searches/keep/", saved_searches.save_search, name="save-search"),
    path("account/searches/<n:number>/", saved_searches.run_saved_search, name="saved-search"),
    path("account/searches/<n:number>/rename/", saved_searches.rename_search, name="rename-search"),
    path("account/searches/<n:number>/delete/", saved_searches.delete_search, name="delete-search"),
]
