"""The workbench's pages: words at their positions, acts by form and by script, and blindness."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from waymark.accounts.models import Role
from waymark.coding import services
from waymark.coding.models import Coding, CodingAction
from waymark.library.catalogue.content_notes import ContentNote
from waymark.library.catalogue.distressing_words import is_distressing
from waymark.web.workbench.finding import places_of

pytestmark = pytest.mark.django_db

PARAGRAPHS = (
    "1.1 The visits stopped in May 🙂. Nobody <asked> why & when.",
    "• A first point about school.",
    "Judgement | Good & early | Late",
    "Judgement | Poor | Never",
    "2.1 The injuries were seen by a nurse. She wrote nothing.",
)
ACT = iter(range(10_000))


@pytest.fixture
def report(core):
    return make_report(make_review("W01", title="Case management review: Child Beech"), *PARAGRAPHS)


class Coder:
    """A coder with a browser of their own, past the content note."""

    def __init__(self, name, report, framework, *, assigned=True):
        self.person = make_person(Role.CODER, name=name)
        self.report, self.framework = report, framework
        self.client = Client()
        self.client.force_login(self.person)
        if assigned:
            services.assign_coder(
                by=self.person,
                coder=self.person,
                review=report.review,
                framework=framework,
                now=NOON,
            )
            self.post("workbench-begin", veil="never", break_minutes="45")

    def address(self, name="workbench", **more):
        own = {
            "name": self.framework.name,
            "version": self.framework.version,
            "key": self.report.key,
        }
        return reverse(name, kwargs=own | more)

    def post(self, name="workbench-act", **sent):
        return self.client.post(self.address(name), sent)

    def act(self, do, **sent):
        """An act as the script sends it: the status, and the answer."""
        sent = {"do": do, "act": f"a{next(ACT)}", "reading": "1"} | sent
        answer = self.client.post(
            self.address("workbench-act"), sent, headers={"accept": "application/json"}
        )
        return answer.status_code, answer.json()

    def see(self, **query):
        answer = self.client.get(self.address(), query)
        assert answer.status_code == 200
        return answer.content.decode()


@pytest.fixture
def ann(report, core):
    return Coder("ann", report, core)


def span_of(report, words):
    start = report.text.content.index(words)
    return {"from": str(start), "to": str(start + len(words))}


def test_every_word_is_in_an_element_that_says_its_position(ann, report):
    ann.act("code", **span_of(report, "stopped in May 🙂"), code="prac.recording")
    ann.act("code", **span_of(report, "May 🙂. Nobody <asked>"), code="prac.communication")
    ann.act("code", **span_of(report, "Good & early"), code="prac.recording")
    page = ann.see()
    content, covered = report.text.content, []
    for start, html in re.findall(r'data-s="(\d+)">(.*?)</(?:p|span|h\d)>', page, re.DOTALL):
        text = unescape(re.sub(r"<[^>]+>", "", html))
        assert content[int(start) : int(start) + len(text)] == text
        covered.append(text)
    assert "Good & early" in covered
    assert sum(map(len, covered)) == len(content) - content.count("\n") - content.count(" | ") * 3


def test_words_with_two_codes_are_marked_by_their_number(ann, report):
    ann.act("code", **span_of(report, "visits stopped"), code="prac.recording")
    ann.act("code", **span_of(report, "stopped in"), code="prac.communication")
    page = ann.see()
    assert '<mark class="code code-1">visits </mark>' in page
    assert '<mark class="code code-2">stopped</mark>' in page
    assert '<mark class="code code-1"> in</mark>' in page


def test_the_content_note_comes_before_the_report(report, core):
    coder = Coder("ben", report, core)
    fresh = Client()
    fresh.force_login(coder.person)
    first = fresh.get(coder.address()).content.decode()
    assert "This review describes" in first
    assert "The visits stopped" not in first
    assert "The visits stopped" in coder.see()


def test_a_passage_is_coded_undone_and_done_again_by_forms_alone(ann, report):
    page = ann.see()
    (link,) = re.findall(r'href="([^"]+)"[^>]*>Choose<span class="sr"> the passage: 2.1', page)
    chosen = unescape(urlsplit(link).query)
    page = ann.client.get(f"{ann.address()}?{chosen}").content.decode()
    form = page[page.index('id="code-form"') :]
    act = re.search(r'name="act" value="([^"]+)"', form)[1]
    words = dict(re.findall(r'<option value="(\d+)">\d+ ([^<]+)</option>', form))
    first = next(position for position, word in words.items() if word == "injuries")
    sent = {
        "do": "code",
        "act": act,
        "reading": "1",
        "from": first,
        "to": parse_qs(chosen)["to"][0],
        "code": "prac.recording",
    }
    for _ in range(2):  # a form that is sent twice acts once
        answer = ann.post(**sent)
        assert answer.status_code == 302
    page = ann.client.get(answer.url.partition("#")[0]).content.decode()
    assert "Saved: code added (code Recording and record keeping)." in page
    coding = Coding.objects.get()
    assert coding.exact == "injuries were seen by a nurse. She wrote nothing."
    undo = ann.post(do="undo", act="u1")
    assert "#coding" not in undo.url
    assert not Coding.objects.filter(superseded_at=None).exists()
    ann.post(do="redo", act="u2")
    assert Coding.objects.filter(superseded_at=None).count() == 1


def test_an_act_answers_with_the_part_that_it_changed_and_what_undo_does(ann, report):
    status, answer = ann.act("code", **span_of(report, "Nobody"), code="prac.recording")
    assert (status, answer["number"], answer["message"]) == (200, 1, "")
    assert answer["undo"]["label"] == "code Recording and record keeping"
    assert answer["progress"] == {"codings": 1, "read": 0, "parts": 1}
    assert answer["recent"] == ["prac.recording"]
    ((number, html),) = ((part["number"], part["html"]) for part in answer["parts"])
    assert (number, '<mark class="code code-1">Nobody</mark>' in html) == (1, True)


def test_qualifiers_memo_boundaries_and_removal_by_script(ann, report):
    ann.act("code", **span_of(report, "Nobody"), code="prac.recording")
    name = "{from}-{to}:prac.recording".format(**span_of(report, "Nobody"))
    ann.act("change", coding=name, memo="Why <not>?\r\nTwice.", **{"q-valence": "concern"})
    row = Coding.objects.get(superseded_at=None)
    assert (row.memo, row.qualifiers) == ("Why <not>?\nTwice.", {"valence": "concern"})
    wider = span_of(report, "Nobody <asked>")
    _, answer = ann.act("boundaries", coding=name, **wider)
    row = Coding.objects.get(superseded_at=None)
    assert (row.exact, row.memo) == ("Nobody <asked>", "Why <not>?\nTwice.")
    assert 'data-memo="Why &lt;not&gt;?' in answer["parts"][0]["html"]
    status, answer = ann.act("remove", coding=name)
    assert (status, "another window" in answer["message"]) == (409, True)
    assert ann.act("remove", coding="{from}-{to}:prac.recording".format(**wider))[0] == 200
    assert not Coding.objects.filter(superseded_at=None).exists()


def test_memo_on_the_report_and_read_pages_are_acts_like_others(ann):
    assert ann.act("memo", memo="Read again.")[1]["memo"] == "Read again."
    assert ann.act("read", part="1", read="yes")[1]["progress"]["read"] == 1
    assert ann.act("undo")[1]["progress"]["read"] == 0
    assert ann.act("undo")[1]["memo"] == ""
    assert "Read again." not in ann.see()


@pytest.mark.parametrize(
    ("do", "sent", "status"),
    [
        ("nothing", {}, 400),
        ("code", {"from": "5", "to": "3", "code": "prac.recording"}, 400),
        ("code", {"from": "0", "to": "999999", "code": "prac.recording"}, 400),
        ("code", {"from": "0", "to": "5"}, 400),
        ("code", {"from": "0", "to": "5", "code": "none"}, 400),
        ("code", {"from": "0", "to": "5", "code": "prac.recording", "reading": "2"}, 409),
        ("change", {"coding": "what"}, 400),
        ("remove", {"coding": "0-5:prac.recording"}, 409),
        ("read", {"part": "2"}, 400),
        ("undo", {}, 400),
        ("memo", {"memo": "x" * 20_001}, 400),
        ("undo", {"act": ""}, 400),
    ],
)
def test_what_cannot_be_done_is_answered_in_words(ann, do, sent, status):
    answered, answer = ann.act(do, **sent)
    assert (answered, answer["message"][:1].isupper()) == (status, True)
    assert not CodingAction.objects.exists()


def test_a_repeated_request_is_answered_as_the_first_and_acts_once(ann, report):
    sent = span_of(report, "Nobody") | {"act": "same", "code": "prac.recording"}
    answers = [ann.act("code", **sent) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert Coding.objects.count() == 1


# ---- blind ----


NEAREST = ("what=coding", "what=uncoded", "what=uncoded&from=500&back=yes")


def addresses_of(coder):
    """Every address of the workbench, as a coder can ask for it."""
    framework = coder.framework
    names = {"name": framework.name, "version": framework.version}
    return [
        reverse("coding-queue"),
        reverse("continue-coding"),
        reverse("coding-keys", kwargs=names),
        coder.address(),
        f"{coder.address()}?page=1&from=0&to=20",
        f"{coder.address()}?coding=4-10:prac.recording",
        f"{coder.address()}?coding-of=4-10:prac.recording",
        coder.address("workbench-part", number=1),
        f"{coder.address('workbench-find')}?q=nurse",
        *(f"{coder.address('workbench-nearest')}?{asked}" for asked in NEAREST),
        "/staff/my-work/",
    ]


def without_tokens(answer):
    body = answer.content.decode() + str(answer.headers.get("Location"))
    body = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", body)
    return answer.status_code, re.sub(r'(name="act" value=")[^"]+', r"\1", body)


def test_nothing_that_a_coder_can_ask_for_changes_when_another_works(ann, report, core):
    ben = Coder("ben", report, core)
    ben.act("code", **span_of(report, "school"), code="prac.recording")
    before = [without_tokens(ben.client.get(address)) for address in addresses_of(ben)]
    ann.act("code", **{"from": "4", "to": "10"}, code="prac.recording")
    ann.act("change", coding="4-10:prac.recording", memo="Canary", **{"q-valence": "concern"})
    ann.act("memo", memo="Canary")
    ann.act("read", part="1")
    services.choose_keys(by=ann.person, framework=core, keys={"prac.assessment": "b"})
    services.choose_settings(by=ann.person, veil="always", break_minutes=0)
    assert [without_tokens(ben.client.get(address)) for address in addresses_of(ben)] == before
    # Acts too answer with nothing but one's own work.
    _, answer = ben.act("code", **span_of(report, "nurse"), code="prac.recording")
    assert "Canary" not in json.dumps(answer)
    assert (answer["number"], answer["progress"]["codings"]) == (2, 2)
    assert ben.act("remove", coding="4-10:prac.recording")[0] == 409


def test_no_address_of_a_desk_exists_for_who_does_not_code_the_review(ann, report, core):
    ann.act("code", **span_of(report, "school"), code="prac.recording")
    stranger = Coder("cat", report, core, assigned=False)
    desk = [
        ann.address(),
        ann.address("workbench-part", number=1),
        f"{ann.address('workbench-find')}?q=nurse",
        *(f"{ann.address('workbench-nearest')}?{asked}" for asked in NEAREST),
    ]
    forms = [ann.address(f"workbench-{name}") for name in ("act", "begin", "finish")]
    for who, status in ((stranger.person, 404), (make_person(Role.EDITOR), 403), (None, 302)):
        client = Client()
        if who:
            client.force_login(who)
        assert {client.get(address).status_code for address in desk} == {status}
        assert {client.post(address, {"do": "undo"}).status_code for address in forms} == {status}
    assert CodingAction.objects.count() == 1


# ---- hidden passages, keys, the queue, finishing ----


def test_passages_are_hidden_as_the_coder_wishes(ann):
    assert ann.see().count('class="veil"') == 0
    ann.post("workbench-begin", veil="marked", break_minutes="0")
    page = ann.see()
    (hidden,) = re.findall(r'<details class="veil">.*?</details>', page, re.DOTALL)
    assert "The injuries were seen" in hidden
    ann.post("workbench-begin", veil="always", break_minutes="0")
    assert ann.see().count('class="veil"') == 4  # two paragraphs, an item, a table
    assert ann.post("workbench-begin", veil="some").status_code == 302
    assert ann.see().count('class="veil"') == 4


def test_words_point_to_harm_by_the_notes_of_the_review():
    assert is_distressing("He was found hanging.")
    assert is_distressing("He was found hanging.", [ContentNote.SUICIDE])
    assert not is_distressing("He was found hanging.", [ContentNote.NEGLECT])
    assert is_distressing("Bruises were seen.", [ContentNote.NEGLECT])
    assert not is_distressing("The school wrote a letter.")


def test_own_keys_are_saved_shown_and_refused_in_words(ann, core):
    address = reverse("coding-keys", args=[core.name, core.version])
    ann.client.post(address, {"key-prac.recording": "R", "key-prac.assessment": ""})
    page = ann.client.get(address).content.decode()
    assert re.search(r"<kbd>r</kbd></th><td>Recording and record keeping", page)
    assert "&quot;prac.recording&quot;: &quot;r&quot;" in ann.see()
    answer = ann.client.post(address, {"key-prac.recording": "x", "key-prac.assessment": "x"})
    assert (answer.status_code, "choose another for x" in answer.content.decode()) == (400, True)
    assert "&quot;r&quot;" in ann.see()


def test_the_queue_shows_own_progress_and_finishing_ends_it(ann, report):
    ann.act("code", **span_of(report, "Nobody"), code="prac.recording")
    ann.act("read", part="1")
    queue = " ".join(ann.client.get(reverse("coding-queue")).content.decode().split())
    assert "1 part read, 1 coding" in queue
    onward = ann.client.get(reverse("continue-coding"))
    assert onward.url == f"{ann.address()}?page=1"
    assert ann.post("workbench-finish").url == f"{ann.address()}#finish"
    assert ann.post("workbench-finish", sure="yes").url == reverse("coding-queue")
    assert ann.act("code", **span_of(report, "school"), code="prac.assessment")[0] == 400
    page = ann.see()
    assert "You have finished this review" in page
    assert re.search(r'<form [^>]*class="acts" hidden>', page)
    assert ann.client.get(reverse("continue-coding")).url == reverse("coding-queue")


def test_continue_opens_the_first_report_of_a_coder_who_has_not_begun(ann, report, core):
    assert ann.client.get(reverse("continue-coding")).url == ann.address()


def test_the_next_report_of_the_queue_is_linked_after_the_text(ann, report, core):
    assert "There is no other report in your queue" in ann.see()
    other = make_report(make_review("W09", title="Review: Child Ash"), "1.1 Words.")
    services.assign_coder(
        by=ann.person, coder=ann.person, review=other.review, framework=core, now=NOON
    )
    assert f'"/staff/coding/{core.name}/{core.version}/{other.key}/"' in ann.see()
    ann.report = other
    ann.post("workbench-begin", veil="never", break_minutes="45")
    assert f'"/staff/coding/{core.name}/{core.version}/{report.key}/"' in ann.see()


def test_words_are_found_in_the_whole_report(ann, report):
    address = ann.address("workbench-find")
    content = report.text.content
    found = ann.client.get(address, {"q": "BY a nurse"}, headers={"accept": "application/json"})
    start = content.index("by a nurse")
    assert found.json() == {"places": [[start, start + 10, 1]], "number": 1}
    listed = ann.client.get(address, {"q": "by a nurse"}).content.decode()
    assert "<mark>by a nurse</mark>" in listed
    assert f"?from={start}&amp;to={start + 10}#chosen" in listed
    assert "does not have these words" in ann.client.get(address, {"q": "no.t"}).content.decode()
    ann.post("workbench-begin", veil="marked", break_minutes="0")
    hidden = ann.client.get(address, {"q": "by a nurse"}).content.decode()
    assert "hidden passage" in hidden
    assert "injuries" not in hidden
    # Words beside a hidden passage do not show it.
    beside = ann.client.get(address, {"q": "Never"}).content.decode()
    assert "<mark>Never</mark>" in beside
    assert "injuries" not in beside


def test_words_are_found_over_line_breaks_and_with_either_apostrophe():
    text = "The child\u2019s\nfather. The child's  father."
    assert [span.of(text) for span in places_of("child's father", text)] == [
        "child\u2019s\nfather",
        "child's  father",
    ]
    assert list(places_of("  ", text)) == []


def test_nothing_is_found_before_the_content_note(ann, report, core):
    new = Coder("eve", report, core)
    new.client = Client()
    new.client.force_login(new.person)
    answer = new.client.get(new.address("workbench-find"), {"q": "nurse"})
    assert answer.url == new.address()
    for asked in NEAREST:
        answer = new.client.get(f"{new.address('workbench-nearest')}?{asked}")
        assert answer.url == new.address()


def nearest(coder, **asked):
    """The place and the coding that are next, by the script's question."""
    answer = coder.client.get(coder.address("workbench-nearest"), asked).json()
    return answer["place"] and tuple(answer["place"][:2]), answer["coding"]


