"""What an edition withholds: who may open it, what they see, and what is recorded."""

import re

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from tests.publishing.giving import give_out
from tests.web.seeking import CANARY, PEOPLE, VISITOR, planted
from tests.web.test_pages import see, strictly
from tests.written_once import written_once
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State, User
from waymark.documents.models import Report
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework
from waymark.overview.queries import evidence
from waymark.overview.services import create_overview, freeze_overview
from waymark.publishing.services import withdraw_edition

pytestmark = pytest.mark.django_db

REVIEWS, NEGLECT = 8, 3
CODING = """
format: waymark-coding 1
framework: cr-core 1.0.0
review: {reference}
report: overview-report
coder: coder
children: []
judgements:
- variable: fac.neglect
  value: {neglect}
  {quote}
- {{variable: fac.alcohol_misuse, value: present, quotes: ["The father {drink} drank."]}}
codings:
- {{code: prac.communication, quote: "Two letters {coded} were filed."}}
recommendations: []
"""
ADJUDICATION = """
format: waymark-adjudication 1
framework: cr-core 1.0.0
review: {reference}
adjudicator: analyst
decisions: []
"""
SPEC = """
overview: small
title: Learning from made-up reviews
subtitle: A test
framework: cr-core 1.0.0
place: A place
period: 2005
points: []
select: {collection: small}
disclosure:
  profile: k5
  controller: A body
  reason: Nobody is real.
  decided: 2026-01-12
  open_process: OPEN
tables:
  - {id: T8, kind: states, title: Factors, group: factors}
  - {id: T10, kind: themes, title: Themes, of: {themes: true}}
figures: []
"""
SMALL = ("small", "T8", "fac.neglect", "recorded")
SHOWN = ("small", "T8", "fac.alcohol_misuse", "recorded")
THEME = ("small", "T10", "prac.communication", "n")


def word(kind, number):
    return planted(kind, number)


@pytest.fixture
def reports(db, settings, tmp_path) -> list[Report]:
    """Eight reviews: neglect in three, drink and letters in all; nothing given out yet."""
    settings.DATA = tmp_path
    return eight_reviews()


@written_once
def eight_reviews() -> list[Report]:
    file = next(file for file in builtin_frameworks() if file.name.startswith("cr-core"))
    made = load_framework(by=None, source=file.read_text("utf-8"), file=file.name, now=NOON)
    publish_framework(by=None, framework=made, now=NOON)
    for who in Role:
        make_person(who, name=who.value)
    return [_planted(number) for number in range(REVIEWS)]


def _planted(number: int) -> Report:
    review = make_review(f"W{number:02}", title=f"Review {word('t', number)}", collection="small")
    report = make_report(
        review,
        f"The baby {word('n', number)} was thin.",
        f"The father {word('d', number)} drank.",
        f"Two letters {word('c', number)} were filed.",
    )
    said = {
        "reference": review.reference,
        "neglect": "present" if number < NEGLECT else "not_mentioned",
        "quote": f'quotes: ["The baby {word("n", number)} was thin."]' * (number < NEGLECT),
        "drink": word("d", number),
        "coded": word("c", number),
    }
    pipeline.import_coding(source=CODING.format(**said), file="coding.yaml", now=NOON)
    pipeline.import_adjudication(source=ADJUDICATION.format(**said), file="it.yaml", now=NOON)
    return report


def published(open_process="true"):
    analyst, editor = (User.objects.get(username=name) for name in ("analyst", "editor"))
    spec = SPEC.replace("OPEN", open_process)
    overview = create_overview(by=analyst, spec=spec, file="it.yaml", now=NOON)
    snapshot = freeze_overview(by=analyst, overview=overview, now=NOON)
    return give_out(editor=editor, analyst=analyst, snapshot=snapshot)


@pytest.fixture
def as_(client):
    """The client of a person of a role, or of a visitor."""

    def signed_in(who):
        client.logout()
        if who != VISITOR:
            client.force_login(User.objects.get(username=who))
        return client

    return signed_in


def openings():
    return list(AuditEntry.objects.filter(action="open withheld number").order_by("pk"))


def canaries(answer):
    return set(CANARY.findall(answer.content.decode()))


def cell(name="withheld-cell", place=SMALL):
    return reverse(name, args=place)


def test_opening_shows_the_number_why_it_is_withheld_and_its_words(reports, as_):
    published()
    answer = as_(Role.ANALYST).post(cell())
    assert answer.status_code == 200
    strictly(answer)
    text = re.sub(r"\s+", " ", answer.content.decode())
    assert "The 3 reviews counted: " in text
    assert "The number is withheld because it is under 5." in text
    assert "<b>Restricted.</b>" in text
    assert "Do not share or copy this page" in text
    assert canaries(answer) == {word(kind, n) for kind in "tn" for n in range(NEGLECT)}
    assert answer["Cache-Control"] == "no-store"


def test_each_opening_is_recorded_with_who_which_cell_and_when(reports, as_):
    made = published()
    client = as_(Role.ANALYST)
    client.get(cell())
    assert openings() == []
    client.post(cell())
    client.post(cell())
    first, second = openings()
    assert (first.actor, first.subject) == ("analyst", "overview small")
    assert first.detail == {
        "edition": made.edition,
        "table": "T8",
        "row": "fac.neglect",
        "column": "recorded",
    }
    assert first.at < second.at


