"""Frozen rows: one way to write them, one hash."""

import json
from dataclasses import replace

import pytest

from tests.overview.small import rows
from waymark.core.errors import RuleError
from waymark.overview.snapshot import digest, from_json, frozen, to_json


def parts(made):
    names = ("reviews", "children", "judgements", "codes", "double_coded", "recommendations")
    return {name: list(getattr(made, name)) for name in names}


def test_rows_come_back_from_their_json_as_they_were():
    assert from_json(to_json(rows())) == rows()


def test_rows_frozen_before_recommendations_were_kept_are_still_read():
    plain = json.loads(to_json(rows()))
    del plain["recommendations"]
    assert from_json(json.dumps(plain).encode()) == replace(rows(), recommendations=())


def test_the_order_in_which_rows_come_does_not_change_the_hash():
    turned = {name: reversed(part) for name, part in parts(rows()).items()}
    again = frozen(
        framework=rows().framework,
        framework_sha256=rows().framework_sha256,
        spec=rows().spec,
        **turned,
    )
    assert digest(to_json(again)) == digest(to_json(rows()))


def test_another_spec_or_one_other_value_gives_another_hash():
    changed = replace(rows().judgements[0], value="2002")
    others = [
        replace(rows(), spec="other"),
        replace(rows(), judgements=(changed, *rows().judgements[1:])),
    ]
    assert len({digest(to_json(one)) for one in [rows(), *others]}) == 3


def test_rows_of_reviews_that_do_not_count_are_not_kept():
    kept = {row.review for row in (*rows().judgements, *rows().children)}
    assert kept == {"A1", "A2", "A3", "A4"}


def test_rows_of_another_format_are_refused():
    other = json.dumps(json.loads(to_json(rows())) | {"format": "waymark-rows 0"}).encode()
    with pytest.raises(RuleError, match="not of the format"):
        from_json(other)
