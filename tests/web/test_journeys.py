"""Whole ways through the site in a real browser, as people go them: with JavaScript and without.

The site is a real one (see the fixture `site`): the demo collection, served by `waymark serve`.
"""

import re

import pytest
import typst
from playwright.sync_api import expect

from tests.web.axe import RUN_AXE
from tests.web.test_browser import STANDARDS, both_ways, sign_in, wide_and_narrow

pytestmark = pytest.mark.browser

PAGE = """
#set document(title: "Review of a fictional family, {number}")
#set page(numbering: "1")
#text(size: 20pt)[Review of a fictional family, {number}]

= Findings
1.1 The visits of number {number} stopped in May. Nobody asked why.

#pagebreak()
= Learning
2.1 A second page says that records were kept apart by each service, {number} of them.
"""


def small_pdf(number):
    """A real PDF of two pages; another number makes another file."""
    return typst.compile(PAGE.replace("{number}", number).encode())


def choose(page, *files):
    page.get_by_label("Files", exact=True).set_input_files(
        [{"name": name, "mimeType": "", "buffer": content} for name, content in files]
    )


def faults(page, axe):
    """What axe-core says is wrong with the page as it stands, in light and in dark."""
    wrong = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(axe)
        found = page.evaluate(RUN_AXE, {"type": "tag", "values": STANDARDS})
        wrong += [
            f"{scheme}: {one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]
        ]
    return wrong


def the_image_of_the_page(page):
    """Waits for the page image; returns the places of the sheet and of its first mark."""
    expect(page.locator("img.sheet-image")).to_be_attached()
    return (
        page.locator("svg.sheet").bounding_box(),
        page.locator("svg.sheet rect.hl").first.bounding_box(),
    )


@both_ways
def test_from_the_number_6_to_six_reviews_and_to_the_words_on_the_page(window, script):
    here = window(script=script)
    page = here.page
    page.goto("/overviews/demo/")
    page.get_by_role("link", name="Table 3").first.click()
    table = page.locator("#T3")
    row = table.get_by_role("row").filter(has_text="Sudden unexpected infant death")
    number = row.get_by_role("link").first
    expect(number).to_have_text("6")
    number.click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile("^The 6 reviews counted: "))
    expect(page.get_by_role("heading", level=2).first).to_have_text("6 reviews")
    reviews = page.locator("ol.behind > li")
    expect(reviews).to_have_count(6)
    for review in reviews.all():
        expect(review.locator("blockquote").first).to_be_visible()
    quote = reviews.first.locator("blockquote p").first.inner_text()
    with page.expect_response(re.compile(r"/image-\d+\.webp$")) as image:
        reviews.first.get_by_role("link", name=re.compile("^view on the page")).first.click()
    assert image.value.body()[:4] == b"RIFF"
    sheet, mark = the_image_of_the_page(page)
    assert sheet["x"] <= mark["x"] <= mark["x"] + mark["width"] <= sheet["x"] + sheet["width"]
    assert sheet["y"] <= mark["y"] <= mark["y"] + mark["height"] <= sheet["y"] + sheet["height"]
    marked = " ".join(" ".join(page.locator(".read mark").all_inner_texts()).split())
    assert marked == " ".join(quote.split())
    assert here.complaints == []


@both_ways
def test_from_a_quotation_to_its_lasting_address_and_back_to_the_number(window, script):
    page = window(script=script).page
    page.goto("/overviews/demo/T10/")
    page.locator("#T10 td a").first.click()
    behind = page.url
    quote = page.locator("blockquote p").first.inner_text()
    page.get_by_role("link", name=re.compile("^cite")).first.click()
    expect(page.get_by_role("heading", name=re.compile("^Passage from"))).to_be_visible()
    assert " ".join(page.locator("#quote").inner_text().split()) == " ".join(quote.split())
    page.go_back()
    assert page.url == behind


@both_ways
def test_from_signing_in_to_an_upload_that_is_read(window, site, script):
    here = window(script=script)
    sign_in(here, site, "cataloguer")
    page = here.page
    page.get_by_role("link", name="My work", exact=True).click()
    page.get_by_role("navigation").get_by_role("link", name="Add reports").click()
    mode = "with" if script else "without"
    choose(
        page,
        (f"small-{mode}.pdf", small_pdf(mode)),
        ("wrong.pdf", b"This is not what it says."),
        ("broken.pdf", b"%PDF-1.7\n1 0 obj\n<< /Length 10"),
    )
    page.get_by_role("button", name="Add reports").click()
    expect(page.get_by_role("heading", name="Upload results")).to_be_visible()
    # Without JavaScript the browser loads the page again; with it, only the list is renewed.
    expect(page.get_by_role("status")).to_contain_text("All read: ", timeout=60_000)
    row = page.get_by_role("row").filter(has_text=f"small-{mode}.pdf")
    expect(row).to_contain_text("Stored")
    expect(row).to_contain_text("2 pages")
    refused = page.get_by_role("row").filter(has_text="broken.pdf")
    expect(refused).to_contain_text("Refused")
    row.get_by_role("link", name="Read it").click()
    expect(page.get_by_role("heading", name=re.compile("^Overview report"))).to_be_visible()
    text = page.get_by_role("article", name="Text of the report")
    expect(text).to_contain_text(f"The visits of number {mode} stopped in May.")
    expect(text).to_contain_text("A second page says")
    expect(page.locator("img.sheet-image")).to_be_attached()
    assert here.complaints == []


