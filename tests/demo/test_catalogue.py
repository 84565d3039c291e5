"""The demo's catalogue: real publications in our own words, and nothing made up about them."""

import re
from urllib.parse import urlsplit

import pytest

from tests.factories import NOON
from waymark.core.errors import RuleError, SpecError
from waymark.demo.catalogue import CatalogueFile, check_subjects, read_catalogue, read_resources
from waymark.demo.sources import read_collection, read_source, sources_folder
from waymark.library.catalogue.duplicates import ComparedWork, similar_works
from waymark.library.catalogue.host_place import article_place
from waymark.library.catalogue.resource_description import description_faults, tidy_description
from waymark.library.catalogue.review_process import builtin_processes
from waymark.library.models import RelationKind, ResourceKind
from waymark.library.services.thesaurus import load_builtin

PLACE = sources_folder()
RESOURCES = read_resources(PLACE)
CATALOGUE = read_catalogue(PLACE)
BY_KEY = {one.key: one for one in RESOURCES.resources}
COURSES = [one for one in RESOURCES.resources if one.kind == "training-course"]
# Copies of publications on sites that are not their publishers'.
COPIES = ("scribd", "yumpu", "docslib", "studylib", "fdocuments", "docsbay", "paperzz", "wixlib")

ARTICLES_AND_INQUIRIES = {"journal-article", "inquiry-report"}
CHECKED = {
    "translating-learning-into-action": ("research-report", 2013, ""),
    "inquiring-into-non-accidental-child-deaths": ("journal-article", 2011, "41(2), 242-260"),
    "neglect-and-serious-case-reviews": ("research-report", 2013, ""),
    "building-on-the-learning-2007-2009": ("research-report", 2010, "DFE-RR040"),
    "study-of-recommendations-2009-2010": ("research-report", 2011, "DFE-RR157"),
    "new-learning-2009-2011": ("research-report", 2012, "DFE-RR226"),
    "pathways-to-harm-pathways-to-protection": ("research-report", 2016, ""),
    "complexity-and-challenge": ("research-report", 2020, ""),
    "fatal-child-maltreatment-2005-2009": ("journal-article", 2011, "35(4), 299-306"),
    "learning-from-97-serious-case-reviews-cafcass": ("research-report", 2017, ""),
    "wood-report": ("inquiry-report", 2016, ""),
    "how-safe-are-our-children-2014": ("statistics", 2014, ""),
    "how-safe-are-our-children-2013": ("statistics", 2013, ""),
    "learning-from-loss": ("inquiry-report", 2025, ""),
    "thematic-analysis-child-practice-reviews-wales": ("research-report", 2020, ""),
}


def test_there_are_forty_resources_at_least_and_some_of_every_kind():
    assert len(BY_KEY) == len(RESOURCES.resources) >= 40
    # Published answers are records too; the desk makes those. Books and the like come by imports.
    kinds = set(ResourceKind.values) - {
        *(ResourceKind.ANSWER, ResourceKind.BOOK, ResourceKind.CHAPTER, ResourceKind.THESIS),
        *(ResourceKind.LEGISLATION, ResourceKind.RECORDING),
    }
    assert {row.kind for row in RESOURCES.resources} == kinds


@pytest.mark.parametrize("key", BY_KEY)
def test_each_is_described_without_fault_and_in_a_few_sentences(key):
    text = BY_KEY[key].described
    assert description_faults(tidy_description(text)) == []
    assert tidy_description(text) == text
    sentences = re.findall(r"[.!?:](?=\s|$)", text.summary)
    assert 1 <= len(sentences) <= 5
    assert 60 <= len(text.summary) <= 600


def test_what_is_made_up_says_so_and_nothing_else_is():
    assert len(COURSES) == 2
    for row in COURSES:
        for text in (row.title, row.publisher):
            assert "(fictional" in text
        assert row.summary.startswith("Fictional.")
        assert not row.url
    for row in RESOURCES.resources:
        if row not in COURSES:
            assert "fictional" not in f"{row.title} {row.publisher} {row.summary}".lower()


