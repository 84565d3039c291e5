"""A language model at an address: what it is sent, and what of its answers is taken."""

import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person, make_report, make_review
from waymark.accounts.models import Role, State
from waymark.coding import language_model, services
from waymark.coding.language_model import LanguageSuggester, instructions_for
from waymark.coding.models import MachineCoder, Suggestion, SuggestionRun
from waymark.coding.suggest import PassageText
from waymark.core.errors import RuleError
from waymark.frameworks.queries import file_of
from waymark.pipeline import suggest_codes
from waymark.pipeline.coding.suggestions import suggest_next
from waymark.pipeline.language_model import MOST_BYTES, asker

pytestmark = pytest.mark.django_db
WORDS = ("Nobody visited the child.", "The weather was mild.")


class _Answers(BaseHTTPRequestHandler):
    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append((dict(self.headers), json.loads(body)))
        if self.path == "/slow":
            server.release.wait(5)
        status, headers, content = server.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Nothing: the tests read what was asked."""


def answer(*rows):
    content = json.dumps({"codes": list(rows)})
    return 200, {}, json.dumps({"choices": [{"message": {"content": content}}]}).encode()


@contextmanager
def model_server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.asked, server.answers, server.release = [], {}, threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server():
    with model_server() as running:
        yield running


@pytest.fixture(autouse=True)
def on(settings, tmp_path):
    settings.DATA, settings.LANGUAGE_MODELS = tmp_path, True


@pytest.fixture
def administrator(db):
    return make_person(Role.ADMINISTRATOR)


@pytest.fixture
def report(db):
    return make_report(make_review("P1"), *WORDS)


def address_of(server, path="/chat"):
    return f"http://127.0.0.1:{server.server_port}{path}"


def connect(administrator, address, *, private=True, model="small-7b"):
    return services.connect_language_model(
        by=administrator, address=address, model=model, private=private, now=NOON
    )


def suggest(machine, report, framework):
    return suggest_codes(by=None, report=report, framework=framework, machine=machine, now=NOON)


# ---- what is taken of an answer ----


def suggested(framework, *rows):
    program = LanguageSuggester(
        "language model 1", file_of(framework), lambda *_: json.dumps({"codes": rows})
    )
    passages = [PassageText(0, WORDS[0], "Findings"), PassageText(26, WORDS[1], "Findings")]
    return program.suggest(passages), program.dropped


def test_a_quote_that_is_word_for_word_in_its_passage_is_taken_at_its_place(framework):
    rows, dropped = suggested(framework, {"passage": 2, "code": "a", "quote": "was mild"})
    assert [(row.span.start, row.span.end, row.exact, row.code) for row in rows] == [
        (38, 46, "was mild", "a")
    ]
    assert dropped == 0


@pytest.mark.parametrize(
    "row",
    [
        {"passage": 1, "code": "a", "quote": "Nobody visited a child."},
        {"passage": 2, "code": "a", "quote": "Nobody visited"},
        {"passage": 3, "code": "a", "quote": "was mild"},
        {"passage": 0, "code": "a", "quote": "was mild"},
        {"passage": "1", "code": "a", "quote": "Nobody"},
        {"passage": 1, "code": "made.up", "quote": "Nobody"},
        {"passage": 1, "code": ["a"], "quote": "Nobody"},
        {"passage": 1, "code": "a", "quote": "  "},
        {"passage": 1, "code": "a"},
        "a",
    ],
)
def test_what_is_made_up_is_dropped_and_counted(framework, row):
    good = {"passage": 1, "code": "a", "quote": "Nobody visited"}
    rows, dropped = suggested(framework, row, good)
    assert ([found.exact for found in rows], dropped) == (["Nobody visited"], 1)


@pytest.mark.parametrize("text", ["", "Sure! Here are the codes.", "[]", '{"codes": 3}', "{}"])
def test_an_answer_in_another_form_stops_the_work(framework, text):
    program = LanguageSuggester("language model 1", file_of(framework), lambda *_: text)
    with pytest.raises(RuleError, match="another form"):
        program.suggest([PassageText(0, WORDS[0], "Findings")])


def test_long_reports_are_asked_about_in_parts(framework):
    asked = []

    def ask(_, question):
        asked.append(len(json.loads(question)["passages"]))
        return '{"codes": []}'

    passages = [PassageText(at * 3_001, "x" * 3_000, "") for at in range(5)]
    LanguageSuggester("language model 1", file_of(framework), ask).suggest(passages)
    assert asked == [2, 2, 1]


# ---- what is sent, and to whom ----


def test_passages_of_a_public_report_are_sent_and_nothing_else(
    framework, server, administrator, report, settings
):
    settings.LANGUAGE_MODEL_KEY = "secret-key"
    server.answers["/chat"] = answer(
        {"passage": 1, "code": "a", "quote": "Nobody visited"},
        {"passage": 1, "code": "a", "quote": "made up"},
    )
    machine = connect(administrator, address_of(server))
    assert suggest(machine, report, framework) == 1
    ((headers, body),) = server.asked
    assert headers["Authorization"] == "Bearer secret-key"
    assert body["model"] == "small-7b"
    assert body["messages"][0]["content"] == instructions_for(file_of(framework))
    assert json.loads(body["messages"][1]["content"]) == {"passages": list(WORDS)}
    row, run = Suggestion.objects.get(), SuggestionRun.objects.get()
    assert (row.suggester, row.exact, row.score) == ("language model 1", "Nobody visited", None)
    assert (run.suggested, run.dropped) == (1, 1)


@pytest.mark.parametrize("level", ["report", "review"])
@pytest.mark.parametrize("state", [State.RECEIVED, State.INTERNAL, State.EMBARGOED])
def test_unpublished_text_is_never_sent(framework, server, administrator, report, level, state):
    record = report if level == "report" else report.review
    record.state = state
    record.save()
    machine = connect(administrator, address_of(server))
    with pytest.raises(RuleError, match="no unpublished text is sent"):
        suggest(machine, report, framework)
    assert server.asked == []


def test_a_redirect_is_not_followed(framework, server, administrator, report):
    target = address_of(server, "/other")
    server.answers["/chat"] = (307, {"Location": target}, b"")
    server.answers["/other"] = answer()
    with pytest.raises(RuleError, match="no redirect is followed"):
        suggest(connect(administrator, address_of(server)), report, framework)
    assert len(server.asked) == 1


def test_an_address_on_the_own_network_is_refused_unless_the_administrator_said_so(
    framework, server, administrator, report
):
    machine = connect(administrator, address_of(server), private=False)
    with pytest.raises(RuleError, match="is not on the public internet"):
        suggest(machine, report, framework)
    assert server.asked == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x" * (MOST_BYTES + 1), "more than 500,000 bytes"),
        (b"no JSON", "speaks another language"),
        (b'{"choices": []}', "speaks another language"),
        (b'{"choices": [{"message": {"content": null}}]}', "speaks another language"),
    ],
)
def test_an_answer_that_is_too_large_or_no_answer_is_refused(server, content, message):
    server.answers["/chat"] = (200, {}, content)
    connection = {"address": address_of(server), "model": "m", "private": True}
    with pytest.raises(RuleError, match=message):
        asker(connection, "", lambda: None)("", "")


def test_an_error_of_the_server_and_silence_are_refused(server):
    connection = {"address": address_of(server, "/none"), "model": "m", "private": True}
    with pytest.raises(RuleError, match="answered 404"):
        asker(connection, "", lambda: None)("", "")
    slow = {**connection, "address": address_of(server, "/slow")}
    with pytest.raises(RuleError, match="did not answer properly"):
        asker(slow, "", lambda: None, seconds=0.1)("", "")


def test_in_the_background_the_reason_of_a_refusal_is_stored(
    framework, server, administrator, report
):
    report.state = State.INTERNAL
    report.save()
    lead = make_person(Role.ANALYST)
    services.request_suggestions(
        by=lead,
        machine=connect(administrator, address_of(server)),
        framework=framework,
        reviews=[report.review],
        now=NOON,
    )
    assert suggest_next(lambda: NOON)
    assert "no unpublished text is sent" in SuggestionRun.objects.get().refused
    assert server.asked == []


def test_the_lease_of_a_report_is_renewed_before_each_question(
    framework, server, administrator, monkeypatch
):
    """Two questions at 20 and 40 minutes: the lease of 30 minutes then lasts until 70 minutes."""
    monkeypatch.setattr(language_model, "MOST_CHARACTERS", 30)
    server.answers["/chat"] = answer()
    report = make_report(make_review("P1"), *WORDS)
    services.request_suggestions(
        by=make_person(Role.ANALYST),
        machine=connect(administrator, address_of(server)),
        framework=framework,
        reviews=[report.review],
        now=NOON,
    )
    minutes = iter((0, 0, 20, 40))
    leases = []

    def clock():
        leases.append(SuggestionRun.objects.get().lease_until)
        return NOON + timedelta(minutes=next(minutes))

    assert suggest_next(clock)
    assert len(server.asked) == 2
    assert leases[-2:] == [NOON + timedelta(minutes=30), NOON + timedelta(minutes=50)]
    run = SuggestionRun.objects.get()
    assert (run.refused, run.passages, run.lease_until) == ("", 2, None)


def test_a_report_is_asked_for_again_after_an_error_of_the_server(
    framework, server, administrator, report
):
    asked = {
        "by": make_person(Role.ANALYST),
        "machine": connect(administrator, address_of(server)),
        "framework": framework,
        "reviews": [report.review],
        "now": NOON,
    }
    server.answers["/chat"] = (500, {}, b"")
    services.request_suggestions(**asked)
    assert suggest_next(lambda: NOON)
    assert "answered 500" in SuggestionRun.objects.get().refused
    server.answers["/chat"] = answer({"passage": 1, "code": "a", "quote": "Nobody visited"})
    assert services.request_suggestions(**asked) == 1
    assert suggest_next(lambda: NOON)
    run = SuggestionRun.objects.get()
    assert (run.refused, run.suggested) == ("", 1)


# ---- off by default ----


def test_language_models_are_off_by_default(framework, administrator, report, settings, server):
    machine = connect(administrator, address_of(server))
    settings.LANGUAGE_MODELS = False
    with pytest.raises(RuleError, match="language models are off"):
        connect(administrator, "https://models.example/chat")
    with pytest.raises(RuleError, match="language models are off"):
        suggest(machine, report, framework)
    assert server.asked == []
    from waymark import settings as defaults

    assert defaults.LANGUAGE_MODELS is False


@pytest.mark.parametrize(
    "address",
    [
        "http://models.example/chat",
        "ftp://models.example/chat",
        "https://ann:secret@models.example/chat",
        "https://models.example/chat?key=secret",
        "https://models.example:0/chat",
        "https:///chat",
        "https://models.example/a b",
        "",
    ],
)
def test_an_address_that_is_not_safe_is_refused(administrator, address):
    with pytest.raises(RuleError, match="address"):
        connect(administrator, address)
    assert MachineCoder.objects.count() == 0


def test_an_administrator_enters_the_address_on_a_page_and_nobody_else(administrator, settings):
    client = Client()
    client.force_login(administrator)
    page = reverse("connect-language-model")
    assert page in client.get(reverse("suggesters")).content.decode()
    sent = {"address": "https://models.example/v1/chat", "model": "small-7b"}
    assert client.post(page, {**sent, "address": "http://models.example"}).status_code == 400
    shown = client.post(page, sent, follow=True).content.decode()
    assert "small-7b at https://models.example/v1/chat" in " ".join(shown.split())
    lead = Client()
    lead.force_login(make_person(Role.ANALYST))
    assert lead.get(page).status_code == 403
    settings.LANGUAGE_MODELS = False
    assert client.get(page).status_code == 404
    assert page not in client.get(reverse("suggesters")).content.decode()
