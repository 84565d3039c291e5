"""Real use in a real browser: journeys with and without script, accessibility, small screens."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.axe import RUN_AXE

pytestmark = pytest.mark.browser

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The page is the same in both schemes but for its colours.
OF_COLOUR = ["color-contrast", "link-in-text-block"]
PUBLIC = (
    "/",
    "/about/",
    "/help/",
    "/accessibility/",
    "/data/",
    "/find/",
    "/find/?q=health+visitor&theme=prac.early",
    "/find/?q=neglect",
    "/find/?q=%22zebra+crossing",
    "/reviews/R01/",
    "/reviews/R09/",
    "/reviews/R25/",
    "/find/?q=neglect+and+school&view=passages",
    "/resources/translating-learning-into-action/",
    "/resources/course-recording-what-you-see/",
    "/subjects/",
    "/subjects/?by=letter",
    "/subjects/neglect/",
    "/topics/",
    "/topics/babies-and-safer-sleep/",
    "/methods/",
    "/frameworks/",
    "/frameworks/cr-core/1.0.0/prac.early/",
    "/sign-in/",
    "/deposit/",
    "/concern/?page=/topics/",
    "/ask/?page=/topics/",
    "/check-references/",
    "/removals/",
    "/contact/",
    "/privacy/",
    "/terms/",
    "/complaints/",
    "/notices/",
    "/alerts/?topic=babies-and-safer-sleep&search=q%3Dinfants",
    "/alerts/criteria/",
    "/alerts/archive/weekly/",
    "/alerts/archive/weekly/1/",
    "/briefings/",
    "/briefings/infants/",
    "/briefings/infants/1/check/",
    "/briefings/infants/1/seven-minutes/",
    "/briefings/infants/use/",
    "/no-such-page/",
    "/statistics/",
    "/statistics/registers/",
    "/statistics/registers/areas/",
    "/annual-reports/how-safe-are-our-children/",
    "/training/",
    "/training/reading-in-two-half-days/",
    "/impact/",
    "/resources/evaluation-e2/",
    "/bodies/carnmurry-trust-fictional/audit/",
    "/briefings/infants/1/learning-event/",
    "/data/access/",
    "/data/access/apply/",
    "/overviews/",
    "/compare/",
    "/compare/demo/demo/",
    "/compare/demo/demo/?table=T3",
    "/overviews/demo/",
    "/overviews/demo/T3/",
)
STAFF = (
    "/account/",
    "/account/password/",
    "/account/searches/",
    "/find/?q=visitor",
    "/staff/",
    "/staff/find-and-quote/?q=Who+visited+the+child",
    "/staff/upload/",
    "/staff/deposits/",
    "/staff/concerns/",
    "/staff/feedback/",
    "/staff/enquiries/",
    "/staff/enquiries/call/",
    "/staff/enquiries/statistics/",
    "/staff/searches/",
    "/staff/searches/1/",
    "/staff/searches/1/edit/",
    "/staff/searches/1/results/",
    "/staff/searches/1/sources/1/",
    "/staff/searches/new/",
    "/staff/inbound-mail/",
    "/staff/notices/",
    "/staff/contacts/",
    "/staff/training/",
    "/staff/training/add/",
    "/staff/training/edit/reading-in-two-half-days/",
    "/staff/subscribers/",
    "/staff/subscribers/add/",
    "/staff/letters/",
    "/staff/keeping/",
    "/staff/hidden-text/",
    "/staff/anonymity/",
    "/staff/anonymity/words/",
    "/staff/reviews/R10/visibility/",
    "/staff/reviews/R10/withdraw/",
    "/staff/resources/",
    "/staff/resources/add/",
    "/staff/resources/translating-learning-into-action/record/",
    "/staff/resources/briefing-unseen-men/subjects/?subject=hidden&record=neglect",
    "/staff/reviews/R05/record/",
    "/staff/reviews/L01/progress/",
    "/staff/due/",
    "/staff/bulk/",
    "/staff/bulk/review/?all=yes&do=internal",
    "/staff/bulk/review/?all=yes&do=add-subjects",
    "/reviews/R10/",
)

MANAGING = ("/staff/accounts/", "/staff/accounts/1/")
"""Pages for administrators: the list of accounts, and one account."""

both_ways = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


def places(window):
    """The addresses of a passage, of its report with marked words, and of a page of that."""
    page = window().page
    page.goto("/find/?q=health+visitor")
    cite = page.get_by_role("link", name=re.compile("^cite")).first.get_attribute("href")
    passage = cite.removesuffix("#cite")
    page.get_by_role("link", name=re.compile("^view on the page")).first.click()
    report = page.url[page.url.index("/reports/") :]
    return [passage, report, f"{report[: report.index('?')]}pages/1/"]


def sign_in(window, site, name):
    page = window.page
    page.goto("/sign-in/")
    page.get_by_label("Account name").fill(name)
    page.get_by_label("Password").fill(site.passwords[name])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="My account")).to_be_visible()


# ---- journeys ----


@both_ways
def test_from_a_search_to_the_words_on_the_image_of_the_page(window, script):
    here = window(script=script)
    page = here.page
    page.goto("/")
    page.get_by_label("Search reviews and resources").fill('"health visitor" notes')
    page.get_by_role("button", name="Search the site").click()
    expect(page.get_by_role("status").get_by_role("heading", level=2)).to_contain_text("record")
    with page.expect_response(re.compile(r"/image-\d+\.webp$")) as image:
        page.get_by_role("link", name=re.compile("^view on the page")).first.click()
    assert image.value.status == 200
    assert image.value.headers["content-type"] == "image/webp"
    assert "noindex" in image.value.headers["x-robots-tag"]
    assert image.value.body()[:4] == b"RIFF"
    sheet = page.locator("svg.sheet").bounding_box()
    mark = page.locator("svg.sheet rect.hl").first.bounding_box()
    assert sheet["x"] <= mark["x"] <= mark["x"] + mark["width"] <= sheet["x"] + sheet["width"]
    assert sheet["y"] <= mark["y"] <= mark["y"] + mark["height"] <= sheet["y"] + sheet["height"]
    expect(page.locator(".read mark.target").first).to_be_in_viewport()
    assert page.evaluate("document.activeElement.id") == "at"
    assert here.complaints == []


@both_ways
@pytest.mark.parametrize("width", [1280, 390])
def test_from_table_3_to_its_words_on_the_page_in_three_clicks_and_to_a_citation_in_two_more(
    window, script, width
):
    here = window(script=script, width=width)
    page = here.page
    page.goto("/overviews/demo/")
    page.get_by_role("link", name=re.compile("^Table 3")).first.click()
    page.locator("#T3 td a").first.click()
    page.get_by_role("link", name=re.compile("^view on the page")).first.click()
    expect(page.locator("mark.target").first).to_be_in_viewport()
    passage = page.locator(":is(p, li, td):has(> .cited)").first
    passage.get_by_role("link", name=re.compile("^cite")).click()
    expect(page.get_by_role("heading", name="Cite this passage")).to_be_in_viewport()
    citation = page.locator("[data-copy='Copy citation']")
    expect(citation).to_contain_text("/p/")
    if script:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy citation").click()
        assert page.evaluate("navigator.clipboard.readText()") == citation.inner_text()
    assert here.complaints == []


@both_ways
def test_from_a_review_to_the_words_of_a_fact_and_on_to_their_page(window, script):
    page = window(script=script).page
    page.goto("/find/?q=review:birch")
    page.get_by_role("link", name=re.compile("Child Birch")).first.click()
    page.get_by_role("heading", name="The children").click()
    page.get_by_role("link", name=re.compile("passage 1 on outcome for the child")).first.click()
    expect(page.get_by_role("heading", name=re.compile("^Passage from"))).to_be_visible()
    said = page.locator("blockquote").inner_text().split("\n")[0]
    page.get_by_role("link", name="View on the page").click()
    marked = " ".join(page.locator(".read mark").all_inner_texts())
    assert " ".join(marked.split()) == said


wide_and_narrow = pytest.mark.parametrize("width", [1280, 390])


@both_ways
@wide_and_narrow
def test_neglect_with_school_involved_by_nation_and_years_takes_four_actions(window, script, width):
    """On a phone the home page opens the filters with the search, elsewhere they are beside it."""
    here = window(script=script, width=width)
    page, clicks = here.page, []

    def click(place):
        place.click()
        clicks.append(place)

    page.goto("/")
    search = page.get_by_role("banner")
    search.get_by_role("searchbox").fill("neglect")
    name = "Search with filters" if width == 390 else "Search the site"
    click(search.get_by_role("button", name=name))
    expect(page.get_by_role("checkbox", name=re.compile("^Northern Ireland"))).to_be_visible()
    click(page.get_by_role("checkbox", name=re.compile("^Northern Ireland")))
    click(page.get_by_role("checkbox", name=re.compile("^Schools and education")))
    page.get_by_label("From year").fill("2004")
    page.get_by_label("to year").fill("2008")
    click(page.get_by_role("button", name="Apply filters"))
    expect(page.get_by_role("status").get_by_role("heading")).to_contain_text("records")
    assert len(clicks) == 4
    chosen = page.get_by_role("list", name="Chosen filters").get_by_role("link")
    chips = [" ".join(text.split()) for text in chosen.all_text_contents()]
    assert chips == [
        "Nation: Northern Ireland \u00d7, remove filter",
        "Service involved: Schools and education \u00d7, remove filter",
        "Year: from 2004 \u00d7, remove filter",
        "Year: to 2008 \u00d7, remove filter",
    ]
    assert page.locator("article").count() > 0
    assert "q=neglect" in page.url
    assert here.complaints == []


@wide_and_narrow
def test_the_first_hit_is_on_the_first_screen(window, width):
    page = window(width=width).page
    page.goto("/")
    page.get_by_role("banner").get_by_role("searchbox").fill("neglect")
    page.get_by_role("banner").get_by_role("button", name="Search the site").click()
    expect(page.locator("article").first).to_be_visible()
    hit = page.locator("article").first.bounding_box()
    assert hit is not None
    assert hit["y"] < 860 - 100


@both_ways
@wide_and_narrow
def test_babies_and_co_sleeping_is_two_clicks_from_home(window, script, width):
    """By a topic to its reviews: the first three are coded as sudden deaths of sleeping babies."""
    here = window(script=script, width=width)
    page = here.page
    page.goto("/")
    door = page.get_by_role("main").get_by_role("link", name=re.compile("^Babies and safer sleep"))
    door.first.click()
    page.get_by_role("link", name=re.compile(r"^See all \d+ reviews")).click()
    hits = page.locator("article")
    expect(hits.first).to_contain_text("death of a baby")
    for place in range(3):
        said = hits.nth(place).inner_text().lower()
        assert re.search(r"slept|safe sleeping|sudden unexpected death in infancy", said), said
    assert here.complaints == []


@both_ways
@wide_and_narrow
def test_results_are_saved_for_zotero_in_two_clicks(window, script, width):
    page = window(script=script, width=width).page
    page.goto("/")
    page.get_by_role("banner").get_by_role("searchbox").fill("babies and co-sleeping")
    page.get_by_role("banner").get_by_role("button", name="Search the site").click()
    titles = page.locator("article h3").all_inner_texts()
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save these results for Zotero (RIS)").click()
    saved = saving.value.path().read_text("utf-8")
    assert saving.value.suggested_filename.endswith(".ris")
    assert all(" ".join(title.split()) in saved for title in titles[:3])


@both_ways
def test_leafing_through_a_report(window, script):
    page = window(script=script).page
    page.goto("/reviews/R01/")
    page.get_by_role("link", name="Overview report").click()
    page.locator("article .folio").first.click()
    first = page.get_by_role("heading", name=re.compile(r"^Page 1 of \d+"))
    last = int(re.match(r"Page 1 of (\d+)", first.inner_text())[1])
    assert last > 2
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("heading", name=f"Page 2 of {last}")).to_be_visible()
    page.get_by_label("Page number").fill(str(last))
    page.get_by_role("button", name="Go to page", exact=True).click()
    expect(page.get_by_role("heading", name=f"Page {last} of {last}")).to_be_visible()
    expect(page.get_by_role("link", name="Next page")).to_have_count(0)
    page.get_by_role("link", name="Previous page").click()
    expect(page.get_by_role("heading", name=f"Page {last - 1} of {last}")).to_be_visible()


def test_the_image_follows_the_text_and_hits_and_keys_move_in_place(window):
    here = window()
    page = here.page
    page.goto("/reviews/R01/")
    page.get_by_role("link", name="Overview report").click()
    image = page.locator("img.sheet-image")
    expect(image).to_have_attribute("src", re.compile("/pages/1/"))
    # The script adds its keys when it has run.
    expect(page.get_by_text("Keys", exact=True)).to_be_visible()
    page.keyboard.press("Alt+PageDown")
    expect(image).to_have_attribute("src", re.compile("/pages/2/"))
    expect(page.locator(".toc a[aria-current]")).to_have_count(1)
    page.get_by_text("Keys", exact=True).click()
    page.get_by_label("Use Alt and Page Up or Page Down").uncheck()
    page.keyboard.press("Alt+PageDown")
    expect(image).to_have_attribute("src", re.compile("/pages/2/"))
    page.get_by_label("Find in this report").fill("visit")
    page.get_by_label("Find in this report").press("Enter")
    expect(page.locator("#hit-count")).to_have_text(re.compile(r"^\s*Hit 1 of [2-9]"))
    expect(page.locator("#hit-1")).to_be_in_viewport()
    page.get_by_label("Find in this report").press("Enter")
    expect(page.locator("#hit-number")).to_have_text("2")
    expect(page.locator("#hit-2.now")).to_be_in_viewport()
    page.get_by_role("button", name="Previous hit").click()
    expect(page.get_by_role("status").filter(has_text="Hit 1 of")).to_be_attached()
    page.get_by_role("button", name="Zoom in").click()
    expect(page.get_by_role("region", name="Image of the page")).to_have_attribute("tabindex", "0")
    page.get_by_role("button", name="Zoom out").click()
    page.get_by_role("button", name="Text only").click()
    expect(image).to_be_hidden()
    assert here.complaints == []


@both_ways
def test_on_a_phone_the_next_hit_is_in_reach_wherever_one_reads(window, script):
    here = window(script=script, width=390)
    page = here.page
    page.goto("/reviews/R01/")
    page.get_by_role("link", name="Overview report").click()
    page.get_by_label("Find in this report").fill("visit")
    page.get_by_label("Find in this report").press("Enter")
    expect(page.locator("#hit-1")).to_be_in_viewport()
    expect(page.locator("#hit-count")).to_be_in_viewport()
    onwards = page.get_by_role("button" if script else "link", name="Next hit")
    expect(onwards).to_be_in_viewport()
    onwards.click()
    expect(page.locator("#hit-2")).to_be_in_viewport()
    expect(page.locator("#hit-number")).to_have_text("2")
    assert here.complaints == []


@both_ways
def test_signing_in_reading_one_s_account_and_signing_out(window, site, script):
    here = window(script=script)
    sign_in(here, site, "coder.a")
    page = here.page
    page.get_by_role("link", name="My account").click()
    expect(page.locator("main")).to_contain_text("Coder")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("main")).to_contain_text("You are signed out.")
    assert here.complaints == []


def test_copying_the_citation_needs_script_and_says_what_it_did(window):
    passage, *_ = places(window)
    without = window(script=False).page
    without.goto(passage)
    expect(without.get_by_role("button", name="Copy citation")).to_have_count(0)
    page = window().page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(passage)
    page.get_by_role("button", name="Copy citation").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert passage in page.evaluate("navigator.clipboard.readText()")


# ---- for everybody ----


@pytest.mark.parametrize("who", ["a visitor", "staff", "administrator"])
def test_axe_finds_nothing_to_complain_of_in_light_and_dark(window, site, axe, who):
    here = window(without_csp=True)
    page = here.page
    addresses = [*PUBLIC, *places(window)]
    if who == "staff":
        sign_in(here, site, "cataloguer")
        addresses = [*STAFF, *places(window)]
    elif who == "administrator":
        sign_in(here, site, "administrator")
        addresses = [*MANAGING]
    wrong = []
    for address in addresses:
        page.emulate_media(color_scheme="light")
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        page.evaluate(axe)
        wrong += complaints(page, address, {"type": "tag", "values": STANDARDS})
        page.emulate_media(color_scheme="dark")
        wrong += complaints(page, f"{address} (dark)", {"type": "rule", "values": OF_COLOUR})
    assert wrong == []


def complaints(page, address, rules):
    """What axe finds, one line each."""
    found = page.evaluate(RUN_AXE, rules)
    return [
        f"{address}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]
    ]


@pytest.mark.parametrize("who", ["cataloguer", "administrator"])
def test_nothing_scrolls_sideways_at_320_pixels(window, site, who):
    here = window(width=320)
    sign_in(here, site, who)
    addresses = (*PUBLIC, *STAFF, *places(window))
    wide = []
    for address in MANAGING if who == "administrator" else addresses:
        here.page.goto(address)
        width = here.page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide.append(f"{address}: {width}")
    assert wide == []


def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(window):
    page = window().page
    page.goto("/find/?q=visits")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(12):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            "(s => s.outlineStyle != 'none' && parseFloat(s.outlineWidth) >= 2)"
            "(getComputedStyle(document.activeElement))"
        )
        assert shown, page.evaluate("document.activeElement.outerHTML")


def test_a_page_asks_no_other_site_for_anything_and_is_small(window, site):
    _, report, _ = places(window)
    addresses = ("/", "/find/?q=health+visitor", "/topics/neglect/", "/reviews/R05/", report)
    for address in (*addresses, "/overviews/demo/T8/"):
        page = window().page
        asked = []
        page.on("response", lambda answer, asked=asked: asked.append(answer))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert {answer.url.startswith(site.address) for answer in asked} == {True}
        texts = [answer for answer in asked if answer.request.resource_type != "image"]
        assert len(texts) <= 12, address
        # What comes over the line: texts are compressed.
        sizes = [answer.request.sizes()["responseBodySize"] for answer in texts]
        assert sum(sizes) < 150_000, address


def test_the_console_stays_silent_under_the_strict_policy(window):
    context = window().page.context
    said = []
    context.on("console", lambda message: said.append((message.type, message.text, message.page)))
    context.on("weberror", lambda error: said.append(("error", str(error.error), error.page)))
    pages = [context.new_page() for _ in range(6)]
    # A page is quiet when its network was idle for half a second: six wait for that together.
    for first in range(0, len(PUBLIC), len(pages)):
        opened = list(zip(pages, PUBLIC[first : first + len(pages)], strict=False))
        for page, address in opened:
            page.goto(address)
        for page, _address in opened:
            page.wait_for_load_state("networkidle")
        complaints = [
            (page.url, text)
            for kind, text, page in said
            if kind in {"error", "warning"} and "404" not in text
        ]
        assert complaints == []


def test_on_paper_tables_of_recommendations_are_below_each_other_in_no_grid(window):
    """In a grid, a table that goes on over the page was printed over what follows it."""
    page = window().page
    page.goto("/recommendations/")
    page.emulate_media(media="print")
    for part in (".picture", "body"):
        shown = page.eval_on_selector(part, "part => getComputedStyle(part).display")
        assert (part, shown) == (part, "block")


def test_find_and_quote_is_printed_as_the_chosen_passages_with_their_sources(window, site):
    """Without script: no field, tick box or button, and only what was chosen."""
    here = window(script=False)
    sign_in(here, site, "cataloguer")
    page = here.page
    page.goto("/staff/find-and-quote/?q=Who+visited+the+child")
    choices = page.locator(".choice")
    for number in (1, 2):
        choices.nth(number).get_by_role("checkbox").check()
    page.emulate_media(media="print")
    assert choices.evaluate_all("all => all.map(one => one.checkVisibility())")[:4] == [
        *(False, True, True, False)
    ]
    address = choices.nth(1).locator(".print-only")
    expect(address).to_be_visible()
    expect(address).to_contain_text("/p/")
    for role in ("checkbox", "textbox", "searchbox", "button"):
        assert page.locator("main").get_by_role(role).count() == 0, role
    page.emulate_media(media="screen")
    expect(address).to_be_hidden()


@pytest.mark.parametrize("width", [320, 1280])
def test_find_and_quote_has_space_between_a_passage_and_the_box_of_the_next(window, site, width):
    here = window(width=width)
    sign_in(here, site, "cataloguer")
    page = here.page
    page.goto("/staff/find-and-quote/?q=Who+visited+the+child")
    ends = page.locator(".choice .item").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().bottom)"
    )
    boxes = page.locator(".choice .tick").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().top)"
    )
    gaps = [box - end for end, box in zip(ends, boxes[1:], strict=False)]
    assert len(gaps) > 1
    assert min(gaps) >= 10
