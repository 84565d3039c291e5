"""Who holds the rights and the terms of reuse: kept by every format that can say it."""

import json

import pytest
from lxml import etree

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.library.exchange.formats import read_as
from waymark.library.exchange.oai.harvester import read_oai
from waymark.library.exchange.readers.rights import rights_in
from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writers import WRITINGS
from waymark.library.exchange.writers.dublin_core import dublin_core_element, dublin_core_terms
from waymark.library.exchange.writers.schema_org import schema_org_node
from waymark.library.queries.imports import _with_hashes

HOLDER = "Northshire Board"
OLD = "41ea607855dd0ac4a5e748fb5fa35d477a644f10c322a3da8ad4871f2d0841e5"
BOTH = RecordData(
    "guidance", "A title", publisher="A press", rights_holder=HOLDER, licence="CC-BY-4.0"
)
UNKNOWN = RecordData("guidance", "A title", publisher="A press")
WORDS = RecordData("guidance", "A title", rights_holder=HOLDER, licence="For teaching only")


def read_back(name, ending, record):
    (candidate,) = read_as(name, WRITINGS[ending].write([record])).candidates
    return candidate.data.rights_holder, candidate.data.licence


@pytest.mark.parametrize(
    ("name", "ending"),
    [("ris", "ris"), ("bibtex", "bib"), ("marc", "mrc"), ("marcxml", "marc.xml")],
)
def test_what_one_library_writes_another_reads(name, ending):
    assert read_back(name, ending, BOTH) == (HOLDER, "CC-BY-4.0")
    assert read_back(name, ending, WORDS) == (HOLDER, "For teaching only")
    assert read_back(name, ending, UNKNOWN) == ("", "")


@pytest.mark.parametrize("column", ["licence", "license", "rights"])
def test_a_table_has_columns_for_both(column):
    table = f"title,rights_holder,{column}\nA title,{HOLDER},cc by 4.0\n".encode()
    (candidate,) = read_as("csv", table).candidates
    assert (candidate.data.rights_holder, candidate.data.licence) == (HOLDER, "CC-BY-4.0")


def harvested(record):
    inside = etree.tostring(dublin_core_element(record)).decode()
    (candidate,) = read_oai(
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header>'
        "<identifier>oai:a:1</identifier></header><metadata>"
        f"{inside}</metadata></record></ListRecords></OAI-PMH>".encode()
    ).candidates
    return candidate.data.rights_holder, candidate.data.licence


def test_dublin_core_says_both_and_the_address_of_the_licence():
    rights = [value for name, value in dublin_core_terms(BOTH) if name == "rights"]
    assert rights == [
        "Rights holder: Northshire Board",
        "Licence: CC-BY-4.0",
        "https://creativecommons.org/licenses/by/4.0/",
        FORBIDDEN_USES_IN_FULL,
    ]
    assert harvested(BOTH) == (HOLDER, "CC-BY-4.0")
    assert harvested(UNKNOWN) == ("", "")


def test_schema_org_says_both():
    node = schema_org_node(BOTH)
    assert node["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert node["copyrightHolder"] == {"@type": "Organization", "name": HOLDER}
    assert schema_org_node(WORDS)["license"] == "For teaching only"
    assert not {"license", "copyrightHolder"} & set(
        json.loads(json.dumps(schema_org_node(UNKNOWN)))
    )


@pytest.mark.parametrize(
    ("texts", "holder", "licence"),
    [
        (["\u00a9 Crown copyright 2015"], "Crown copyright 2015", ""),
        (["Copyright: A Board", "licensed under CC BY 4.0"], "A Board", "CC-BY-4.0"),
        (["http://creativecommons.org/licenses/by/4.0/"], "", "CC-BY-4.0"),
        (["May be copied for teaching."], "", "May be copied for teaching."),
        ([FORBIDDEN_USES_IN_FULL], "", ""),
        (["Licence: A", "Licence: B"], "", "A"),
    ],
)
def test_statements_of_other_libraries_are_told_apart(texts, holder, licence):
    assert rights_in(texts) == {"rights_holder": holder, "licence": licence}


def test_a_note_about_something_else_is_not_taken_for_terms():
    assert rights_in(["Read on 3 May."], stated_only=True)["licence"] == ""


def test_a_record_that_an_earlier_version_imported_is_known_again():
    """The hash of a record without rights is the one that earlier versions stored."""
    (candidate,) = read_as("csv", b"title\nA title\n").candidates
    assert _with_hashes(candidate).content == OLD
