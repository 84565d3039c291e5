"""Files: a validator, one range of bytes, and what is not a range."""

import pytest
from django.test import RequestFactory

from waymark.web.middleware.compression import TextCompression
from waymark.web.shared.file_answers import file_answer

# Closing an answer ends a request, and Django then looks at its connections.
pytestmark = pytest.mark.django_db

CONTENT = bytes(range(100)) * 10  # 1,000 bytes: byte i is i modulo 100


@pytest.fixture(params=["bytes", "path"])
def content(request, tmp_path):
    if request.param == "bytes":
        return CONTENT
    (tmp_path / "file.pdf").write_bytes(CONTENT)
    return tmp_path / "file.pdf"


def ask(content, method="get", **headers):
    request = getattr(RequestFactory(), method)("/file.pdf", **headers)
    return file_answer(request, content, name="file.pdf", media_type="application/pdf")


def body(answer):
    sent = b"".join(answer) if answer.streaming else answer.content
    answer.close()
    return sent


def test_a_whole_file_says_that_parts_may_be_asked_for(content):
    answer = ask(content)
    assert (answer.status_code, body(answer)) == (200, CONTENT)
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="file.pdf"'
    assert answer["ETag"].startswith('"')


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=990-", 990, 999),
        ("bytes=-10", 990, 999),
        ("bytes=-5000", 0, 999),
        ("bytes=995-5000", 995, 999),
        ("bytes=0-0", 0, 0),
    ],
)
def test_one_range_gets_exactly_its_bytes(content, asked, first, last):
    answer = ask(content, HTTP_RANGE=asked)
    assert (answer.status_code, body(answer)) == (206, CONTENT[first : last + 1])
    assert answer["Content-Range"] == f"bytes {first}-{last}/1000"
    if answer.has_header("Content-Length"):
        assert answer["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_outside_the_file_is_refused_with_its_size(content, asked):
    answer = ask(content, HTTP_RANGE=asked)
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */1000")


@pytest.mark.parametrize(
    "asked", ["bytes=0-9,20-29", "bytes=9-0", "bytes=-", "bytes=a-b", "lines=0-9", "bytes 0-9"]
)
def test_several_ranges_and_what_is_no_range_get_the_whole_file(content, asked):
    answer = ask(content, HTTP_RANGE=asked)
    assert (answer.status_code, body(answer)) == (200, CONTENT)
    assert not answer.has_header("Content-Range")


def test_the_rest_of_other_bytes_is_not_sent_as_a_part(content):
    tag = ask(CONTENT)["ETag"]
    part = ask(content, HTTP_RANGE="bytes=0-9", HTTP_IF_RANGE=tag)
    assert (part.status_code, body(part)) == (206, CONTENT[:10])
    for other in ('"other"', f"W/{tag}", "Sun, 29 Nov 2026 12:00:00 GMT"):
        answer = ask(content, HTTP_RANGE="bytes=0-9", HTTP_IF_RANGE=other)
        assert (answer.status_code, body(answer)) == (200, CONTENT)


def test_a_browser_that_has_the_file_gets_no_bytes(content):
    tag = ask(CONTENT)["ETag"]
    for known in (tag, f"W/{tag}", f'"a", {tag}'):
        answer = ask(content, HTTP_IF_NONE_MATCH=known, HTTP_RANGE="bytes=0-9")
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer["ETag"] == tag
    assert body(ask(content, HTTP_IF_NONE_MATCH='"other"')) == CONTENT


def test_the_head_of_a_file_is_of_the_whole(content):
    answer = ask(content, "head", HTTP_RANGE="bytes=0-9")
    assert (answer.status_code, body(answer)) == (200, CONTENT)


def test_a_part_of_a_text_is_not_compressed():
    request = RequestFactory().get("/", HTTP_RANGE="bytes=0-499", HTTP_ACCEPT_ENCODING="gzip")
    answer = TextCompression(
        lambda request: file_answer(request, b"a" * 1000, name="a.csv", media_type="text/csv")
    )(request)
    assert (answer.status_code, answer.content) == (206, b"a" * 500)
    assert not answer.has_header("Content-Encoding")