def share_with(name, rows):
    """The share of the rows that have a value for this."""
    return sum(bool(getattr(row, name)) for row in rows) / len(rows)


def test_of_each_fact_most_publications_have_it():
    works = [row for row in RESOURCES.resources if row not in COURSES]
    assert [row.key for row in works if not row.audience or not row.nation] == []
    assert share_with("publisher", works) >= 0.9
    assert share_with("url", works) >= 0.7
    # Web pages and tools change without a date of publication.
    dated = [row for row in works if row.kind not in {"web-page", "tool"}]
    assert share_with("year", dated) >= 0.8
    # Reports, articles and inquiries have people or bodies as their authors; web pages seldom do.
    written = [row for row in works if row.kind in {"research-report", *ARTICLES_AND_INQUIRIES}]
    assert share_with("authors", written) >= 0.8
    assert [row.key for row in written if not row.year] == [
        "serious-and-fatal-child-maltreatment-2009-10",
        "thematic-analysis-sheffield-cases",
        "learning-from-significant-case-reviews-scotland-2015-2018",
        "second-national-analysis-sars",
    ]


def test_authors_are_named_one_by_one():
    names = [name for row in RESOURCES.resources for name in row.authors]
    assert [name for name in names if "others" in name or "et al" in name or ";" in name] == []


def test_no_kind_contradicts_what_a_publication_is():
    for row in RESOURCES.resources:
        in_journal = (row.host_title, row.volume, row.pages)
        assert all(in_journal) if row.kind == "journal-article" else not any(in_journal)
        if row.kind == "journal-article":
            assert not row.isbn
        if "report to parliament" in row.strapline.lower() or "inquiry" in row.title.lower():
            assert row.kind == "inquiry-report"
        if row.series == "Learning from case reviews":
            assert row.kind == "thematic-briefing"


def test_the_fifteen_records_that_were_checked_say_what_their_pages_say():
    rows = {key: BY_KEY[key] for key in CHECKED}
    facts = {
        key: (
            row.kind,
            row.year,
            row.report_number or article_place(row.volume, row.issue, row.pages),
        )
        for key, row in rows.items()
    }
    assert facts == CHECKED
    assert len(BY_KEY["new-learning-2009-2011"].authors) == 7
    assert len(BY_KEY["pathways-to-harm-pathways-to-protection"].authors) == 9
    assert len(BY_KEY["complexity-and-challenge"].authors) == 9
    assert "368" in BY_KEY["complexity-and-challenge"].key_points[0]
    assert "33 reviews" in BY_KEY["study-of-recommendations-2009-2010"].summary
    assert BY_KEY["learning-from-loss"].isbn == "9781528658928"


def test_guidance_in_force_replaces_the_edition_by_which_older_practice_is_judged():
    replaced = {row.key: row.replaces for row in RESOURCES.resources}
    assert replaced["working-together"] == "working-together-2023"
    assert replaced["co-operating-to-safeguard-children-2017"] == (
        "co-operating-to-safeguard-children-2003"
    )


def test_links_lead_to_publishers_not_to_copies():
    hosts = {urlsplit(row.url).hostname for row in RESOURCES.resources if row.url}
    assert not [host for host in hosts for copy in COPIES if copy in host]
    assert sum(bool(row.url) for row in RESOURCES.resources) >= 40


def test_no_two_entries_are_of_the_same_work():
    works = [
        ComparedWork(row.key, row.title, row.authors, row.year, url=row.url)
        for row in RESOURCES.resources
    ]
    assert [
        (row.key, similar_works(row, works)) for row in works if similar_works(row, works)
    ] == []


def test_the_seed_of_the_field_is_told_with_its_facts():
    seed = BY_KEY["translating-learning-into-action"]
    assert [name.split(",")[0] for name in seed.authors] == [
        "Devaney",
        "Bunting",
        "Hayes",
        "Lazenbatt",
    ]
    assert (seed.year, seed.nation) == (2013, "Northern Ireland")
    assert len(seed.contents) == 13
    assert dict(seed.contents)["The key themes"] == 47
    assert "24 reviews" in seed.key_points[0]


