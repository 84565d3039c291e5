"""Coding in a browser: by mouse, keyboard alone, touch, without script, without connection."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.coding.long_report import make_long_report
from tests.factories import NOON, make_person, make_review
from tests.new_installations import new_installation
from tests.pipeline.forked import Child
from tests.web.conftest import Site, Window
from tests.web.test_browser import OF_COLOUR, STANDARDS, complaints, sign_in
from tests.web.test_serve import serving
from waymark.accounts.models import Role
from waymark.coding import services
from waymark.coding.models import Coding, MachineCoder
from waymark.coding.suggest import SuggestedCode
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Passage
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework

pytestmark = pytest.mark.browser
CODERS = (
    "mouse",
    "keys",
    "new",
    "touch",
    "plain",
    "offline",
    "machine",
    "veiled",
    "told",
    "away",
    "looks",
)
PAGES = 12


def build_world() -> str:
    """A report of twelve pages, assigned to a coder for each test; returns its key."""
    file = next(file for file in builtin_frameworks() if file.name.startswith("cr-core"))
    core = load_framework(by=None, source=file.read_text("utf-8"), file=file.name, now=NOON)
    publish_framework(by=None, framework=core, now=NOON)
    report = make_long_report(make_review("W01", title="Review: Child Beech"), PAGES)
    for name in CODERS:
        coder = make_person(Role.CODER, name=name)
        services.assign_coder(by=coder, coder=coder, review=report.review, framework=core, now=NOON)
    _suggest_on_the_last_page(report, core)
    keys = {"prac.recording": "r"}
    services.choose_keys(by=coder, framework=core, keys=keys)
    return report.key


def _suggest_on_the_last_page(report, core) -> None:
    """Two suggestions where the other tests do not look."""
    rows = Passage.objects.filter(report=report, page=PAGES).exclude(kind="heading")[:2]
    text = ReportAnchors(report).text
    spans = [Span(row.start, row.end) for row in rows]
    services.store_suggestions(
        by=None,
        report=report,
        framework=core,
        suggestions=[
            SuggestedCode(span, span.of(text), "prac.recording", "file", 0.8) for span in spans
        ],
        machine=MachineCoder.objects.create(name="linear 1", kind="linear", asked_at=NOON),
        now=NOON,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory, django_db_blocker):
    """The data folder of a small site, and the key of its report."""
    data = new_installation(tmp_path_factory.mktemp("workbench"))
    return data, Child(django_db_blocker, data, build_world).result(seconds=120)


@pytest.fixture(scope="module")
def site(built):
    with serving(built[0]) as (_, port):
        passwords = dict.fromkeys(CODERS, "correct horse battery")
        yield Site(f"http://127.0.0.1:{port}", passwords, built[0])


@pytest.fixture
def stored(built, django_db_blocker):
    """Reads the current codings of a coder from the database of the site: words and code."""

    def of(name: str) -> list[list[str]]:
        rows = Coding.objects.filter(coder__username=name, superseded_at=None)
        work = lambda: list(rows.order_by("start", "pk").values_list("exact", "code__code"))  # noqa: E731
        return Child(django_db_blocker, built[0], work).result(seconds=60)

    return of


@pytest.fixture
def desk(window, site, built):
    """Opens the workbench as a coder: desk(name, **options of window)."""

    def opened(name: str, **options: object) -> Window:
        here = window(**options)
        begin(here, site, built[1], name)
        return here

    return opened


def begin(here: Window, site: Site, key: str, name: str) -> None:
    sign_in(here, site, name)
    here.page.goto(f"/staff/coding/cr-core/1.0.0/{key}/")
    if name == "veiled":
        here.page.get_by_label("Hide every passage until I show it").check()
    here.page.get_by_role("button", name="Open the report").click()
    expect(here.page.locator("#part-1")).to_be_visible()
    # The text is there before the script that listens to keys and the mouse.
    here.page.wait_for_load_state()


def codings(page, number: int) -> None:
    expect(page.locator("#coding-count")).to_have_text(str(number))
    expect(page.locator("#saved")).to_have_text("Everything is saved")


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def scroll_at_rest(page) -> float:
    """How far the page is scrolled, once it has not moved for a fifth of a second."""
    return page.evaluate(
        """() => new Promise((found) => {
            let before = null;
            const look = () => {
                if (window.scrollY === before) return found(before);
                before = window.scrollY;
                setTimeout(look, 200);
            };
            look();
        })"""
    )


def box_of(locator) -> dict[str, int]:
    return {side: round(value) for side, value in (locator.bounding_box() or {}).items()}


def settled(page) -> None:
    """Wait until no page is on its way and the text no longer moves."""
    before = None
    while before != (before := page.evaluate("`${loadings.size} ${scrollY} ${[...inView]}`")):
        page.wait_for_timeout(400)


def expect_marked(page, place) -> None:
    """What is chosen is marked at a place, as soon as it is drawn."""
    mark, end = page.locator("#boxes-chosen div"), time.monotonic() + 10
    while box_of(mark) != box_of(place) and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert box_of(mark) == box_of(place)


def place_of(page, words: str) -> list[float]:
    """Where to press and to release the mouse for the first place of some words."""
    return page.evaluate(
        """words => {
          const holder = holders().find(one => one.textContent.includes(words));
          holder.scrollIntoView({ block: "center" });
          const start = Number(holder.dataset.s) + holder.textContent.indexOf(words);
          const rects = rangesOf(start + 1, start + words.length - 1)
            .flatMap(range => [...range.getClientRects()]);
          const last = rects[rects.length - 1];
          return [rects[0].left, rects[0].top + 8, last.right, last.top + 8];
        }""",
        words,
    )


def drag(page, words: str) -> None:
    """Drag the mouse over the first place of words, from within the first to within the last."""
    expect(page.locator("#saved")).to_have_text("Everything is saved")
    # What was saved is drawn anew and pages come into view: both move the words for a moment.
    box, alike = place_of(page, words), 0
    while alike < 8:
        page.wait_for_timeout(50)
        before, box = box, place_of(page, words)
        alike = alike + 1 if box == before else 0
    page.mouse.move(box[0], box[1])
    page.mouse.down()
    page.mouse.move(box[2], box[3], steps=4)
    page.mouse.up()
    expect(page.locator("#chosen-words")).to_have_text(words)


def test_words_are_chosen_and_coded_by_the_mouse(desk, stored):
    here = desk("mouse")
    page = here.page
    drag(page, "health visitor called")
    page.get_by_text("All codes").click()
    page.get_by_role("button", name="Recording and record keeping", exact=True).first.click()
    codings(page, 1)
    # Two codes on words that overlap, then the boundaries and the memo of the second.
    drag(page, "visitor called in March")
    page.get_by_label("Search codes").fill("assess")
    page.get_by_role("option").first.click()
    codings(page, 2)
    page.locator(".stripe a", has_text="Assessment").first.click()
    page.get_by_label("Memo", exact=True).fill("Who called?")
    page.get_by_label("Valence").select_option("concern")
    drag(page, "called in March")
    page.get_by_role("button", name="Give it the chosen words").click()
    codings(page, 2)
    expect(page.locator("mark.code-2")).to_have_text("called")
    assert stored("mouse") == [
        ["health visitor called", "prac.recording"],
        ["called in March", "prac.assessment"],
    ]
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("mark.code-2")).to_have_text("visitor called")
    assert here.complaints == []


def test_a_report_is_coded_by_the_keyboard_alone_and_undone_after_a_reload(desk, stored):
    here = desk("keys")
    page = here.page
    expect(page.locator("#text")).to_be_focused()
    press(page, "ArrowDown", "ArrowDown")  # the second sentence
    expect(page.locator("#spoken")).to_contain_text("Two services worked")
    press(page, "r", "e", "Enter")
    codings(page, 1)
    press(page, "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowLeft")
    press(page, ".")
    codings(page, 2)
    press(page, "ArrowDown", "2")
    expect(page.locator("#spoken")).to_have_text("No code has the number 2.")
    press(page, "/")
    page.keyboard.type("thr")
    press(page, "Enter")
    codings(page, 3)
    first, second, third = stored("keys")
    assert first[0] == "Two services worked with the mother and neither knew of the other."
    assert (second[0], second[1]) == ("The nurse", first[1])
    assert third == ["The nurse wrote down what the child had said.", "prac.threshold"]
    # The boundaries of the last coding, its memo, and the page.
    press(page, "+", "-", "+", "+")
    expect(page.locator("#coding-title")).to_have_text("Thresholds for intervention")
    press(page, "Shift+ArrowLeft", "=")
    expect(page.locator("#undo-what")).to_have_text(": boundaries of Thresholds for intervention")
    press(page, "F2")
    page.keyboard.type("Perhaps.")
    press(page, "Escape", "Control+Enter")
    expect(page.locator("#read-count")).to_have_text("1")
    expect(page.locator("#page")).to_have_value("2")
    page.reload()
    expect(page.locator("#text")).to_be_focused()
    press(page, *["Control+z"] * 3)
    expect(page.locator("#undo-what")).to_have_text(": code Thresholds for intervention")
    press(page, *["Control+z"] * 3)
    codings(page, 0)
    press(page, *["Control+y"] * 2)
    codings(page, 2)
    assert stored("keys") == [first, second]
    assert here.complaints == []


def test_a_new_coder_finds_codes_and_goes_on_by_the_keyboard_alone(desk, stored):
    here = desk("new")
    page = here.page
    press(page, "Control+f")
    page.keyboard.type("7.3 ")  # no page but the first is in the document
    press(page, "Enter")
    expect(page.locator("#found")).to_have_text("1 of 1")
    expect(page.locator("#chosen-words")).to_have_text("7.3")
    expect(page.locator("#text")).to_be_focused()
    press(page, "ArrowDown", "t", "h", "r", "Enter")
    codings(page, 1)
    expect(page.locator("#coding-noun")).to_have_text("coding")
    # The memo and the qualifiers of what was just coded, without a search for it.
    press(page, "F2")
    page.keyboard.type("Why?")
    press(page, "Escape", "F4")
    expect(page.locator("#q-subject")).to_be_focused()
    press(page, "ArrowDown", "Escape")
    expect(page.locator("#undo-what")).to_have_text(": qualifiers of Thresholds for intervention")
    # Page keys pressed fast are all counted; the number of a page leads there.
    press(page, "Control+g")
    page.keyboard.type("1")
    press(page, "Enter")
    expect(page.locator("#chosen-words")).to_have_text("1.1")
    press(page, *["PageDown"] * 4)
    expect(page.locator("#chosen-words")).to_have_text("5.1")
    expect(page.locator("#part-5")).to_be_in_viewport()
    press(page, "End")
    expect(page.locator("#chosen-words")).to_have_text(re.compile("[.]$"))
    # What is undone far away comes into view.
    press(page, "Control+Home")
    expect(page.locator("#chosen-words")).to_have_text("1.1")
    press(page, "Control+z")
    expect(page.locator("#part-7")).to_be_in_viewport()
    press(page, "Control+End")
    expect(page.locator("#part-12")).to_be_in_viewport()
    press(page, "Control+Enter")
    expect(page.locator("#after-text a")).to_be_focused()
    assert stored("new")[0][1] == "prac.threshold"
    assert here.complaints == []


def test_what_a_key_did_or_why_it_did_nothing_is_seen_and_leads_to_its_words(desk, stored):
    here = desk("told")
    page, notice, chosen = (
        here.page,
        here.page.locator("#notice"),
        here.page.locator("#chosen-words"),
    )
    expect(page.locator("#no-words")).to_contain_text("? shows all keys")
    press(page, "?")
    expect(page.locator("#keys-here > summary")).to_be_focused()
    press(page, "Escape")
    expect(page.locator("#text")).to_be_focused()
    for key, why in (
        ("8", "No code has the number 8."),
        ("Delete", "The chosen words have no coding"),
    ):
        press(page, "ArrowDown", key)
        expect(notice).to_contain_text(why)
        expect(page.locator("#spoken")).to_contain_text(why)
    press(page, "ArrowDown")
    expect(notice).to_be_hidden()
    # Without a code to read aloud at each letter: the choice in the list describes itself.
    assert page.locator("#meaning[aria-live]").count() == 0
    press(page, "r", "e", "Enter")
    codings(page, 1)
    expect(notice).to_have_text(re.compile("^Coded: "))
    press(page, ".")
    expect(notice).to_have_text("These words have this code already.")
    expect(page.locator("#saved")).to_have_text("Everything is saved")
    # The only coding of the chosen words needs not be opened first.
    words = chosen.inner_text()
    press(page, "Shift+ArrowLeft", "=")
    expect(page.locator("#undo-what")).to_contain_text("boundaries of")
    press(page, "Escape", "Control+End")
    expect(chosen).to_have_text(re.compile("[.]$"))
    expect(page).to_have_title(re.compile("page 12 "))
    # No key in the field of the bar scrolls the text.
    at = scroll_at_rest(page)
    press(page, "Control+f", "x", "y", "Escape")
    assert scroll_at_rest(page) == at
    press(page, "1")
    codings(page, 2)
    press(page, "-")
    expect(chosen).to_have_text(words.rpartition(" ")[0])
    expect(page.locator(".stripe a[aria-current]")).to_have_count(1)
    press(page, "+", "+")
    expect(notice).to_have_text("There is no further coding in the report.")
    press(page, "Control+Home")
    expect(chosen).to_have_text("1.1")
    press(page, "Control+z", "Control+z")
    codings(page, 1)
    expect(notice).to_have_text(re.compile("^Undone: boundaries of "))
    # From its last sentence to the next passage without a coding, and back over the coded one.
    press(page, "Control+Home")
    expect(chosen).to_have_text("1.1")
    press(page, "Control+ArrowDown", ".", ";")
    codings(page, 2)
    expect(chosen).to_have_text(re.compile("^1.2 "))
    press(page, ";", ":", ":")
    expect(notice).to_have_text("Every earlier passage has a coding.")
    assert [code for _, code in stored("told")] == [stored("told")[0][1]] * 2
    # Tab leads from the text to the codes, not through a link at each passage.
    expect(page.locator("#text a.pick:not([tabindex='-1'])")).to_have_count(0)
    assert here.complaints == []


def test_a_page_that_cannot_be_fetched_says_so_and_a_link_leads_to_the_sign_in(desk):
    page = desk("away").page
    notice, chosen = page.locator("#notice"), page.locator("#chosen-words")
    press(page, "ArrowDown", "r", "e", "Enter")
    codings(page, 1)
    page.context.set_offline(True)
    press(page, "Control+g")
    page.keyboard.type("9")
    press(page, "Enter")
    expect(notice).to_have_text("Page 9 cannot be fetched now.")
    expect(page.locator("#part-9 .missing")).to_be_in_viewport()
    expect(chosen).to_be_hidden()
    page.context.set_offline(False)
    expect(page.locator("#part-9")).to_contain_text("9.1")
    # Nothing is lost while signed out. On a narrow screen, too, it is seen from every page.
    page.set_viewport_size({"width": 320, "height": 640})
    settled(page)
    page.get_by_label("Page", exact=True).fill("10")
    press(page, "Enter")
    expect(chosen).to_have_text("10.1")
    settled(page)
    assert page.evaluate("currentPart") == 10
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    press(page, "End", "1")
    expect(page.get_by_role("link", name="Sign in in another window")).to_be_in_viewport()
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "sessionid"])
    codings(page, 2)
    expect(page.locator("#sign-in-again")).to_be_hidden()
    # The reminder of a break is seen and read aloud there, too; its button leads back to the text.
    page.evaluate("""() => {
      sessionStorage.setItem("waymark-coding-began", Date.now() - 46 * 60000);
      checkBreak();
    }""")
    expect(page.locator("#break")).to_be_in_viewport()
    expect(page.locator("#spoken")).to_contain_text("You have been coding for 46 minutes.")
    page.get_by_role("button", name="Remind me in 45 minutes").press("Enter")
    expect(page.locator("#break")).to_have_count(0)
    expect(page.locator("#text")).to_be_focused()


def test_a_hidden_passage_is_one_step_and_its_words_are_nowhere_on_the_page(desk, stored):
    here = desk("veiled")
    page = here.page
    chosen = page.locator("#chosen-words")
    press(page, "ArrowDown")
    expect(chosen).to_have_text("[Hidden passage]")
    expect(page.locator("#spoken")).to_have_text("Hidden passage. Control and full stop show it.")
    # What is chosen is marked where it is hidden, not on words of another passage.
    hidden, second = page.locator("details.veil > summary").nth(0), page.locator(".veil").nth(1)
    expect_marked(page, hidden)
    press(page, "ArrowRight")
    expect_marked(page, second.locator("summary"))
    press(page, "Control+.")
    expect(chosen).to_have_text(re.compile("^1.2 .*[.]$"))
    press(page, "ArrowRight", "ArrowLeft", "ArrowUp")
    expect(chosen).to_have_text("The health visitor called in March and found nobody at home.")
    press(page, "Control+.")
    expect(chosen).to_have_text("[Hidden passage]")
    # A coding opens without the words; each place of found words is one step.
    press(page, "ArrowDown", "r", "e", "Enter")
    codings(page, 1)
    press(page, "F2")
    expect(page.locator("#coding blockquote")).to_have_text("[Hidden passage]")
    press(page, "Escape", "Control+f")
    page.keyboard.type("the child")
    press(page, "Enter")
    expect(page.locator("#found")).to_have_text(re.compile("^[1-9]"))
    first = page.locator("#found").inner_text()
    press(page, "F3")
    expect(page.locator("#found")).not_to_have_text(first)
    press(page, "F3", "Shift+F3", "Shift+F3")
    expect(page.locator("#found")).to_have_text(first)
    expect(chosen).to_have_text("[Hidden passage]")
    assert stored("veiled")[0][0].startswith("1.3 ")
    assert here.complaints == []


def test_only_pages_in_view_are_in_the_document_and_steps_lead_over_their_edges(desk):
    here = desk("keys")
    page = here.page
    page.locator("#page").fill("7")
    press(page, "Enter")
    expect(page.locator("#chosen-words")).to_have_text("7.1")
    expect(page.locator("#part-7")).to_be_in_viewport()
    expect(page.locator("#part-1[data-start]")).to_have_count(0)
    assert page.locator(".bench-part[data-start]").count() < 8
    press(page, *["Control+ArrowDown"] * 8)
    expect(page.locator("#chosen-words")).to_have_text(re.compile("^7.8 "))
    press(page, "Control+ArrowDown")
    expect(page.locator("#chosen-words")).to_have_text(re.compile("^8.1 "))
    press(page, ",", "Shift+ArrowUp")  # the other end, over the edge of the page
    expect(page.locator("#chosen-words")).to_have_text(re.compile(r"^[A-Z][\w ,]+\. 8.1 "))
    assert here.complaints == []


def test_every_code_is_applied_by_three_keys_at_most(desk):
    """Two letters and Enter, or the number of the code in the list."""
    here = desk("keys")
    page = here.page
    names = page.eval_on_selector_all(
        ".code-choice", "rows => rows.map(row => codes.get(row.dataset.code).name)"
    )
    assert len(names) == 82
    search = page.get_by_label("Search codes")
    found: set[str] = set()
    queries = dict.fromkeys(
        word[:2].lower() for name in names for word in re.findall(r"[A-Za-z]{2,}", name)
    )
    for query in queries:
        search.fill(query)
        found |= set(
            page.locator("#code-list [role=option] > span:nth-child(2)").all_inner_texts()[:9]
        )
    assert set(names) - found == set()


def test_words_are_chosen_and_coded_by_touch_on_a_phone(chromium, site, built, stored):
    context = chromium.new_context(
        base_url=site.address, viewport={"width": 390, "height": 780}, has_touch=True
    )
    try:
        here = Window(context.new_page(), [])
        page = here.page
        begin(here, site, built[1], "touch")
        page.locator("#part-1 a.pick").first.tap()
        more = page.get_by_role("button", name="Fewer words")
        more.tap()
        page.get_by_role("button", name="Code these words").tap()
        page.get_by_label("Search codes").fill("rec")
        page.get_by_role("option", name="Recording and record keeping").tap()
        codings(page, 1)
        expect(page.locator("#panel")).not_to_have_class(re.compile("open"))
        ((words, code),) = stored("touch")
        assert (words[:14], code) == ("1.1 The school", "prac.recording")
        page.get_by_role("button", name="Undo").tap()
        codings(page, 0)
    finally:
        context.close()


def test_a_passage_is_coded_changed_and_undone_without_javascript(desk, stored):
    here = desk("plain", script=False)
    page = here.page
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#part-2")).to_be_visible()
    page.locator("#part-2 a.pick").nth(1).click()
    page.get_by_label("From", exact=True).select_option(index=1)
    page.get_by_label("To", exact=True).select_option(index=3)
    page.get_by_text("Recording and record keeping", exact=True).first.click()
    page.get_by_role("button", name="Apply code").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved: code added")
    page.get_by_label("Memo", exact=True).fill("By form.")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_label("Memo", exact=True)).to_have_value("By form.")
    ((words, code),) = stored("plain")
    assert (len(words.split()), code) == (3, "prac.recording")
    page.get_by_role("button", name="Remove coding").click()
    expect(page.locator("mark.code")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("mark.code")).to_have_count(1)
    page.get_by_role("button", name="Mark page as read").click()
    expect(page.get_by_text("1 of 12 read")).to_be_visible()
    assert here.complaints == []


def test_a_suggestion_is_accepted_where_it_is_and_undone(desk, stored):
    page = desk("machine").page
    page.goto(f"{page.url.partition('?')[0]}?page={PAGES}")
    suggestions = page.locator(f"#part-{PAGES} .suggestions")
    suggestions.locator("summary").click()
    suggestions.get_by_role("button", name="Accept").first.click()
    codings(page, 1)
    expect(page.locator(".suggestion-form")).to_have_count(1)
    # The list stays open, and the keyboard goes on with the next suggestion.
    expect(suggestions).to_have_attribute("open", "")
    expect(suggestions.get_by_role("button", name="Accept")).to_be_focused()
    assert [code for _, code in stored("machine")] == ["prac.recording"]
    page.locator("#undo").click()
    codings(page, 0)
    expect(page.locator(".suggestion-form")).to_have_count(2)


def test_what_is_done_without_connection_is_kept_and_sent_once(desk, stored):
    here = desk("offline")
    page, context = here.page, here.page.context
    context.set_offline(True)
    press(page, "ArrowDown", "r", "e", "Enter", "ArrowDown", ".")
    expect(page.locator("#saved")).to_contain_text("2 changes are kept in this browser")
    assert stored("offline") == []
    context.set_offline(False)
    codings(page, 2)
    # An answer that is lost: the server has acted, and the browser asks again.
    lost: list[str] = []

    def lose(route):
        if not lost:
            lost.append(route.request.post_data)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/act/", lose)
    press(page, "ArrowDown", ".")
    expect(page.locator("#saved")).to_contain_text("1 change is kept in this browser")
    codings(page, 3)
    assert len(stored("offline")) == 3
    # What a page could not send is sent by the next one.
    page.unroute("**/act/")
    page.route("**/act/", lambda route: route.abort())
    press(page, "ArrowDown", ".")
    expect(page.locator("#saved")).to_contain_text("1 change is kept in this browser")
    page.unroute("**/act/")
    page.reload()
    codings(page, 4)
    assert len(stored("offline")) == 4


def test_axe_finds_nothing_to_complain_of_and_nothing_scrolls_sideways(desk, axe, built):
    here = desk("looks", without_csp=True)
    page = here.page
    press(page, "ArrowDown", "r")
    codings(page, 1)
    wrong = []
    coding = page.locator(".stripe a").first.get_attribute("href")
    suggested = f"/staff/coding/cr-core/1.0.0/{built[1]}/?page={PAGES}"
    for where in ("/staff/coding/", "/staff/coding/cr-core/1.0.0/keys/", coding, suggested):
        page.set_viewport_size({"width": 1500, "height": 860})
        page.emulate_media(color_scheme="light")
        page.goto(where)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        page.evaluate(axe)
        wrong += complaints(page, where, {"type": "tag", "values": STANDARDS})
        page.emulate_media(color_scheme="dark")
        wrong += complaints(page, f"{where} (dark)", {"type": "rule", "values": OF_COLOUR})
        page.set_viewport_size({"width": 320, "height": 700})
        width = page.evaluate("document.documentElement.scrollWidth")
        wrong += [f"{where} is {width} wide"] if width > 320 else []
    assert wrong == []
