"""Frozen rows: one way to write them, one hash."""

import json
import zlib
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any

import pyarrow
import pytest

from tests.overview.small import rows
from waymark.core.errors import RuleError
from waymark.core.evidence import CodeRow, JudgementRow, Quote, RecommendationRow
from waymark.overview.snapshot.file_format import digest_of, pack_rows, unpack_rows
from waymark.overview.snapshot.rows import AnsweredQuery, freeze_rows


def test_reviews_read_from_an_earlier_version_are_kept_and_other_rows_have_their_hash():
    mixed = replace(rows(), earlier=(("small 0.9.0", 2),))
    assert unpack_rows(pack_rows(mixed).content).earlier == (("small 0.9.0", 2),)
    assert unpack_rows(pack_rows(rows()).content).earlier == ()
    assert (
        pack_rows(mixed).sha256
        != pack_rows(rows()).sha256
        == pack_rows(replace(mixed, earlier=())).sha256
    )


def old_json(row: Any) -> Any:
    """A row as the first format wrote it: a mapping of its fields, of a quote with its key."""
    match row:
        case Quote():
            return {name: getattr(row, name) for name in ("key", "report", "page", "exact")}
        case JudgementRow() | CodeRow() | RecommendationRow():
            plain = {name: old_json(value) for name, value in row._asdict().items()}
            del plain["places"]
            plain.pop("qualifiers", None)
            return plain | {"quotes": old_json(row.quotes)}
        case tuple() | list():
            return [old_json(item) for item in row]
        case frozenset():
            return sorted(row)
        case str() | int() | None:
            return row
    names = [field.name for field in fields(row) if not field.name.startswith("months_")]
    return {name: old_json(getattr(row, name)) for name in names}


def frozen_long_ago(**changed: Any) -> bytes:
    plain = {"format": "waymark-rows 1", **old_json(rows()), **changed}
    return zlib.compress(json.dumps({k: v for k, v in plain.items() if v is not None}).encode())


def zstd_decompressed(content: bytes) -> bytes:
    """As another reader of the format has it: pyarrow carries a Zstandard of its own."""
    return pyarrow.input_stream(pyarrow.BufferReader(content), compression="zstd").read()


def frozen_before_letters_were_kept_whole(result) -> bytes:
    """As the second format wrote it: by zlib, and with letters outside ASCII escaped."""
    head, *lines = map(json.loads, zstd_decompressed(pack_rows(result).content).splitlines())
    plain = [{**head, "format": "waymark-rows 2"}, *lines]
    return zlib.compress("".join(f"{json.dumps(line)}\n" for line in plain).encode())


def parts(result):
    names = ("reviews", "children", "judgements", "codes", "double_coded", "recommendations")
    return {name: list(getattr(result, name)) for name in names}


def test_rows_come_back_as_they_were_written():
    requested = replace(rows(), answered=AnsweredQuery("a OR b", "a or b", ("A1", "A2")))
    assert unpack_rows(pack_rows(rows()).content) == rows()
    assert unpack_rows(pack_rows(requested).content) == requested


def test_what_is_written_is_one_line_of_json_a_review_and_its_hash_is_that_of_the_lines():
    stored = pack_rows(rows())
    written = zstd_decompressed(stored.content)
    head, *lines = map(json.loads, written.decode().splitlines())
    assert head["format"] == "waymark-rows 3"
    assert [review[0] for review, *_ in lines] == [row.reference for row in rows().reviews]
    assert stored.sha256 == digest_of(stored.content) == sha256(written).hexdigest()


def test_more_than_is_compressed_at_a_time_is_written_and_read_whole():
    long = replace(rows(), spec="a spec\n" * 400_000)
    assert unpack_rows(pack_rows(long).content) == long


def test_months_and_qualifiers_come_back_and_rows_without_them_are_written_as_before():
    first, *others = rows().codes
    marked = first._replace(qualifiers=(("valence=strength",), ()))
    review = replace(rows().reviews[0], months_to_report=9)
    changed = replace(rows(), codes=(marked, *others), reviews=(review, *rows().reviews[1:]))
    assert unpack_rows(pack_rows(changed).content) == changed
    before, after = (
        [json.loads(line) for line in zstd_decompressed(pack_rows(item).content).splitlines()[1:]]
        for item in (rows(), changed)
    )
    assert [len(line[0]) for line in before] == [6] * 7
    assert [len(line[0]) for line in after] == [8, *[6] * 6]
    assert {len(code) for line in before for code in line[3]} == {4}
    assert after[0][3][0][4] == [["valence=strength"], []]


def test_rows_of_the_first_format_are_still_read():
    assert unpack_rows(frozen_long_ago()) == rows()


def test_rows_of_the_second_format_are_still_read_with_all_their_letters():
    result = replace(rows(), spec="title: Réamhscéal \N{EN DASH} a review")
    stored = frozen_before_letters_were_kept_whole(result)
    assert b"\\u2013" in zlib.decompress(stored)
    assert unpack_rows(stored) == result
    assert digest_of(stored) == sha256(zlib.decompress(stored)).hexdigest()


@pytest.mark.parametrize(
    "way", [frozen_before_letters_were_kept_whole, lambda frozen: pack_rows(frozen).content]
)
def test_rows_that_are_damaged_are_refused_wherever_the_damage_lies(way):
    stored = way(replace(rows(), spec="a spec\n" * 400_000))
    turned = bytearray(stored)
    turned[len(stored) // 2] ^= 0xFF
    for damaged in (stored[:-9], bytes(turned), b"", b"rows"):
        with pytest.raises(RuleError, match="damaged: restore the database"):
            digest_of(damaged)
        with pytest.raises(RuleError, match="damaged: restore the database"):
            unpack_rows(damaged)


def test_rows_frozen_before_recommendations_were_kept_are_still_read():
    stored = frozen_long_ago(recommendations=None)
    assert unpack_rows(stored) == replace(rows(), recommendations=())


def test_the_order_in_which_rows_come_does_not_change_the_hash():
    turned = {name: reversed(part) for name, part in parts(rows()).items()}
    again = freeze_rows(
        framework=rows().framework,
        framework_sha256=rows().framework_sha256,
        spec=rows().spec,
        **turned,
    )
    assert pack_rows(again) == pack_rows(rows())


def test_another_spec_or_one_other_value_gives_another_hash():
    changed = rows().judgements[0]._replace(value="2002")
    others = [
        replace(rows(), spec="other"),
        replace(rows(), judgements=(changed, *rows().judgements[1:])),
    ]
    assert len({pack_rows(item).sha256 for item in [rows(), *others]}) == 3


def test_rows_of_reviews_that_do_not_count_are_not_kept():
    stored = {row.review for row in (*rows().judgements, *rows().children)}
    assert stored == {"A1", "A2", "A3", "A4"}


def test_rows_of_another_format_are_refused():
    with pytest.raises(RuleError, match="not in the format"):
        unpack_rows(frozen_long_ago(format="waymark-rows 0"))
