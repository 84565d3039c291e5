"""Pages of briefings as visitors and staff see them, without JavaScript."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.briefings.writing import LETTERS, MIDWIFE, make_briefing, publish, sign_both, write
from tests.factories import NOON, make_person
from tests.written_once import written_once
from waymark.accounts.models import Role, State
from waymark.briefings.models import BriefingUse
from waymark.briefings.queries.drafts import current_texts
from waymark.briefings.services import decide_use
from waymark.documents.services import set_report_state
from waymark.pipeline import withdraw_briefing
from waymark.pipeline.publishing import published_tables
from waymark.web.briefings import uses
from waymark.web.shared.form_guard import started_token

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
WORDS = {"team": "Riverside team", "used_on_day": "1", "used_on_month": "5", "used_on_year": "2026"}


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
@written_once
def small(db):
    return make_briefing()


@pytest.fixture
@written_once
def edition(small):
    return publish(small)


def page(client, name, *place, status=200, **query):
    answer = client.get(reverse(name, args=place), query)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


PLACE = ("briefing", "visits")


def withdraw(report):
    set_report_state(by=None, report=report, state=State.WITHDRAWN, now=LATER)


# ---- visitors ----


def test_the_list_leads_to_the_briefing_and_its_short_form(client, edition):
    html = page(client, "briefings")
    assert 'href="/briefings/visits/"' in html
    assert 'href="/briefings/visits/1/seven-minutes/"' in html
    assert "Visits that stop" in html


def test_the_page_says_what_it_is_based_on(client, edition):
    html = page(client, "briefing", *PLACE)
    assert "based on" in html
    assert "3 reviews published 2004 to 2008" in " ".join(html.split())
    assert "1 April 2026" in html  # the date of the search
    assert "(our view)" in html
    assert MIDWIFE in html  # quoted
    # About 40 words, at 200 a minute.
    assert "1 minute to read" in html


def test_the_words_of_a_briefing_are_ours_and_its_page_says_how_to_reuse_them(client, edition):
    html = page(client, "briefing", *PLACE)
    assert "no licence is given: quote with a citation, and ask us for anything else" in html
    assert "not known who holds" not in html


def test_every_statement_stands_beside_the_words_of_its_passages(client, edition):
    html = page(client, "check-briefing", *PLACE, 1)
    assert "13 statements: 10 supported, 3 our own view" in " ".join(html.split())
    assert LETTERS in html
    own = page(client, "check-briefing", *PLACE, 1, show="own")
    assert LETTERS not in own


def test_a_withdrawn_report_puts_a_banner_on_the_page_and_takes_the_words_away(
    client, edition, small
):
    withdraw(small.reports[2])
    html = page(client, "briefing", *PLACE)
    assert "2 statements in this briefing need checking again" in " ".join(html.split())
    assert MIDWIFE not in html
    problems = page(client, "check-briefing", *PLACE, 1, show="problems")
    assert "Check again:" in problems
    assert MIDWIFE not in problems
    for name in ("whole.pdf", "whole.docx", "one-page.pdf", "seven-minutes.pdf", "slides.pdf"):
        page(client, "briefing-file", *PLACE, 1, name, status=404)


def test_an_older_edition_stays_readable_and_says_so(client, edition, small):
    write(small, "helped", "A midwife came back. {own}")
    publish(small, now=LATER)
    assert "This is an older edition." in page(client, "briefing-edition", *PLACE, 1)
    assert "This is an older edition." not in page(client, "briefing", *PLACE)


def test_an_older_edition_says_when_the_newest_one_was_withdrawn(client, edition, small):
    write(small, "helped", "A midwife came back. {own}")
    second = publish(small, now=LATER)
    withdraw_briefing(by=small.editor, publication=second, reason="A mistake.", now=LATER)
    for name in ("briefing-edition", "check-briefing", "briefing-short"):
        assert "The newest one was withdrawn" in page(client, name, *PLACE, 1)


def test_a_withdrawn_edition_leaves_a_tombstone(client, edition, small):
    client.force_login(small.editor)
    answer = client.post(
        reverse("withdraw-briefing", args=[*PLACE, 1]), {"reason": "A mistake in it."}
    )
    assert answer.status_code == 302
    client.logout()
    for name, place in (
        ("briefing", PLACE),
        ("briefing-edition", (*PLACE, 1)),
        ("check-briefing", (*PLACE, 1)),
        ("briefing-short", (*PLACE, 1)),
        ("briefing-file", (*PLACE, 1, "whole.pdf")),
    ):
        html = page(client, name, *place, status=410)
        assert "Thematic briefing, edition 1" in html
        assert "Visits that stop" not in html  # the title may be what was wrong
        assert "A mistake in it" not in html
    page(client, "briefing-edition", *PLACE, 2, status=404)


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("whole.pdf", b"%PDF"),
        ("one-page.pdf", b"%PDF"),
        ("seven-minutes.pdf", b"%PDF"),
        ("slides.pdf", b"%PDF"),
        ("whole.docx", b"PK"),
        ("seven-minutes.docx", b"PK"),
    ],
)
def test_each_file_is_of_its_kind(client, edition, name, begins):
    answer = client.get(reverse("briefing-file", args=[*PLACE, 1, name]))
    assert answer.status_code == 200
    assert b"".join(answer).startswith(begins)


def test_the_feed_lists_current_editions(client, edition):
    assert "Visits that stop, edition 1" in page(client, "briefings-feed")


def test_the_feed_has_lasting_ids_and_is_not_sent_twice(client, edition, settings):
    settings.REPOSITORY = "library.example.org"
    answer = client.get(reverse("briefings-feed"))
    name = "/".join(map(str, ("briefings", *PLACE, 1)))
    for feed_id in ("briefings", name):
        assert f"<id>tag:library.example.org,2026:{feed_id}</id>".encode() in answer.content
    again = client.get(reverse("briefings-feed"), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


# ---- we used it ----


def send_use(client, **changes):
    started = started_token(ago=60)
    words = {**WORDS, "change": "We ring on the day.", "started": started, **changes}
    return client.post(reverse("briefing-use", args=PLACE), words)


def test_a_record_of_use_is_shown_after_a_person_has_read_it(client, edition, small):
    assert send_use(client).status_code == 302
    assert "We ring on the day." not in page(client, "briefing", *PLACE)
    client.force_login(small.author)
    assert "We ring on the day." in page(client, "briefing-uses")
    row = BriefingUse.objects.get()
    assert published_tables.briefing_uses().empty
    client.post(reverse("briefing-uses"), {"use": row.pk, "do": "show"})
    client.logout()
    (use,) = published_tables.briefing_uses().to_dict("records")
    assert (use["name"], use["team"], use["edition"]) == ("visits", "Riverside team", 1)
    assert "We ring on the day." in page(client, "briefing", *PLACE)


@pytest.mark.parametrize(
    "changes",
    [
        {"homepage": "https://example.org"},
        {"started": ""},
        {"started": "forged"},
        {"team": ""},
        {"used_on_year": "2999"},
    ],
)
def test_programs_and_mistakes_are_refused(client, edition, changes):
    assert send_use(client, **changes).status_code == 400
    assert not BriefingUse.objects.exists()


def test_a_form_that_is_sent_at_once_is_of_a_program(client, edition):
    answer = send_use(client, started=started_token())
    assert answer.status_code == 400
    assert "Wait a few seconds" in answer.content.decode()


def test_a_record_that_is_sent_twice_is_one(client, edition):
    assert [send_use(client).status_code for _ in range(2)] == [302, 302]
    assert BriefingUse.objects.count() == 1


def test_the_words_of_a_record_are_words_and_no_markup(client, edition, small):
    send_use(client, change="<script>alert(1)</script> [x](javascript:alert(1))")
    decide_use(by=small.editor, use=BriefingUse.objects.get().pk, shown=True, now=NOON)
    html = page(client, "briefing", *PLACE)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))" in html


def test_a_network_sends_only_a_few_records_at_once(client, edition, monkeypatch):
    monkeypatch.setattr(uses, "LIMITER", uses.RateLimiter(at_once=2, a_minute=1))
    answers = [send_use(client, team=f"Team {at}") for at in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "Wait a minute, then send this one." in answers[2].content.decode()


# ---- staff ----


def test_a_briefing_is_written_cited_signed_and_published_on_pages(client, small):
    client.force_login(small.author)
    assert "Visits that stop" in page(client, "edit-briefings")
    html = page(client, "edit-briefing", *PLACE)
    assert "No problems found" in html
    text = reverse("edit-briefing-text", args=[*PLACE, "helped"])
    answer = client.post(
        text, {"text": "A midwife came back [@].", "base": "0", "cite": small.keys[2]}
    )
    assert answer.status_code == 302
    assert (
        current_texts(small.manuscript)["helped"].text == f"A midwife came back [@{small.keys[2]}]."
    )
    for person, capacity in ((small.author, "author"), (small.editor, "editor")):
        client.force_login(person)
        html = page(client, "sign-briefing", *PLACE)
        seen = html.partition('name="seen" value="')[2].partition('"')[0]
        signed = client.post(
            reverse("sign-briefing", args=PLACE), {"seen": seen, "capacity": capacity}
        )
        assert signed.status_code == 302
    published = client.post(reverse("sign-briefing", args=PLACE), {"action": "publish"})
    assert published["Location"] == "/briefings/visits/"


def test_what_someone_else_saved_in_the_meantime_is_shown_and_nothing_is_lost(client, small):
    client.force_login(small.author)
    write(small, "limits", "Newer. {own}")
    text = reverse("edit-briefing-text", args=[*PLACE, "limits"])
    answer = client.post(text, {"text": "Mine. {own}", "base": "1"})
    assert answer.status_code == 400
    assert "saved this text while you were editing" in answer.content.decode()
    assert "Mine. {own}" in answer.content.decode()


def test_a_briefing_is_created_and_described_with_a_form(client, db):
    client.force_login(make_person(Role.CATALOGUER))
    new = {"kind": "guide", "slug": "reading-reviews", "title": "Reading", "audience": "everyone"}
    answer = client.post(reverse("new-briefing"), new)
    assert answer["Location"] == "/staff/guides/reading-reviews/"
    describe = reverse("describe-briefing", args=["guide", "reading-reviews"])
    changed = {**new, "title": "Reading reviews", "base": "1", "first": "2004"}
    assert client.post(describe, changed).status_code == 302
    assert "Reading reviews" in page(client, "edit-briefing", "guide", "reading-reviews")
    late = client.post(describe, {**new, "audience": "nobody", "base": "1"})
    assert late.status_code == 400
    assert "while you were editing" in late.content.decode()
    # The form has what was typed, and can be saved over the version that the page now names.
    assert 'name="base" value="2"' in late.content.decode()
    assert 'value="nobody"' in late.content.decode()
    assert client.post(describe, {**new, "audience": "nobody", "base": "2"}).status_code == 302


def test_a_draft_with_a_statement_without_support_has_no_button_to_sign(client, small):
    write(small, "limits", "They were poor.")
    client.force_login(small.author)
    html = page(client, "sign-briefing", *PLACE)
    assert "Nothing supports this statement" in html or "nothing supports this statement" in html
    assert "Sign as author" not in html


def test_a_flagged_briefing_is_first_on_the_list_of_staff(client, edition, small):
    withdraw(small.reports[0])
    client.force_login(small.author)
    assert "To check again" in page(client, "edit-briefings")


def test_readers_see_no_page_of_the_workspace(client, small):
    client.force_login(make_person(Role.READER))
    for name, place in (
        ("edit-briefings", ()),
        ("edit-briefing", PLACE),
        ("sign-briefing", PLACE),
        ("briefing-uses", ()),
    ):
        page(client, name, *place, status=403)


def test_both_signatures_are_shown_before_it_is_published(client, small):
    sign_both(small)
    client.force_login(small.editor)
    assert "Publish next edition" in page(client, "sign-briefing", *PLACE)
    client.force_login(small.author)
    assert "Publish next edition" not in page(client, "sign-briefing", *PLACE)