@both_ways
def test_from_an_upload_to_the_public_library_and_out_of_it_again(window, site, script):
    mode = "published with" if script else "published without"
    staff = window(script=script)
    sign_in(staff, site, "editor")
    page = staff.page
    page.goto("/staff/upload/")
    choose(page, (f"{mode}.pdf", small_pdf(mode)))
    page.get_by_role("button", name="Add reports").click()
    expect(page.get_by_role("status")).to_contain_text("All read: 1 stored", timeout=60_000)
    reader = page.get_by_role("link", name="Read it").get_attribute("href")
    visitor = window(script=script).page
    assert visitor.goto(reader).status == 404
    page.get_by_role("link", name="change state").click()
    page.get_by_role("button", name=re.compile("^Publish")).click()
    expect(page.get_by_role("main")).to_contain_text("is now published.")
    page.get_by_role("link", name="Visibility", exact=True).click()
    visibility = page.url
    page.get_by_role("link", name=re.compile("^Publish ")).click()
    page.get_by_label("Publish it without: none of this is known").check()
    page.get_by_role("button", name=re.compile("^Publish")).click()
    assert visitor.goto(reader).status == 200
    expect(visitor.locator("main")).to_contain_text(f"The visits of number {mode}")
    # The reading worker brings the index up to date within moments.
    find = f"/find/?q=%22visits+of+number+{mode.replace(' ', '+')}%22"
    for _ in range(60):
        visitor.goto(find)
        if visitor.get_by_role("link", name=re.compile("^view on the page")).count():
            break
        visitor.wait_for_timeout(250)
    expect(visitor.locator("main")).to_contain_text("visits of number")
    page.goto(visibility)
    page.get_by_role("link", name=re.compile("^Withdraw")).click()
    page.get_by_label("Reason, for everyone to read").fill("Sent by mistake.")
    page.get_by_role("button", name=re.compile("^Withdraw")).click()
    # At once, whatever the index still holds.
    assert visitor.goto(reader).status == 410
    expect(visitor.locator("main")).to_contain_text("Sent by mistake.")
    visitor.goto(find)
    expect(visitor.locator("mark")).to_have_count(0)
    assert staff.complaints == []


@both_ways
@wide_and_narrow
def test_a_wrong_email_address_in_a_deposit_loses_nothing(window, script, width):
    here = window(script=script, width=width)
    page = here.page
    page.goto("/deposit/")
    page.get_by_label("Board or partnership").fill("Zennorshire Board")
    page.get_by_label("Contact name").fill("A. Person")
    page.get_by_label("Email address").fill("board at example")
    page.get_by_label("Title of the report").fill("Child Fern")
    named = f"deposited {width} {'with' if script else 'without'} script"
    choose(page, (f"{named}.pdf", small_pdf(named)))
    page.get_by_label(re.compile("^We hold the copyright")).check()
    page.get_by_role("button", name="Send deposit").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter an email address")
    email = page.get_by_label("Email address")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Title of the report")).to_have_value("Child Fern")
    expect(page.get_by_label(re.compile(f"^{named}.pdf"))).to_be_checked()
    email.fill("board@zennorshire.example")
    page.get_by_role("button", name="Send deposit").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"D20\d\d-\w{6}"))
    assert [line for line in here.complaints if "400" not in line] == []


