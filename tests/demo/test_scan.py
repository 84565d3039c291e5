"""The demo's scan has its words in a layer, so the demo needs no text recognition."""

from waymark.demo.report_files import write_report
from waymark.demo.sources import read_collection, read_source, sources_folder
from waymark.documents.isolation.parent import read_isolated
from waymark.documents.reading.values import ReadingLimits


def test_the_scan_of_the_demo_is_read_without_tesseract(tmp_path):
    collection = read_collection(sources_folder())
    (scan,) = [listed for listed in collection.reports if listed.file == "scan"]
    source = read_source(sources_folder() / "reports" / f"{scan.review}.md")
    path = write_report(source, "scan", tmp_path)
    report = read_isolated(path, path.name, ReadingLimits())
    assert report.unread == ()
    assert {page.source for page in report.pages} == {"layer"}