def test_a_new_edition_replaces_the_old_one_and_the_old_one_stays():
    replaced = {row.key: row.replaces for row in RESOURCES.resources if row.replaces}
    assert replaced["briefing-unseen-men"] == "briefing-hidden-men"
    assert set(replaced.values()) <= set(BY_KEY)
    assert RelationKind.REPLACES in RelationKind.values


def test_a_link_to_something_not_listed_is_told_with_its_line(tmp_path):
    (tmp_path / "resources.yaml").write_text(
        "format: waymark-resources 1\nresources:\n"
        "  - {key: a, kind: tool, title: A, summary: S, subjects: [], related: [b]}\n"
    )
    with pytest.raises(SpecError, match=r"line 3: a: b is not listed"):
        read_resources(tmp_path)


@pytest.mark.django_db
def test_every_subject_is_in_the_thesaurus_and_an_unknown_one_stops_the_build():
    with pytest.raises(RuleError, match="the thesaurus has no such subjects: translating"):
        check_subjects(RESOURCES, CATALOGUE)
    load_builtin(by=None, now=NOON)
    check_subjects(RESOURCES, CATALOGUE)
    wrong = CATALOGUE.model_copy(update={"codes": {"prac.early": "no-such-subject"}})
    assert isinstance(wrong, CatalogueFile)
    with pytest.raises(RuleError, match=r"catalogue\.yaml: no-such-subject"):
        check_subjects(RESOURCES, wrong)


def test_abstracts_are_sentences_of_the_reports_word_for_word():
    for abstract in CATALOGUE.abstracts:
        source = read_source(PLACE / "reports" / f"{abstract.review}.md")
        text = " ".join(block.text for block in source.blocks)
        said = abstract.event + abstract.background + abstract.issues + abstract.recommendations
        assert said
        assert [row for row in said if row not in text] == []


def test_the_four_reviews_of_young_people_who_ended_their_lives_or_hurt_themselves_are_noted():
    notes = CATALOGUE.content_notes
    assert [name for name, row in notes.items() if "suicide" in row] == ["R12", "R14", "R17"]
    assert [name for name, row in notes.items() if "self-harm" in row] == ["R14", "R17", "R22"]
    for name, row in notes.items():
        text = " ".join(b.text for b in read_source(PLACE / "reports" / f"{name}.md").blocks)
        if "sexual-abuse" in row:
            assert "sexual" in text


def test_reviews_indexed_under_newly_qualified_social_workers_speak_of_one():
    subject = "newly-qualified-social-workers"
    named = [name for name, row in CATALOGUE.subjects_of_reviews.items() if subject in row]
    assert named == ["R12", "R19"]
    for name in named:
        text = " ".join(b.text for b in read_source(PLACE / "reports" / f"{name}.md").blocks)
        assert re.search(r"newly qualified|first year of practice", text)


def test_serious_harm_from_neglect_is_a_subject_of_reviews_that_establish_neglect():
    """The fire of R22 is of the same class, and its report does not call the neglect serious."""
    assert "serious-neglect" not in CATALOGUE.classes.values()
    indexed = {
        name for name, row in CATALOGUE.subjects_of_reviews.items() if "serious-neglect" in row
    }
    assert indexed == {"R19", "R20", "R21", "R24"}


def test_reviews_that_are_named_are_those_of_the_collection():
    collection = read_collection(PLACE)
    known = {row.review for row in (*collection.reports, *collection.not_obtained)}
    named = {review for pair in CATALOGUE.related for review in pair}
    named |= {row.review for row in (*CATALOGUE.abstracts, *CATALOGUE.withheld)}
    named |= set(CATALOGUE.content_notes)
    assert named <= known
    assert CATALOGUE.under_way.reference not in known
    assert builtin_processes().process(CATALOGUE.scheme).nation == collection.nation
