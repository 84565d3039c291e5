"""Possible identifiers stored without surroundings get marks from the text of their report."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import make_report, make_review
from waymark.documents.anonymity.surroundings import surroundings_of
from waymark.documents.models import PossibleIdentifier

pytestmark = pytest.mark.django_db(transaction=connection.vendor != "postgresql")
TEXT = "A nurse met Tomasz at home."


def test_marks_are_made_where_all_mentions_are_known():
    report = make_report(make_review(), TEXT)
    fields = {"report": report, "kind": "person", "reason": "", "places": [[12, 18]]}
    identifiers = [
        PossibleIdentifier.objects.create(**fields, words="Tomasz", folded="tomasz", count=1),
        PossibleIdentifier.objects.create(**fields, words="More", folded="more", count=201),
        PossibleIdentifier.objects.create(
            **{**fields, "places": []}, words="Named", folded="named", count=1, source="file name"
        ),
    ]
    executor = MigrationExecutor(connection)
    executor.migrate([("documents", "0011_words_around_identifiers")])
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    marks = [
        PossibleIdentifier.objects.get(pk=identifier.pk).surroundings for identifier in identifiers
    ]
    assert marks == [[surroundings_of(TEXT, 12, 18)], None, None]