def test_the_next_coding_and_the_next_passage_without_one_are_found_in_the_whole_report(
    ann, report
):
    content = report.text.content
    words = lambda place: content[slice(*place)]  # noqa: E731
    assert nearest(ann, what="coding") == (None, "")
    assert words(nearest(ann, what="uncoded")[0]) == PARAGRAPHS[0]
    for said in ("stopped in May", "May 🙂. Nobody", "by a nurse"):
        ann.act("code", **span_of(report, said), code="prac.recording")
    first, name = nearest(ann, what="coding", **{"from": "0"})
    assert words(first) == "stopped in May"
    second, following = nearest(ann, what="coding", coding=name)
    assert words(second) == "May 🙂. Nobody"
    assert nearest(ann, what="coding", coding=following, back="yes") == (first, name)
    assert nearest(ann, what="coding", coding=name, back="yes") == (None, "")
    # Of a coding that was removed meanwhile, the place counts.
    assert nearest(ann, what="coding", coding="1-2:prac.recording", **{"from": "20"})[0] == second
    assert nearest(ann, what="coding", back="yes", **{"from": "20"})[0] == first
    uncoded, _ = nearest(ann, what="uncoded")
    assert words(uncoded) == PARAGRAPHS[1]
    assert words(nearest(ann, what="uncoded", **{"from": str(uncoded[1])})[0]) == PARAGRAPHS[2]
    assert nearest(ann, what="uncoded", back="yes", **{"from": str(uncoded[0])}) == (None, "")
    assert nearest(ann, what="uncoded", **{"from": str(content.index("2.1"))}) == (None, "")


