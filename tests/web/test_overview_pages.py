"""Published overviews on the site: the page, single tables, files, and what is behind a number."""

import csv
import io
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.publishing.giving import give_out
from tests.web.test_pages import see, strictly, words_of
from tests.written_once import written_once
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.documents.models import Report, Review
from waymark.overview.services import create_overview, freeze_overview
from waymark.publishing.services import withdraw_edition

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"
SPEC = """
overview: small
title: Learning from one review
subtitle: A test
framework: cr-core 1.0.0
place: A place
period: 2005
points:
  - "{T3/infant_death/n} of {T3/all/n} reviews was held after the sudden death of an infant."
select: {reviews: [W01]}
disclosure:
  profile: open
  controller: A controller
  reason: Nobody in it is real.
  decided: 2026-01-12
tables:
  - {id: T1, kind: flow, title: Reviews read}
  - id: T3
    kind: crosstab
    title: Nature of the incident
    blocks:
      - id: nature
        title: Nature
        unit: review
        base: reviews read and coded
        rows: {variable: nature}
        percent: true
        all_label: All reviews
  - id: T5
    kind: crosstab
    title: Children by sex
    blocks:
      - id: sex
        title: Sex
        unit: child
        base: children
        rows: {variable: sex}
        all_label: All children
  - {id: T8, kind: states, title: Factors, group: factors}
  - {id: T10, kind: themes, title: Themes, of: {themes: true}}
figures:
  - {id: F3, kind: bars, table: T3, column: n, title: Nature of the incident}
"""


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test, with its own publications."""
    settings.DATA = tmp_path


def given_out(spec):
    analyst = make_person(Role.ANALYST)
    made = create_overview(by=analyst, spec=spec, file="small.yaml", now=NOON)
    snapshot = freeze_overview(by=analyst, overview=made, now=NOON)
    editor = make_person(Role.EDITOR)
    return give_out(editor=editor, analyst=analyst, snapshot=snapshot)


@pytest.fixture
def edition(coded):
    """The first edition of an overview of one review."""
    return _small_edition()


@written_once
def _small_edition():
    return given_out(SPEC)


def behind(table, row, column):
    return reverse("evidence", args=["small", table, row, column])


def links(answer):
    return [one.get("href") for one in strictly(answer).iter("a")]


def test_the_list_of_overviews_is_whole_when_it_is_empty(client):
    assert "No overviews have been published yet." in see(client, "/overviews/")


def test_the_list_names_each_overview_with_its_edition(client, edition):
    said = see(client, "/overviews/")
    assert "Learning from one review" in said
    assert "Edition 1 · published 4 May 2026" in said
    assert reverse("overview-pdf", args=["small"]) in links(client.get("/overviews/"))


def chapters(client):
    """The addresses of the chapters, as the page of the overview lists them."""
    tree = strictly(client.get("/overviews/small/"))
    return [one.get("href") for one in tree.find(".//nav[@class='chapters']").iter("a")]


def test_the_page_lists_the_chapters_and_the_tables_in_them(client, edition):
    said = see(client, "/overviews/small/")
    assert "Edition 1, published on" in said
    assert "1 of 1 reviews was held after the sudden death of an infant." in said
    found = links(client.get("/overviews/small/"))
    assert "/overviews/small/chapters/case-profiles/#T3" in found
    assert chapters(client) == [
        f"/overviews/small/chapters/{name}/"
        for name in (
            "summary",
            "introduction",
            "review-process",
            "methodology",
            "case-profiles",
            "key-themes",
            "framework",
            "selection",
            "provenance",
        )
    ]


def test_the_main_points_come_before_the_contents_which_one_link_reaches(client, edition):
    page = strictly(client.get("/overviews/small/"))
    headings = [words_of(heading) for heading in page.iter("h2")]
    assert headings.index("Main points") < headings.index("Contents")
    assert "#chapters" in links(client.get("/overviews/small/"))


def test_a_chapter_opens_its_contents_by_a_link_and_closes_them_again(client, edition):
    page = strictly(client.get("/overviews/small/chapters/case-profiles/"))
    (opening,) = [link for link in page.iter("a") if link.get("href") == "#in-this-report"]
    assert opening.text == "Contents"
    contents = page.find(".//nav[@id='in-this-report']")
    closing = [link for link in contents.iter("a") if link.text == "Close contents"]
    assert [link.get("href") for link in closing] == ["#overview-text"]
    assert page.find(".//div[@id='overview-text']") is not None


def test_the_page_of_overviews_has_the_name_that_the_menu_gives_it(client):
    page = strictly(client.get("/overviews/"))
    menu = page.find(".//nav[@class='sections']")
    here = [words_of(link) for link in menu.iter("a") if link.get("aria-current")]
    assert here == [words_of(page.find(".//h1"))] == ["Findings"]


def test_chapters_show_tables_figures_and_where_the_numbers_come_from(client, edition):
    said = see(client, "/overviews/small/chapters/case-profiles/")
    assert "4 Case profiles" in said
    assert "4.1 Nature of the incident" in said
    assert "Table 3. Nature of the incident" in said
    assert "is the largest group: 1 of 1 review" in said
    assert "Figure 3. Learning from one review. Edition 1" in said
    assert "What these figures cannot tell" in see(client, "/overviews/small/chapters/methodology/")
    assert edition.snapshot.sha256 in see(client, "/overviews/small/chapters/provenance/")
    tree = strictly(client.get("/overviews/small/chapters/case-profiles/"))
    name = tree.find(f".//{SVG}svg[@role='img']").get("aria-label")
    assert name.startswith("Figure 3: Nature of the incident")


def test_every_number_of_the_chapters_opens_and_every_number_that_cannot_open_is_no_link(
    client, edition
):
    opened = set()
    for page in ["/overviews/small/", *chapters(client)]:
        tree = strictly(client.get(page))
        named = {one.get("href", "") for one in tree.iter("a")}
        opened |= {one for one in named if re.match(r"/overviews/small/T\d+/.+/.+/", one)}
        for cell in tree.iter("td"):
            if (cell.text or "").strip() == "0":
                assert cell.find("a") is None
    assert behind("T3", "infant_death", "n") in opened
    for address in opened:
        assert client.get(address).status_code == 200, address


def test_the_page_of_a_table_has_all_of_its_notes(client, edition):
    """In a chapter a note that is printed under an earlier table is not printed again."""
    selection = "A review takes place because of what happened"
    for table in ("T3", "T8"):
        page = client.get(reverse("overview-table", args=["small", table])).content.decode()
        assert selection in page, table
        assert ": under Table" not in page, table


def test_behind_a_number_stand_the_reviews_the_words_and_how_they_were_agreed(
    client, edition, key_of
):
    address = behind("T3", "infant_death", "n")
    said = see(client, address)
    assert "The 1 review counted: " in said
    assert "Case management review: Child Beech" in said
    assert "died suddenly at home" in said
    assert "Nature of the incident: " in said
    assert "coded by one person" in said
    key = key_of("died suddenly at home")
    found = links(client.get(address))
    assert reverse("passage", args=[key]) in found
    page = f"{reverse('report', args=[key.split('-')[0]])}?at={key}#at"
    assert page in found
    assert "died suddenly at home" in [
        mark.text for mark in strictly(client.get(page)).iter("mark")
    ]


def test_a_share_that_is_not_given_does_not_open(client, edition):
    # One review is too few for a share: a mark stands in its place, which is no link.
    assert client.get(behind("T3", "infant_death", "percent")).status_code == 404


def test_a_number_of_children_says_which(client, edition):
    said = see(client, behind("T5", "female", "n"))
    assert "1 child in 1 review" in said
    assert "Counted: Child Beech" in said


def test_a_number_that_counts_silence_says_so_and_lists_the_reviews(client, edition):
    said = see(client, behind("T8", "fac.neglect", "not_mentioned"))
    assert "There are no passages for this number." in said
    assert "Case management review: Child Beech" in said
    assert not list(
        strictly(client.get(behind("T8", "fac.neglect", "not_mentioned"))).iter("blockquote")
    )


def test_the_title_of_an_evidence_page_is_neutral(client, edition):
    title = strictly(client.get(behind("T3", "infant_death", "n"))).find(".//title").text
    assert "The 1 review counted in Table 3" in title
    assert "death" not in title


def test_the_way_back_from_the_evidence_names_the_subject_of_its_table(client, edition):
    page = client.get(behind("T3", "infant_death", "n")).content.decode()
    crumbs = page.partition('aria-label="Breadcrumb"')[2].partition("</nav>")[0]
    assert ">Table 3. Nature of the incident</a>" in crumbs


def test_the_words_of_a_withdrawn_report_are_gone_from_behind_the_number(client, coded, edition):
    person = make_person(Role.CATALOGUER)
    pipeline.change_state(by=person, item=coded, state=State.WITHDRAWN, now=NOON)
    said = see(client, behind("T3", "infant_death", "n"))
    assert "died suddenly at home" not in said
    assert "One passage is not shown because you cannot see its report" in said
    assert "The number is shown as it was published." in said


def test_a_withdrawn_review_is_counted_without_its_name(client, coded, edition):
    person = make_person(Role.CATALOGUER)
    review = Review.objects.get(reference="W01")
    pipeline.change_state(by=person, item=review, state=State.WITHDRAWN, now=NOON)
    said = see(client, behind("T3", "infant_death", "n"))
    assert "A review that has been withdrawn" in said
    assert "Child Beech" not in said
    assert "W01" not in said
    assert "died suddenly" not in said


def test_staff_see_the_words_of_an_internal_report_and_visitors_do_not(client, coded, edition):
    person = make_person(Role.CATALOGUER)
    pipeline.change_state(by=person, item=coded, state=State.INTERNAL, now=NOON)
    address = behind("T3", "infant_death", "n")
    assert "died suddenly" not in see(client, address)
    client.force_login(person)
    assert "died suddenly" in see(client, address)


@pytest.mark.parametrize("page", ["", "chapters/case-profiles/", "T3/"])
def test_every_page_of_an_overview_has_the_main_navigation(client, edition, page):
    """The list of sections of a page must not take the place of the sections of the site."""
    seen = client.get(f"/overviews/small/{page}").content.decode()
    main = re.search(r'<nav class="sections".*?</nav>', seen, re.DOTALL)[0]
    assert re.findall(r'href="([^"]*)"', main) == [
        *("/find/", "/topics/", "/overviews/", "/statistics/", "/recommendations/"),
    ]


def test_the_heading_of_a_table_names_what_it_is_about(client, edition):
    seen = client.get("/overviews/small/T3/").content.decode()
    assert "<h1>Table 3. Nature of the incident: reviews, " in seen


def test_a_table_has_a_page_of_its_own_with_notes_figure_and_files(client, edition):
    said = see(client, "/overviews/small/T3/")
    assert "Table 3" in said
    assert "Base: 1 review" in said
    assert "Figure 3" in said
    assert "Table 10" not in said
    found = links(client.get("/overviews/small/T3/"))
    assert "/overviews/small/T3.csv" in found
    assert "/overviews/small/T3.json" in found
    assert "/overviews/small/T1/" in found
    assert "/overviews/small/T5/" in found


def test_a_chart_is_told_once_and_has_its_files_in_one_place(client, edition):
    page = client.get("/overviews/small/T3/").content.decode()
    (chart,) = re.findall(r'<figure id="F3".*?</figure>', page, re.DOTALL)
    name = re.search(r'role="img" aria-label="([^"]+)"', chart)[1]
    assert name.startswith("Figure 3: Nature of the incident: reviews, ")
    assert name.endswith("Numbers in Table 3.")
    finding = re.search(r'<p class="finding">([^<]+)</p>', chart)[1]
    # The two drawings, of which a page shows one, do not repeat it.
    assert chart.count(finding) == 1
    assert "<title" not in chart
    files = ["charts/F3.svg", "charts/F3.png", "T3.csv"]
    found = re.findall(r'href="/overviews/small/([^"]+)" download', chart)
    assert found == files
    picture, image = (client.get(f"/overviews/small/{file}") for file in files[:2])
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert finding in picture.content.decode()
    assert "Edition 1" in picture.content.decode()
    assert image.content.startswith(b"\x89PNG")
    assert client.get("/overviews/small/charts/F99.svg").status_code == 404


def test_a_table_says_all_that_it_counts_and_that_its_numbers_open(client, edition):
    assert "Unit: child. " in see(client, "/overviews/small/T5/")
    said = see(client, "/overviews/small/T10/")
    assert "Units: review and passage. " in said
    assert "Select a number to see the reviews it counts." in see(client, "/overviews/small/T3/")


def test_nobody_is_asked_to_select_a_number_where_none_opens(client, coded):
    """Under k3 no table but that of the way reviews took can be shown of one review."""
    a, b = SPEC.index("  - id: T3"), SPEC.index("  - {id: T10")
    spec = SPEC.replace(SPEC[a:b], "").replace("profile: open", "profile: k3")
    spec = spec[: spec.index("figures:")]
    spec = "\n".join(line for line in spec.splitlines() if "{T3/" not in line and line != "points:")
    spec = spec.replace("  decided: 2026-01-12", "  decided: 2026-01-12\n  open_process: false")
    given_out(f"{spec}\n")
    said = see(client, "/overviews/small/T1/")
    assert "Download this table: CSV · JSON" in said
    assert "Select a number" not in said
    assert "evidence for each number" not in said


def test_tables_are_listed_and_leafed_through_by_their_numbers(client, coded):
    """Table 4 stands in the chapter on method, before table 3."""
    agreement = "  - {id: T4, kind: agreement, title: Agreement, of: {themes: true}}\n"
    given_out(SPEC.replace("figures:\n", f"{agreement}figures:\n"))
    tables = [f"/overviews/small/T{number}/" for number in (1, 3, 4, 5, 8, 10)]
    assert [one for one in links(client.get("/overviews/small/")) if one in tables] == tables
    leaving = links(client.get("/overviews/small/T4/"))
    assert [one for one in leaving if one in tables] == [tables[1], tables[3]]


def test_a_table_comes_as_csv_with_the_numbers_of_the_page(client, edition):
    answer = client.get("/overviews/small/T3.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="small-edition-1-T3.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["Sudden unexpected infant death", "1", "[x]"] in rows
    assert rows[-1][:2] == ["All reviews", "1"]


def test_a_table_comes_as_json_with_the_places_behind_each_number(client, edition, key_of):
    answer = client.get("/overviews/small/T3.json")
    assert answer["Content-Type"] == "application/json"
    said = json.loads(answer.content)
    row = next(row for row in said["rows"] if row["label"] == "Sudden unexpected infant death")
    assert row["cells"][0]["value"] == 1
    assert row["cells"][0]["evidence"] == [key_of("died suddenly at home")]


@pytest.mark.parametrize("what", ["review", "report"])
def test_the_json_of_a_table_leaves_out_what_is_no_longer_public(client, edition, what):
    def cell():
        rows = json.loads(client.get("/overviews/small/T3.json").content)["rows"]
        return next(row for row in rows if row["id"] == "infant_death")["cells"][0]

    before = cell()
    for report in Report.objects.select_related("review"):
        thing = report.review if what == "review" else report
        thing.state = State.WITHDRAWN
        thing.save(update_fields=["state"])
    assert before["records"]
    assert before["evidence"]
    assert cell()["evidence"] == []
    assert cell()["records"] == ([] if what == "review" else before["records"])
    assert cell()["value"] == 1


def test_the_pdf_is_the_file_that_was_published(client, edition, settings):
    answer = client.get("/overviews/small.pdf")
    content = b"".join(answer.streaming_content)
    assert content == (settings.DATA / "publications" / edition.pdf).read_bytes()
    assert content.startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "small-edition-1.pdf" in answer["Content-Disposition"]


def test_the_feed_of_editions_has_lasting_ids_and_is_not_sent_twice(client, edition, settings):
    settings.REPOSITORY = "library.example.org"
    address = reverse("overview-feed", args=["small"])
    answer = client.get(address)
    for name in ("overviews/small", "overviews/small/1"):
        assert f"<id>tag:library.example.org,2026:{name}</id>".encode() in answer.content
    again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


NOWHERE = (
    "/overviews/none/",
    "/overviews/none.pdf",
    "/overviews/small/chapters/none/",
    "/overviews/small/chapters/foreword/",
    "/overviews/small/T9/",
    "/overviews/small/T9.csv",
    "/overviews/small/T9.json",
    "/overviews/small/T3/no-row/n/",
    "/overviews/small/T3/infant_death/no-column/",
    "/overviews/small/T3/infant_death/n/?page=2",
    "/overviews/small/T3/infant_death/n/?page=x",
    "/overviews/small/T3/assault/n/",
)


def test_what_is_not_there_is_told_so(client, edition):
    for address in NOWHERE:
        assert "Page not found" in see(client, address, status=404), address


def test_a_withdrawn_edition_is_gone_with_all_its_pages_and_files(client, edition):
    withdraw_edition(by=make_person(Role.EDITOR), publication=edition, reason="A fault.", now=NOON)
    for address in (
        "/overviews/small/",
        "/overviews/small.pdf",
        "/overviews/small/T3/",
        "/overviews/small/T3.csv",
        "/overviews/small/T3.json",
        behind("T3", "infant_death", "n"),
    ):
        assert client.get(address).status_code == 404, address
    assert "No overviews have been published yet." in see(client, "/overviews/")


def test_an_editor_withdraws_an_edition_with_a_reason_and_nobody_else_does(client, edition):
    page = reverse("withdraw-overview", args=["small"])
    client.force_login(make_person(Role.CATALOGUER))
    assert client.post(page, {"reason": "A fault.", "edition": 1}).status_code == 403
    assert "Withdraw this edition" not in see(client, "/overviews/small/")
    client.force_login(make_person(Role.EDITOR, name="editor"))
    assert "Withdraw this edition" in see(client, "/overviews/small/")
    assert "are removed for everyone at once" in see(client, page)
    assert "Enter why it is withdrawn." in words_of(
        strictly(client.post(page, {"reason": " ", "edition": 1}))
    )
    assert client.get("/overviews/small/").status_code == 200
    stale = client.post(page, {"reason": "A fault.", "edition": 7})
    assert stale.status_code == 400
    shown = strictly(stale)
    assert "since you opened this page" in words_of(shown)
    # What was typed stays, and counts for the edition that the page now shows.
    assert shown.find(".//textarea[@name='reason']").text.strip() == "A fault."
    assert shown.find(".//input[@name='edition']").get("value") == "1"
    assert client.post(page, {"reason": "A fault.", "edition": 1})["Location"] == "/overviews/"
    assert "Edition 1 is withdrawn." in see(client, "/overviews/")
    assert client.get("/overviews/small/").status_code == 404
    entry = AuditEntry.objects.get(action="withdraw overview")
    assert (entry.actor, entry.detail["reason"]) == ("editor", "A fault.")


def test_silence_is_never_told_as_words_withdrawn(client, coded, edition):
    address = behind("T8", "fac.neglect", "not_mentioned")
    person = make_person(Role.CATALOGUER)
    pipeline.change_state(by=person, item=coded, state=State.WITHDRAWN, now=NOON)
    said = see(client, address)
    assert "There are no passages for this number." in said
    assert "not shown because" not in said
    assert "No passages from this review can be shown." in see(
        client, behind("T3", "infant_death", "n")
    )


def test_a_long_list_of_reviews_is_given_in_pages(client, edition, monkeypatch):
    monkeypatch.setattr("waymark.web.overviews.overviews.SIZE", 1)
    answer = client.get(behind("T3", "infant_death", "n"))
    assert "Case management review: Child Beech" in words_of(strictly(answer))
    assert strictly(answer).find(".//ol[@class='behind']").get("start") == "1"


def test_a_passage_asks_once_for_the_editions_however_many_facts_rest_on_it(
    client, edition, key_of
):
    few = key_of("The health visitor wrote no chronology.")
    start, _ = key_of("1.1 A child").split("-")[1:]
    many = f"{few.split('-')[0]}-{start}-{few.split('-')[2]}"
    counted = []
    see(client, reverse("passage", args=[few]))  # what is kept between requests is kept by now
    for key in (few, many):
        with CaptureQueriesContext(connection) as asked:
            see(client, reverse("passage", args=[key]))
        counted.append(sum('FROM "publishing_' in query["sql"] for query in asked))
    assert counted[0] == counted[1] > 0