def test_asking_first_shows_no_number_and_no_review(reports, as_):
    published()
    answer = as_(Role.ANALYST).get(cell())
    see(as_(Role.ANALYST), cell())
    text = answer.content.decode()
    assert "Open number and record my name" in text
    assert "[c]" in text
    assert canaries(answer) == set()
    assert "number 3" not in text


def test_the_list_of_a_table_names_what_is_not_open_without_its_numbers(reports, as_):
    published()
    see(as_(Role.ANALYST), reverse("withheld", args=["small", "T8"]))
    answer = as_(Role.ANALYST).get(reverse("withheld", args=["small", "T8"]))
    assert cell() in answer.content.decode()
    assert cell(place=SHOWN) in answer.content.decode()
    assert canaries(answer) == set()
    assert [one.printed for one in answer.context["cells"] if one.row == "fac.neglect"] == ["[c]"]


def test_for_all_others_there_is_no_such_page_whether_or_not_something_is_withheld(reports, as_):
    published()
    pages = [
        reverse("withheld", args=["small", "T8"]),
        reverse("withheld", args=["small", "T99"]),
        reverse("withheld", args=["none", "T8"]),
        cell(),
        cell(place=SHOWN),
        cell(place=THEME),
        cell(place=("small", "T8", "none", "recorded")),
        cell(place=("none", "T8", "fac.neglect", "recorded")),
    ]
    for who in set(PEOPLE) - {Role.ANALYST}:
        client = as_(who)
        answers = [client.get(page) for page in (*pages, "/staff/no-such-page/")]
        answers += [client.post(page) for page in pages[3:]]
        assert {answer.status_code for answer in answers} == {404}, who
        assert len({as_said(answer) for answer in answers}) == 1, who
    assert openings() == []
    statuses = [as_(Role.ANALYST).get(page).status_code for page in pages]
    assert statuses == [200, 404, 404, 200, 200, 404, 404, 404]


def as_said(answer):
    """A page without what differs from one answer to the next: addresses and tokens."""
    return re.sub(r'"/[^"]*"|value="\w{64}"|/staff/[^\s<]*', "", answer.content.decode())


def test_nothing_is_looked_at_for_those_who_may_not(reports, as_, monkeypatch):
    published()

    def worked_out(*_, **__):
        raise AssertionError("what is withheld was looked at")

    monkeypatch.setattr(evidence, "suppressed_table", worked_out)
    monkeypatch.setattr(evidence, "suppressed_evidence", worked_out)
    monkeypatch.setattr(evidence, "suppressed_uses", worked_out)
    key = reports[0].passages.order_by("ordinal")[0].key
    for who in set(PEOPLE) - {Role.ANALYST}:
        client = as_(who)
        assert client.get(cell()).status_code == client.post(cell()).status_code == 404
        assert client.get(reverse("passage", args=[key])).status_code == 200


def test_a_table_and_a_passage_lead_there_only_for_those_who_may(reports, as_):
    published()
    key = reports[0].passages.order_by("ordinal")[0].key
    for who in PEOPLE:
        client, may = as_(who), who == Role.ANALYST
        table = client.get(reverse("overview-table", args=["small", "T8"])).content.decode()
        passage = client.get(reverse("passage", args=[key])).content.decode()
        assert ("/withheld/" in table) == ("Restricted" in table) == may, who
        assert (cell() in passage) == ("Restricted" in passage) == may, who


def test_what_is_open_to_everybody_is_not_opened_here(reports, as_):
    published()
    client = as_(Role.ANALYST)
    assert client.get(reverse("evidence", args=THEME)).status_code == 200
    assert client.get(cell(place=THEME)).status_code == 404
    assert client.post(cell(place=THEME)).status_code == 404
    assert openings() == []


def test_numbers_about_process_that_the_controller_closed_are_opened_here(reports, as_):
    published(open_process="false")
    client = as_(Role.ANALYST)
    assert client.get(reverse("evidence", args=THEME)).status_code == 404
    answer = client.post(cell(place=THEME))
    assert "The number is printed. Its evidence is not available" in answer.content.decode()
    assert canaries(answer) == {word(kind, n) for kind in "tc" for n in range(REVIEWS)}
    assert as_(Role.EDITOR).get(cell(place=THEME)).status_code == 404


def test_words_of_a_report_that_was_withdrawn_stay_closed_here_too(reports, as_):
    published()
    Report.objects.filter(pk=reports[0].pk).update(state=State.WITHDRAWN)
    answer = as_(Role.ANALYST).post(cell())
    assert word("n", 0) not in canaries(answer)
    assert "One passage is not shown because you cannot see its report" in answer.content.decode()


def test_after_the_edition_is_withdrawn_nothing_of_it_opens(reports, as_):
    made = published()
    withdraw_edition(by=made.published_by, publication=made, reason="A mistake.", now=NOON)
    assert as_(Role.ANALYST).post(cell()).status_code == 404
    assert openings() == []