def test_an_act_says_what_it_did_and_where(ann, report):
    place = span_of(report, "by a nurse")
    _, coded = ann.act("code", **place, code="prac.recording")
    assert coded["place"] == [int(place["from"]), int(place["to"])]
    for undone in ("undo", "redo"):
        _, answer = ann.act(undone)
        assert answer["place"] == coded["place"]
        assert answer["label"] == "code Recording and record keeping"
    assert ann.act("read", part="1")[1]["place"] is None


def test_a_long_text_without_pages_is_shown_in_parts(core):
    paragraphs = [f"{number}.1 {'word ' * 300}end." for number in range(1, 21)]
    report = make_report(make_review("W02"), *paragraphs)
    coder = Coder("dan", report, core)
    parts = json.loads(unescape(re.search(r'data-parts="([^"]+)"', coder.see())[1]))
    content = report.text.content
    assert "".join(content[start:end] for start, end in parts) == content
    assert len(parts) == 5  # a part ends after 6,000 characters: four paragraphs of 1,508
    second = coder.client.get(coder.address("workbench-part", number=2)).content.decode()
    assert re.findall(r"(\d+)\.1 word", second)[0] == "5"
    assert "1.1 word" not in second.replace("11.1", "")


def test_codings_of_an_earlier_text_are_named_and_not_shown_at_its_positions(ann, report):
    ann.act("code", **span_of(report, "Nobody"), code="prac.recording")
    Coding.objects.update(reading=1)
    report.reading = 1
    Coding.objects.update(reading=9, key=f"{report.key}r9-0-5")
    page = ann.see()
    assert "1 of your codings belong to an earlier text" in page
    assert '<mark class="code' not in page
