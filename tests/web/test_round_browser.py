"""A whole round in the browser: a lead draws it, two coders answer blind, and see the decision."""

from tests.web.conftest import Site, Window

REVIEW = "R01"
FRAMEWORK = "cr-core 1.0.0"
PROFILE = f"/staff/coding/profiles/{REVIEW}/cr-core/1.0.0/"


def _sign_in(window: Window, site: Site, name: str) -> None:
    window.page.goto("/sign-in/")
    window.page.get_by_label("Account name").fill(name)
    window.page.get_by_label("Password").fill(site.passwords[name])
    window.page.get_by_role("button", name="Sign in").click()


def _answer(window: Window, value: str, words: str) -> None:
    page = window.page
    page.goto(PROFILE)
    question = page.locator("#q-nature")
    question.locator("select").select_option(value)
    question.locator("textarea[name=passages]").fill(words)
    question.get_by_role("button", name="Save answer").click()
    page.get_by_text("Answer saved.").wait_for()
    page.get_by_text("1 of 1 answered").wait_for()
    page.get_by_role("button", name=f"Finish coding {REVIEW}").click()
    page.get_by_text(f"{REVIEW} is finished.").wait_for()


def test_two_coders_and_an_adjudicator_do_a_round_from_the_draw_to_the_reason(site, window):
    lead, first, second = window(), window(), window(script=False)
    _sign_in(lead, site, "analyst")
    page = lead.page
    page.goto("/staff/coding/rounds/add/")
    page.get_by_label("Name", exact=True).fill("Browser round")
    page.get_by_label("Framework").select_option(FRAMEWORK)
    page.get_by_label("Reviews", exact=True).fill(REVIEW)
    page.get_by_label("Variables to judge").fill("nature")
    for coder in ("coder.a", "coder.b"):
        page.get_by_label(coder, exact=True).check()
    page.get_by_label("Share coded by two people, in per cent").fill("100")
    page.get_by_role("button", name="Preview the draw").click()
    page.get_by_text("1 review, 1 of them coded by two people").wait_for()
    page.get_by_role("button", name="Start round").click()
    page.get_by_text("Being coded").wait_for()

    _sign_in(first, site, "coder.a")
    quote = _words_of_the_report(first)
    _answer(first, "assault", quote)
    page.goto(f"/staff/coding/disagreements/{REVIEW}/cr-core/1.0.0/")
    page.get_by_text(f"{REVIEW} is still being coded").wait_for()

    # Without JavaScript the second coder does the same, and sees nothing of the first.
    _sign_in(second, site, "coder.b")
    second.page.goto(PROFILE)
    assert "0 of 1 answered" in second.page.content()
    _answer(second, "other", quote)

    page.goto("/staff/coding/disagreements/")
    page.get_by_role("link", name=REVIEW).click()
    page.get_by_text("1 of 1, 1 to decide").wait_for()
    assert not {"coder.a", "coder.b"} & set(page.locator("main").inner_text().split())
    page.get_by_role("radio", name="Other (no death)").check()
    page.get_by_label("Reason", exact=True).select_option("The words are explicit")
    page.get_by_role("button", name="Save decision").click()
    page.get_by_role("button", name="Settle review").click()
    page.get_by_text(f"{REVIEW} is settled").wait_for()
    first.page.goto("/staff/coding/decisions/")
    first.page.get_by_text("The words are explicit").first.wait_for()
    # The browser notes the answer 409 of the page that is not to be seen yet, and nothing else.
    assert [words for words in lead.complaints if "409" not in words] == []
    assert not first.complaints


def _words_of_the_report(window: Window) -> str:
    """A citation key of the report of the review, from the page of the review."""
    page = window.page
    page.goto(f"/reviews/{REVIEW}/")
    address = page.locator("a[href^='/p/']").first.get_attribute("href") or ""
    return address.split("/")[2]
