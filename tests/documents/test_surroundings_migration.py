"""Possible identifiers stored without surroundings get marks from the text of their report."""

from tests.factories import NOON
from waymark.documents.anonymity.surroundings import surroundings_of

BEFORE, AFTER = "0011_words_around_identifiers", "0012_mark_words_around_identifiers"
TEXT = "A nurse met Tomasz at home."


def test_marks_are_made_where_all_mentions_are_known(tables_at):
    def table(name):
        return apps.get_model("documents", name).objects

    apps = tables_at("documents", BEFORE)
    report = table("Report").create(
        key="0" * 12,
        review=table("Review").create(reference="R1", title="R1", added_at=NOON),
        original=table("Original").create(
            sha256="0" * 64, media_type="text/plain", size=1, stored_at=NOON
        ),
        page_count=1,
        received_at=NOON,
    )
    table("ReportText").create(report=report, content=TEXT)
    fields = {"report": report, "kind": "person", "reason": "", "places": [[12, 18]]}
    identifiers = [
        table("AnonymityAlert").create(**fields, words="Tomasz", folded="tomasz", count=1),
        table("AnonymityAlert").create(**fields, words="More", folded="more", count=201),
        table("AnonymityAlert").create(
            **{**fields, "places": []}, words="Named", folded="named", count=1, source="file name"
        ),
    ]
    apps = tables_at("documents", AFTER)
    marks = [
        table("AnonymityAlert").get(pk=identifier.pk).surroundings for identifier in identifiers
    ]
    assert marks == [[surroundings_of(TEXT, 12, 18)], None, None]
