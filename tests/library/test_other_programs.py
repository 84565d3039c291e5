"""Our files of references, read by the programs that people use: Zotero, biber and citeproc."""

import json
import shutil
from pathlib import Path

import pytest
from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON

from tests.library.test_writing import ARTICLE, REPORT, REVIEW, said_by, written
from waymark.library.exchange.writers.citations import FOLDER

MODULES = Path(__file__).parents[2] / "node_modules"
NODE = Path(__file__).parents[2] / ".venv" / "bin" / "node"
TITLE = "The price of 50% & {braces}_and #hashes: A made-up study"


def test_the_translator_of_zotero_reads_our_ris():
    assert (MODULES / "zotero-translators").is_dir(), "run script/setup --dev"
    node = str(NODE) if NODE.exists() else "node"
    script = str(Path(__file__).parent / "zotero_ris.cjs")
    items = json.loads(
        said_by(node, script, str(MODULES), text=written("ris", REPORT, REVIEW, ARTICLE))
    )
    report, review, article = items
    assert [item["itemType"] for item in items] == ["report", "report", "journalArticle"]
    assert report["title"] == TITLE
    assert [(name["lastName"], name.get("firstName")) for name in report["creators"]] == [
        ("O'Neill", "Ana"),
        ("Śmith", "Bo"),
        ("Trust of Bees and Honey", None),
    ]
    # A name that Zotero does not divide.
    assert report["creators"][2]["fieldMode"] == 1
    assert report["abstractNote"] == "First part.\n\nSecond part. ER - TY - BOOK"
    names = ("institution", "date", "language", "DOI", "url", "tags")
    assert [report[name] for name in names] == [
        *("A Press", "2013", "cy", "10.1000/182", "https://press.test/a_b?c=1&d=2"),
        ["Neglect", "Information sharing"],
    ]
    assert (review["institution"], review["reportType"], review["date"]) == (
        *("A Board", "Case management review", "2004"),
    )
    names = ("publicationTitle", "volume", "issue", "pages")
    assert [article[name] for name in names] == [
        *("Journal of Made-up Studies", "41", "2", "242-260")
    ]


@pytest.mark.skipif(shutil.which("biber") is None, reason="biber is not on this machine")
def test_biber_reads_our_bibtex_and_finds_no_fault(tmp_path):
    """Its data model has no series and no ISBN for a report, which it keeps all the same."""
    source, target = tmp_path / "ours.bib", tmp_path / "read.bib"
    source.write_bytes(written("bib", REPORT, REVIEW, ARTICLE))
    log = said_by(
        "biber", "--tool", "--validate-datamodel", "--nolog", "-O", str(target), str(source),
        text=b"",
    ).decode()  # fmt: skip
    warnings = [line.partition("): ")[2] for line in log.splitlines() if "WARN" in line]
    assert [line for line in warnings if line] == [
        f"Invalid field '{name}' for entrytype 'report'" for name in ("isbn", "series")
    ]
    assert "ERROR" not in log
    read = target.read_text("utf-8")
    assert "AUTHOR = {O'Neill, Ana and Śmith, Bo and {Trust of Bees and Honey}}" in read
    assert "JOURNALTITLE = {Journal of Made-up Studies}" in read
    assert "PAGES = {242--260}" in read
    assert read.count("DATE = {") == 3


def test_citeproc_prints_our_csl_json():
    items = json.loads(written("csl.json", REPORT, REVIEW, ARTICLE))
    style = CitationStylesStyle(str(FOLDER / "apa.csl"), validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    for item in items:
        bibliography.register(Citation([CitationItem(item["id"])]))
    printed = {key: str(text) for key, text in zip(
        bibliography.keys, bibliography.bibliography(), strict=True
    )}  # fmt: skip
    report, review, article = (printed[item["id"].lower()] for item in items)
    assert "Neill, A." in report
    assert "50%" in report
    assert "2013" in report
    assert review.startswith("A Board")
    assert "Journal of Made-up Studies, 41(2), 242\u2013260" in article