@pytest.mark.parametrize(("script", "width"), [(True, 1280), (False, 390)])
def test_ask_be_shown_whom_to_call_get_an_answer_and_reopen(window, site, script, width):
    asker, desk = window(script=script, width=width), window(script=script, width=width)
    page, question = asker.page, f"Which reviews are about missed visits? Number {width}."
    page.goto("/topics/")
    page.get_by_role("link", name="Ask us").click()
    expect(page.get_by_role("main")).to_contain_text("you asked from this page: /topics/")
    page.get_by_label("A question", exact=True).check()
    page.get_by_label("Your question").fill(f"{question} My pupil went missing on Monday.")
    page.get_by_role("button", name="Send question").click()
    # Without an address nothing is sent, and nothing is lost.
    expect(page.get_by_role("alert")).to_contain_text("Enter an email address or a telephone")
    page.get_by_label("Telephone number").fill("01234 567 890")
    page.get_by_label("Your question").press("End")
    page.wait_for_timeout(2_100)  # as long as a form takes at least
    page.get_by_role("button", name="Send question").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is a child at risk now?")
    expect(page.get_by_role("main").get_by_role("link", name="999")).to_be_visible()
    page.get_by_role("button", name="Change message").click()
    expect(page.get_by_label("Telephone number")).to_have_value("01234 567 890")
    page.get_by_label("Your question").fill(question)
    page.get_by_role("button", name="Send question").click()
    expect(page.get_by_role("main")).to_contain_text("We have your message.")
    thread = page.url
    sign_in(desk, site, "editor")
    staff = desk.page
    staff.goto("/staff/enquiries/")
    staff.get_by_role("link", name=question).click()
    staff.get_by_label("Answer", exact=True).fill("These are closest.")
    staff.get_by_role("button", name=re.compile("^Cite passage")).first.click()
    expect(staff.get_by_label("Answer", exact=True)).to_have_value(
        re.compile(r"^These are closest. \[passage \S+\]$")
    )
    staff.get_by_role("button", name="Preview answer").click()
    expect(staff.get_by_role("region", name="Preview")).to_contain_text("These are closest. [1]")
    staff.get_by_role("button", name="Send answer").click()
    expect(staff.get_by_role("main")).to_contain_text("answer sent")
    page.goto(thread)
    expect(page.get_by_role("article").last).to_contain_text("These are closest. [1]")
    page.get_by_role("article").last.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/p/"))
    page.goto(thread)
    page.get_by_label("Add a message").fill("And in other nations?")
    page.wait_for_timeout(2_100)
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("main")).to_contain_text("We have your message.")
    staff.reload()
    expect(staff.get_by_role("main")).to_contain_text("And in other nations?")
    staff.get_by_role("button", name="Close without an answer").click()
    expect(staff.get_by_role("main")).to_contain_text("Closed without an answer")
    assert [line for line in asker.complaints if "400" not in line] == []
    assert desk.complaints == []


EVIDENCE = (
    "/overviews/demo/T1/identified/n/",
    "/overviews/demo/T3/infant_death/n/",
    "/overviews/demo/T4/sex.all/n/",
    "/overviews/demo/T8/fac.neglect/upper/",
    "/overviews/demo/T10/",
    "/overviews/demo/T14/",
)


def test_the_pages_behind_the_numbers_bar_nobody(window, axe):
    page = window(without_csp=True, width=320).page
    wrong = []
    for address in EVIDENCE:
        page.goto(address)
        wrong += [f"{address} {one}" for one in faults(page, axe)]
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wrong.append(f"{address} scrolls sideways")
    assert wrong == []


def test_the_pages_of_an_upload_bar_nobody(window, site, axe):
    here = window(without_csp=True, width=320)
    sign_in(here, site, "editor")
    page = here.page
    wrong = []
    page.goto("/staff/upload/")
    choose(page, ("barrier-free.pdf", small_pdf("three")), ("empty.pdf", b""))
    page.get_by_role("button", name="Add reports").click()
    wrong += [f"while it is read: {one}" for one in faults(page, axe)]
    expect(page.get_by_role("status")).to_contain_text("All read: 1 stored", timeout=60_000)
    batch = page.url
    page.get_by_role("link", name="change state").click()
    for address in (
        batch,
        page.url,
        "/staff/upload/",
        "/staff/?state=received",
        "/staff/overviews/demo/withdraw/",
    ):
        page.goto(address)
        wrong += [f"{address} {one}" for one in faults(page, axe)]
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wrong.append(f"{address} scrolls sideways")
    assert wrong == []


def test_the_numbers_of_the_page_the_csv_and_the_json_are_the_same(window):
    page = window().page
    page.goto("/overviews/demo/T3/")
    shown = [
        [cell.inner_text() for cell in row.get_by_role("cell").all()]
        for row in page.locator("#T3 tbody tr, #T3 tfoot tr").all()
    ]
    asked = page.request
    said = asked.get("/overviews/demo/T3.json").json()
    assert [[str(cell["value"]) for cell in row["cells"]] for row in said["rows"]] == shown
    lines = asked.get("/overviews/demo/T3.csv").body().decode("utf-8-sig").splitlines()
    assert [line.split(",")[-2:] for line in lines[1:]] == shown
    pdf = asked.get("/overviews/demo.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["x-content-type-options"] == "nosniff"
    assert pdf.body().startswith(b"%PDF-")
