"""Nothing is shown that has not been protected."""

import re
from pathlib import Path

import pytest

import waymark
from tests.overview.small import tables
from waymark.core.errors import RuleError
from waymark.core.tables import ProtectedTable
from waymark.overview.disclosure.protect import protect_tables


def test_the_open_profile_shows_every_number_and_says_so():
    (made,) = protect_tables([tables()["T3"]], profile="open")
    assert made.table.rows == tables()["T3"].rows
    assert made.table.notes[-1] == "Disclosure profile open: no figures are withheld."


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
def test_a_table_alone_cannot_be_protected_under_another_profile(profile):
    with pytest.raises(RuleError, match=f"{profile} protects a release as a whole"):
        protect_tables([tables()["T3"]], profile=profile)


def test_a_profile_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(
        RuleError, match=r"no disclosure profile k9\. Choose one of: open, k3, k5, r5"
    ):
        protect_tables([tables()["T3"]], profile="k9")


def test_a_protected_table_cannot_be_made_by_hand():
    with pytest.raises(RuleError, match="never by hand"):
        ProtectedTable(tables()["T3"], "open", object())


def test_marks_in_use_are_explained_and_no_others():
    small, flow = protect_tables([tables()["T4"], tables()["T1"]], profile="open")
    assert small.shorthand == (("[z]", "not applicable"),)
    assert flow.shorthand == ()


def test_only_disclosure_control_has_the_seal_of_protected_tables():
    source = Path(waymark.__file__).parent
    importing = re.compile(
        r"^\s*(from waymark\.core\.tables import .*\bSEAL\b|.*tables\.SEAL\b)", re.M
    )
    users = {
        file.relative_to(source).as_posix()
        for file in source.rglob("*.py")
        if importing.search(file.read_text("utf-8"))
    }
    assert users == {"overview/disclosure/protect.py"}
