"""Ask a language model at the address that an administrator entered; nothing else is contacted.

The address speaks the chat interface that most servers of language models offer. The connection is
made as in alerts.feeds.fetching: the name is resolved once, every address is checked, and a private
one is refused unless the administrator said that the server is on the own network. No redirect is
followed. An answer has a limit of size and of time.
"""

import http.client
import json
import threading
from collections.abc import Callable
from contextlib import closing
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urlsplit

from waymark.alerts.feeds.fetching import (
    FetchFailed,
    checked_address,
    connection_to,
    shut_connection,
)
from waymark.core.errors import RuleError

MOST_BYTES = 500_000
MOST_SECONDS = 120.0
"""For one answer."""


def asker(
    connection: dict[str, Any], key: str, before: Callable[[], None], seconds: float = MOST_SECONDS
) -> Callable[[str, str], str]:
    """A function that sends instructions and a question, and returns the text of the answer.

    connection: of the MachineCoder. key: of the service, "" for none. before: called before each
    question; what it raises stops the work. Raises RuleError for whatever goes wrong.
    """

    def ask(instructions: str, question: str) -> str:
        before()
        body = {
            "model": connection["model"],
            "temperature": 0,
            "messages": [
                {"role": "system", "content": instructions},
                {"role": "user", "content": question},
            ],
        }
        return _answer_of(_post(connection, key, json.dumps(body).encode(), seconds))

    return ask


def _post(connection: dict[str, Any], key: str, body: bytes, seconds: float) -> bytes:
    parts = urlsplit(connection["address"])
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    headers |= {"Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    host = str(parts.hostname)
    try:
        ip = checked_address(host, _port(parts), [host] if connection.get("private") else ())
    except FetchFailed as error:
        raise RuleError(f"the language model cannot be reached: {error.problem}") from error
    until = monotonic() + seconds
    with closing(connection_to(parts, ip, seconds)) as line:
        # A server that sends a byte now and then meets no timeout of a step: end it from outside.
        watch = threading.Timer(seconds, shut_connection, [line])
        watch.daemon = True
        watch.start()
        try:
            line.request("POST", parts.path or "/", body, headers)
            with line.getresponse() as response:
                return _read(response, until)
        except (OSError, http.client.HTTPException, AttributeError, ValueError) as error:
            words = (str(error) or type(error).__name__)[:120]
            reason = "it took too long" if monotonic() >= until else words
            raise RuleError(f"the language model did not answer properly ({reason})") from error
        finally:
            watch.cancel()


def _read(response: http.client.HTTPResponse, until: float) -> bytes:
    if 300 <= response.status < 400:
        raise RuleError(
            "the address of the language model leads elsewhere, and no redirect is followed: enter"
            " the address at which it is"
        )
    if response.status != 200:
        raise RuleError(f"the server of the language model answered {response.status}")
    content = bytearray()
    while chunk := response.read1(65_536):
        content += chunk
        if len(content) > MOST_BYTES:
            raise RuleError(f"the language model answered more than {MOST_BYTES:,} bytes")
        if monotonic() >= until:
            raise RuleError("the language model did not answer properly (it took too long)")
    return bytes(content)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _answer_of(content: bytes) -> str:
    """The text of an answer. Raises RuleError for another form."""
    try:
        text = json.loads(content)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise RuleError("the server of the language model speaks another language") from error
    if not isinstance(text, str):
        raise RuleError("the server of the language model speaks another language")
    return text
