"""The page of an overview."""

import re
from itertools import pairwise

import html5lib
import pytest

from tests.publishing.small_release import small_document
from waymark.publishing.formats import html


@pytest.fixture(scope="module")
def page():
    return html.render_fragment(small_document(), address="/overviews/small/")


@pytest.fixture(scope="module")
def tree():
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(html.render_page(small_document()))


def table(tree, name):
    return next(element for element in tree.iter("table") if element.get("id") == name)


def test_the_whole_file_is_html_without_a_fault(tree):
    assert tree.get("lang") == "en-GB"
    assert [title.text for title in tree.iter("title")] == ["A small overview"]
    assert len(list(tree.iter("h1"))) == 1


def test_headings_step_down_one_level_at_a_time(tree):
    levels = [
        int(element.tag[1]) for element in tree.iter() if re.fullmatch(r"h[1-6]", str(element.tag))
    ]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_no_id_stands_twice(tree):
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_a_table_has_a_caption_scopes_and_a_foot(tree):
    page = table(tree, "T3")
    (caption,) = page.iter("caption")
    assert caption.text == "Table 3. Cause: reviews, Nowhere, 2001 to 2003"
    assert [element.text for element in caption] == ["Base: 4 reviews."]
    assert [element.get("scope") for element in page.find("thead").iter("th")] == ["col"] * 3
    assert [element.get("scope") for element in page.find("tbody").iter("th")] == ["row"] * 5
    assert [element.text for element in page.find("tfoot").iter("th")] == ["All reviews"]


def test_a_block_of_rows_has_a_header_of_its_own(tree):
    groups = [
        (element.text, element.get("colspan"))
        for element in table(tree, "T4").iter("th")
        if element.get("scope") == "rowgroup"
    ]
    assert groups == [("Reviews by people", "4"), ("People by age", "4")]


def test_every_number_that_counts_something_opens_to_its_evidence(page):
    assert '<a href="/overviews/small/T3/deaths/n/">2</a>' in page
    assert '<a href="/overviews/small/T8/fac.cold/recorded/">2</a>' in page
    assert '<a href="/overviews/small/T3/all/n/">4</a> reviews, ' in page


def test_nought_and_what_is_marked_open_to_nothing(page):
    assert "/T2/2002/n/" not in page
    assert "/T3/fire/percent/" not in page
    assert '<span class="withheld">[x]</span>' in page
    assert "Shorthand: [x] not available, such as a percentage on a base under 20." in page


def test_a_saved_file_has_plain_numbers(tree):
    assert not [element for element in tree.iter("a") if not element.get("href").startswith("#")]


def test_a_strict_content_policy_finds_nothing_inline_in_the_fragment(page):
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page)


def test_words_of_people_are_never_taken_for_markup():
    page = small_document("title: A small overview", 'title: "<b>&amp; <script>"')
    assert "<title>&lt;b&gt;&amp;amp; &lt;script&gt;</title>" in html.render_page(page)
    page = small_document("title: Cause\n", "title: \"<img src=x onerror='y'>\"\n")
    assert "<img" not in html.render_fragment(page, address=None)
    page = small_document("place: Nowhere", 'place: "</desc><script>"')
    assert "<script" not in html.render_fragment(page, address="/overviews/small/")


def test_two_pages_of_the_same_release_are_the_same(page):
    assert html.render_fragment(small_document(), address="/overviews/small/") == page
