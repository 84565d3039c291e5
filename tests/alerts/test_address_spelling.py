"""One spelling of an email address, so that nobody subscribes twice and nobody for another."""

import pytest

from waymark.alerts.address_spelling import address_key, mailbox_of
from waymark.core.errors import ParseError


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("ann@a.example", "ann@a.example"),
        (" Ann.Lee@A.Example\t", "ann.lee@a.example"),
        ("ann@a.example.", "ann@a.example"),
        ("Ann+Alerts@a.example", "ann+alerts@a.example"),
        ("ann@büro.example", "ann@xn--bro-hoa.example"),
        ("ann@BÜRO.example", "ann@xn--bro-hoa.example"),
        ("ann@bu\u0308ro.example", "ann@xn--bro-hoa.example"),
        ("ann@xn--bro-hoa.example", "ann@xn--bro-hoa.example"),
        ("ann@a。example", "ann@a.example"),
        ("o'neill@a.example", "o'neill@a.example"),
    ],
)
def test_one_address_has_one_spelling(typed, key):
    assert address_key(typed) == key
    assert address_key(key) == key


def test_dots_and_tags_are_other_mailboxes():
    assert address_key("a.lee@a.example") != address_key("alee@a.example")
    assert address_key("ann+x@a.example") != address_key("ann@a.example")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ann",
        "@a.example",
        "ann@",
        "ann@localhost",
        "ann@a..example",
        "ann.@a.example",
        ".ann@a.example",
        "an n@a.example",
        "änn@a.example",
        "ann@127.0.0.1",
        "ann@[127.0.0.1]",
        "ann@-a.example",
        "ann@straße.example",
        "ann@a.example\nBcc: all@a.example",
        "ann@a.example, ben@a.example",
        '"ann lee"@a.example',
        f"{'a' * 65}@a.example",
        f"a@{'.'.join(['b' * 60] * 5)}",
    ],
)
def test_what_no_email_can_be_sent_to_is_refused(typed):
    with pytest.raises(ParseError):
        address_key(typed)


def test_a_flood_of_one_mailbox_is_seen_through_tags_and_dots():
    spellings = ("ann.lee@a.example", "a.n.n.lee+1@a.example", "annlee+shop@a.example")
    assert {mailbox_of(spelling) for spelling in spellings} == {"annlee@a.example"}
    assert mailbox_of("+x@a.example") == "+x@a.example"
