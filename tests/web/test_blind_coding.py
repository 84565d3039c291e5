"""The blind rule, attacked: no answer of the site changes for a coder while the other codes.

Every page and file of the site is fetched for a coder who has every role, before and after the
other coder does all that coders do: bodies, headers and statuses must be equal, byte for byte.
"""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import NOON, make_person, make_report, make_review
from tests.web.addresses import site_pages
from tests.web.coding_rounds import TEXT, DoubleCoding
from tests.web.conftest import core  # noqa: F401 - a fixture
from waymark.accounts.audit import record_about
from waymark.accounts.models import AuditEntry, Role
from waymark.coding import services as coding
from waymark.coding.assignments import hidden_entries
from waymark.coding.models import Suggestion
from waymark.coding.queries import suggestions_touching
from waymark.coding.services import RoundOptions
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.frameworks.models import Code, Variable
from waymark.library.services import catalogue_review, index_changed
from waymark.pipeline.coding.adjudication import send_back
from waymark.profiles import services as profiles
from waymark.profiles.models import Child

QUERIES = ("?q=letters", "?waiting=coding", "?waiting=settling")
SECRET = re.compile(
    rb'name="(csrfmiddlewaretoken|started|act|salt)" value="[^"]*"|nonce-[\w=+/-]+'
    rb'|<svg width="225".*?</svg>|<code>([A-Z2-7]{4} ?){8}</code>'
)
"""What each answer has anew; the picture and the key are those of a new second factor."""
MOMENT = re.compile(rb"\d\d:\d\d(:\d\d)?|\d{4}-\d\d-\d\dT[\d:.+Z]+")
LISTS = ("/staff/", "/library/", "/staff/coding/disagreements/", "/feeds/atom")
OF_THE_REQUEST = {
    *("Set-Cookie", "Date", "Expires", "Content-Security-Policy", "Content-Length"),
    "X-Request-ID",
}


@pytest.fixture
def pair(core, settings, tmp_path):  # noqa: F811
    """ann codes; bea, who has every role, must see nothing of it."""
    settings.DATA = tmp_path
    review = make_review("R1")
    report = make_report(review, *TEXT)
    catalogue_review(by=None, review=review, now=NOON)
    ann, bea = make_person(Role.CODER, name="ann"), make_person(*Role, name="bea")
    lead = make_person(Role.ANALYST, name="lead")
    started = coding.start_round(
        by=lead,
        name="First round",
        framework=core,
        reviews=[review],
        coders=[ann, bea],
        options=RoundOptions(suggestions="after"),
        now=NOON,
    )
    Suggestion.objects.create(
        code=Code.objects.get(framework=core, code="prac.recording"),
        cue="filed",
        suggester="test 1",
        made_at=NOON,
        **ReportAnchors(report).fields(Span(41, 62)),
    )
    # An action that ann takes is in the log already, of another review: lists of actions stay.
    record_about(lead, "start work", review, NOON)
    index_changed(now=NOON)
    return DoubleCoding(review, report, core, started, ann, bea, lead)


def addresses(pair: DoubleCoding) -> list[str]:
    """Every address of the site that can be made of what the round is about."""
    known = {
        "reference": "R1",
        "key": pair.report.key,
        "number": pair.coding_round.pk,
        "name": pair.framework.name,
        "version": pair.framework.version,
        "code": "prac.communication",
        "slug": "none",
        "kind": "review",
        "work": "briefing",
        "ending": "csv",
        "alert_list": "weekly",
        "level": "review",
    }
    found = []
    for page in site_pages():
        wanted = page.pattern.converters
        values = {name: known.get(name, "none") for name in wanted}
        for name, converter in wanted.items():
            if name not in known and re.fullmatch(converter.regex, "1"):
                values[name] = 1
            elif name not in known and not re.fullmatch(converter.regex, "none"):
                values[name] = "2026-01-31"
        found.append(reverse(page.name, kwargs=values))
    desk = [pair.framework.name, pair.framework.version, pair.report.key]
    profile = reverse("case-profile", args=["R1", *desk[:2]])
    found += [
        f"{reverse('workbench-find', args=desk)}?q=letters",
        f"{reverse('workbench-nearest', args=desk)}?what=coding",
        f"{reverse('workbench-nearest', args=desk)}?what=uncoded",
        *(f"{profile}?proposals={name}" for name in (*ANSWERED, "nature")),
        f"{reverse('coding-queries')}?layer=own&codes=par.alcohol",
        f"{reverse('coding-queries')}?pick=par.alcohol",
    ]
    passage = f"{pair.report.key}-41-62"
    found += [reverse("passage", args=[passage]), reverse("passage-page", args=[passage])]

    # What does not exist here, such as an alert called none, has nothing to tell.
    known_things = [address for address in found if "none" not in address]
    return known_things + [f"{address}{query}" for address in LISTS for query in QUERIES]


def everything(client: Client, wanted: list[str]) -> dict[str, tuple[object, ...]]:
    """Status, headers and body of the answer at each address, without tokens and time of day."""
    answers = {}
    for address in wanted:
        answer = client.get(address)
        body = b"".join(answer) if answer.streaming else answer.content
        headers = {name: value for name, value in answer.items() if name not in OF_THE_REQUEST}
        answers[address] = (answer.status_code, headers, MOMENT.sub(b"", SECRET.sub(b"", body)))
    return answers


ANSWERED = ("fac.alcohol_misuse", "fac.neglect")


def _bea_has_begun(pair: DoubleCoding, client: Client) -> None:
    """bea has read the content note, coded, and answered, so that proposals are shown to her."""
    begin = reverse(
        "workbench-begin", args=[pair.framework.name, pair.framework.version, pair.report.key]
    )
    client.post(begin, {"veil": "never", "break_minutes": "0"})
    pair.code(pair.bea, "prac.supervision", "Two letters were filed")
    for name in ANSWERED:
        pair.judge(pair.bea, name, "not_mentioned")


