"""Store which passages the numbers of an edition count, so that a passage's page need not count.

The rows follow from an edition, which never changes. Who may see them is asked when they are read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import islice

from waymark.overview.tables.lineage import CellUse
from waymark.publishing.models import CountedCell, CountedPassage, Publication

PassageUses = Mapping[str, tuple[CellUse, ...]]
"""Citation key -> the cells that count it, in the order of the tables."""
BATCH = 5_000
"""Passages that are written at a time: all of a large edition would take much memory."""


def store_uses(publication: Publication, uses: PassageUses) -> None:
    """Store the cells that count each passage of an edition, in the caller's transaction."""
    each_once = dict.fromkeys(use for cells in uses.values() for use in cells)
    cells = CountedCell.objects.bulk_create(
        [CountedCell(publication=publication, **asdict(use)) for use in each_once]
    )
    numbers = {use: cell.pk for use, cell in zip(each_once, cells, strict=True)}
    _create_in_batches(
        CountedPassage(publication=publication, key=key, cells=[numbers[use] for use in its_cells])
        for key, its_cells in uses.items()
    )
    publication.uses_stored = True
    publication.save(update_fields=["uses_stored"])


def _create_in_batches(passages: Iterable[CountedPassage]) -> None:
    rows = iter(passages)
    while batch := list(islice(rows, BATCH)):
        CountedPassage.objects.bulk_create(batch)
