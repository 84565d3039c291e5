"""Pages and texts without bound: refused within seconds of work, or read in as little."""

import time

import pytest

from waymark.core.errors import FileRefused
from waymark.documents import parsers
from waymark.documents.reading.values import ReadingLimits

LIMITS = ReadingLimits()
SECONDS = 5.0  # of processor time
DEEP = "nests its parts too deeply"
REFUSED = {
    "nested 100,000 deep": ("a.html", "<body>" + "<div>" * 100_000, DEEP),
    "nested with wrong ends": ("a.html", "<body>" + "<div></x>" * 100_000, DEEP),
    "unended formats": ("a.html", "".join(f"<p><font color={n}>x" for n in range(3_000)), DEEP),
    "500,000 tags": ("a.html", "<body>" + "<i>a</i> " * 250_000, "has more than 400,000 tags"),
    "60,000 paragraphs": ("a.html", "<p>a b" * 60_000, "contains more than 20,000 passages"),
    "2,000,000 words": (
        "a.html",
        "<p>" + "word " * 2_000_000,
        "contains more than 1,000,000 words",
    ),
    "6,000 hidden parts": (
        "a.html",
        "<b hidden>a</b>c" * 6_000,
        "contains more than 5,000 places with hidden text",
    ),
    "40,000 attributes": (
        "a.html",
        f"<p {' '.join(f'a{n}' for n in range(40_000))}>x",
        "has an element with thousands of attributes",
    ),
    "a text of 60,000 paragraphs": (
        "a.txt",
        "a b\n\n" * 60_000,
        "contains more than 20,000 passages",
    ),
    "a text of 2,000,000 words": (
        "a.txt",
        "word " * 2_000_000,
        "contains more than 1,000,000 words",
    ),
    "a text of one word": ("a.txt", "A." * 4_500_000, "contains more than 8,000,000 characters"),
    "a long line of Markdown": (
        "a.md",
        "[" * 200_000,
        "has more than 2,097,152 characters, or 50,000 in one line",
    ),
}


def work_to_read(folder, name, content):
    path = folder / name
    path.write_text(content)
    begun = time.process_time()
    try:
        parsers.read_file(path, name, LIMITS)
    except FileRefused as refused:
        return refused.reason, time.process_time() - begun
    return "", time.process_time() - begun


@pytest.mark.parametrize(("name", "content", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_page_or_text_without_bound_is_refused_within_seconds(tmp_path, name, content, reason):
    found, seconds = work_to_read(tmp_path, name, content)
    assert found == reason
    assert seconds < SECONDS


RULES = "div div div div div div div div div p { color: red }"
READ = {
    "selectors that match in many ways": (
        "a.html",
        f"<style>{RULES * 200}</style>{'<div>' * 300}{'<p>a b' * 1_000}",
    ),
    "selectors of siblings": (
        "a.html",
        f"<style>{'p ~ p ~ b {color:red}' * 200}</style>{'<p>a b' * 3_000}",
    ),
    "comments of style sheets without end": ("a.html", f"<style>{'/*' * 500_000}</style><p>a"),
    "comments without end": ("a.html", f"<p>a{'<!--' * 500_000}"),
    "a long value": ("a.html", f"<p style='font:{'1' * 15_000}'>a" * 500),
    "spaces": ("a.html", f"<p>a{' ' * 2_000_000}b"),
    "spaces of a text": ("a.txt", f"a{' ' * 2_000_000}b"),
    "form feeds": ("a.txt", "\fa" * 15_000),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content"), READ.values(), ids=READ)
def test_a_page_that_is_costly_to_look_at_is_read_within_seconds(tmp_path, name, content):
    reason, seconds = work_to_read(tmp_path, name, content)
    assert reason == ""
    assert seconds < SECONDS