def _ann_codes(pair: DoubleCoding) -> None:
    """All that a coder can do, but finish."""
    pair.code(pair.ann, "prac.communication", "Two letters were filed", memo="clear")
    pair.code(pair.ann, "par.alcohol", "The father was thought")
    pair.code(pair.ann, "harm.neglect", "died at home")
    pair.code(pair.ann, "prac.recording", "The father was thought to drink")
    row = pair.ann.codings.get(code__code="prac.recording")
    coding.withdraw_coding(by=pair.ann, coding=row, now=NOON)
    pair.code(pair.ann, "prac.recording", "Two letters were filed")
    (suggestion,) = suggestions_touching(pair.report, Span(41, 62), pair.ann)
    coding.decide_suggestion(by=pair.ann, suggestion=suggestion, accept=True, now=NOON)
    pair.judge(pair.ann, "nature", "infant_death", "died at home")
    pair.judge(pair.ann, "nature", "other", "died at home")
    about = {"by": pair.ann, "review": pair.review, "now": NOON}
    child = profiles.add_child(number=1, name="Child Beech", **about)
    profiles.add_adult(number=1, name="Father", **about)
    factors = list(Variable.objects.filter(framework=pair.framework, type="state", level="review"))
    answer = profiles.answer_group(
        group="factors", variables=factors[:3], child=None, adult=None, report=pair.report, **about
    )
    profiles.undo_group_answer(by=pair.ann, answer=answer, now=NOON)
    profiles.record_judgement(
        child=child,
        variable=Variable.objects.get(framework=pair.framework, variable="sex"),
        value="female",
        anchors=ReportAnchors(pair.report),
        spans=[Span(4, 11)],
        memo="",
        **about,
    )


def test_no_answer_of_the_site_changes_while_the_other_coder_codes(pair):
    client = Client()
    client.force_login(pair.bea)
    _bea_has_begun(pair, client)
    before = everything(client, addresses(pair))
    proposed = [body for address, (_, _, body) in before.items() if "proposals=fac.alc" in address]
    assert b"thought to drink" in proposed[0]
    pages = [name for name, answer in before.items() if answer[0] not in {404, 405}]
    assert len(pages) > 100
    _ann_codes(pair)
    index_changed(now=timezone.now())
    while_coding = everything(client, pages)
    assert {name for name in pages if before[name] != while_coding[name]} == set()
    pair.finish(pair.ann)
    about = {"review": pair.review, "framework": pair.framework, "now": NOON}
    send_back(by=pair.lead, coder=pair.ann, note="Read 2.1 again.", **about)
    pair.finish(pair.ann)
    staff = [name for name in pages if name.startswith("/staff/") or "R1" in name]
    finished = everything(client, staff)
    assert {name for name in staff if before[name] != finished[name]} == set()


def test_the_walk_notices_when_both_have_finished(pair):
    """What must be hidden before is shown afterwards, so that the walk does look at it."""
    client = Client()
    client.force_login(pair.lead)
    page = reverse("adjudicate", args=["R1", "cr-core", "1.0.0"])
    progress = reverse("coding-round", args=[pair.coding_round.pk])
    _ann_codes(pair)
    pair.finish(pair.ann, pair.bea)
    assert client.get(page).status_code == 200
    assert b"Settle" in client.get(progress).content


def test_a_coder_learns_nothing_from_what_a_service_refuses(pair):
    """Numbers of people, their names and their withdrawal are each coder's own."""
    about = {"review": pair.review, "now": NOON}
    _ann_codes(pair)
    child = profiles.add_child(by=pair.bea, number=1, name="The baby", **about)
    assert child.name == "Child Beech"
    profiles.withdraw_child(by=pair.bea, child=child, now=NOON)
    assert Child.objects.get().withdrawn_at is None
    pair.code(pair.bea, "prac.recording", "Two letters were filed")
    (suggestion,) = suggestions_touching(pair.report, Span(41, 62), pair.bea)
    coding.decide_suggestion(by=pair.bea, suggestion=suggestion, accept=False, now=NOON)


def test_the_audit_log_shows_a_coder_no_act_that_tells_of_the_work_of_the_other(pair):
    def shown():
        return list(AuditEntry.objects.exclude(hidden_entries(pair.bea)))

    before = shown()
    keeper = make_person(Role.EDITOR)
    for action in ("merge codings", "move codings", "move quotes"):
        record_about(keeper, action, pair.report, NOON)
    record_about(pair.lead, "import codings", pair.review, NOON)
    coding.note_export(by=pair.ann, what="own codings", ending="csv", codings=1, now=NOON)
    for asker in (None, pair.lead, pair.bea):
        record_about(asker, "suggest", pair.review, NOON, suggester="cues 1", new=3)
    assert shown() == before
    record_about(pair.bea, "import codings", pair.review, NOON)
    record_about(keeper, "publish", pair.report, NOON)
    assert len(shown()) == len(before) + 2


@pytest.mark.parametrize(("rule", "before", "after"), [("hidden", 0, 0), ("after", 0, 1)])
def test_suggestions_are_hidden_as_the_round_says(pair, rule, before, after):
    pair.coding_round.suggestions = rule
    pair.coding_round.save()
    assert len(suggestions_touching(pair.report, Span(41, 62), pair.bea)) == before
    pair.code(pair.bea, "prac.communication", "Two letters were filed")
    assert len(suggestions_touching(pair.report, Span(41, 62), pair.bea)) == after
