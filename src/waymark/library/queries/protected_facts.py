"""Agreed facts that searches must not tell: those of reviews whose numbers an overview protects.

A search for a theme or for the nature of the incident lists the reviews that an overview only
counts. Where it withholds small numbers, such a list would name the reviews in them.
"""

from collections.abc import Collection
from dataclasses import replace

from waymark.accounts.permissions import Actor, has_permission
from waymark.library.models import CatalogueRecord, unindexed_records
from waymark.library.search.tree import FieldNode, QueryTree, fields_in, replace_fields
from waymark.publishing.queries.protected import reviews_with_protected_numbers

FACT_FIELDS = frozenset({"theme", "nature"})
"""Fields of a query that ask for agreed codes and facts. The year of a review is no secret."""
FACT_FACETS = frozenset({"theme", "nature", "agency", "factor", "age"})
"""Filters by agreed codes and facts. The index has none of a review that is protected."""


def records_without_facts(person: Actor) -> frozenset[int]:
    """Records of the reviews whose agreed codes and facts must not be told to a person."""
    if has_permission(person, "see protected numbers"):
        return frozenset()
    return _records_of(reviews_with_protected_numbers())


def protected_facts_in_index(person: Actor) -> frozenset[int]:
    """Records that the index may still find by facts that must not be told to a person.

    They have become protected since they were indexed, so they wait to be indexed again.
    """
    behind = unindexed_records().filter(indexed_at__isnull=False)
    waiting = frozenset(behind.values_list("pk", flat=True))
    return waiting & records_without_facts(person) if waiting else frozenset()


def _records_of(references: Collection[str]) -> frozenset[int]:
    if not references:
        return frozenset()
    records = CatalogueRecord.objects.filter(review__reference__in=references)
    return frozenset(records.values_list("pk", flat=True))


def without_protected_facts(tree: QueryTree | None, person: Actor) -> QueryTree | None:
    """The query with the fields of agreed facts limited to what may be told to a person."""
    if tree is None or FACT_FIELDS.isdisjoint(fields_in(tree)):
        return tree
    withheld = records_without_facts(person)

    def change(field: FieldNode) -> FieldNode:
        return replace(field, without=withheld) if field.name in FACT_FIELDS else field

    return replace_fields(tree, change) if withheld else tree
