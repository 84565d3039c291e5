"""Tell those who received an alert that a record of the library in it was corrected."""

from datetime import datetime

from waymark.accounts.audit import serialized_in
from waymark.accounts.permissions import Actor
from waymark.alerts.queries.issues import items_of_record
from waymark.alerts.services.corrections import correct_with_record
from waymark.alerts.services.item_texts import ItemText
from waymark.library.models import CatalogueRecord
from waymark.pipeline.alerts.build_alerts import in_group, texts_of


@serialized_in("alerts")
def correct_record(*, by: Actor, record: CatalogueRecord, correction: str, now: datetime) -> int:
    """Correct the sent items of a record to what it says now; returns how many.

    An item that people wrote keeps its words. Raises NotPermitted, RuleError.
    """
    text = texts_of([record], now).get(record.pk)
    texts: dict[int, ItemText] = {}
    if text is not None:
        texts = {
            item.pk: in_group(text, item.group)
            for item in items_of_record(record)
            if not item.by_hand
        }
    return correct_with_record(by=by, record=record, texts=texts, correction=correction, now=now)
