"""Which passwords are refused, with the reason, and which are not."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from waymark.accounts.models import User
from waymark.accounts.passwords import COMMON_FILE, _common_long

COMMON, OWN, SEQUENCE = "too common", "mostly the name", "mostly a repeat or a sequence"


@pytest.fixture
def ann(settings):
    settings.SITE_NAME = "Northshire Library"
    settings.ORGANISATION = "Northshire Learning Partnership"
    return User(username="ann.fictional", first_name="Ann Fictional", email="af@northshire.example")


def reasons(password, person):
    try:
        validate_password(password, person)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("password1234", COMMON),
        ("LetMeInLetMeIn", COMMON),
        ("1qaz2wsx3edc", COMMON),
        ("dreamcatcher", COMMON),
        ("!!Dragon2026!", COMMON),
        ("cheeseburger1", COMMON),
        ("Waymark2026!!", OWN),
        ("readerreader1", OWN),
        ("Administrator-1", OWN),
        ("northshire-library-1", OWN),
        ("northshirelearn", OWN),
        ("fictional2026ann", OWN),
        ("editor12345678", OWN),
        ("123456789012", SEQUENCE),
        ("aaaaaaaaaaaa", SEQUENCE),
        ("abcdefghijklm", SEQUENCE),
        ("lkjhgfdsalkjhgfdsa", SEQUENCE),
        ("qwertyuiop123456", SEQUENCE),
        ("xk4xk4xk4xk4xk4", SEQUENCE),
        ("xxkxxkxxkxxkxx", SEQUENCE),
        ("98765432109876", SEQUENCE),
    ],
)
def test_what_others_would_try_first_is_refused(ann, password, why):
    assert why in reasons(password, ann)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "four calm grey stones",
        "a quiet path uphill",
        "made by someone else",
        "waymark is a calm grey stone",
        "Tr4f&lgar!m9Qz",
        "kXv92_pLw8Rt5-aB",
        "äpfel und birnen im korb",
        "monkey 7f3k2x9q8z",
    ],
)
def test_a_long_password_of_ones_own_is_taken(ann, password):
    assert reasons(password, ann) == ""


def test_one_reason_is_not_given_twice(ann):
    assert reasons("password1234", ann).count(COMMON) == 1


def test_the_list_that_is_shipped_has_no_password_that_is_too_short_anyway():
    words = _common_long()
    assert COMMON_FILE.exists()
    assert len(words) == 874
    assert min(map(len, words)) == 12
    assert {word for word in words if word != word.lower()} == set()
