"""Fill in when the public could first find a record, which was not stored before.

A record that is public already counts as available since it was added, or since its embargo ended.
"""

from django.db import migrations
from django.utils import timezone

ROWS = 500


def when_records_became_available(apps, schema_editor):
    records = apps.get_model("library", "CatalogueRecord").objects.using(
        schema_editor.connection.alias
    )
    now = timezone.now()
    last = 0
    while True:
        batch = list(
            records.filter(available_at=None, pk__gt=last)
            .select_related("review", "resource")
            .order_by("pk")[:ROWS]
        )
        if not batch:
            return
        last = batch[-1].pk
        for record in batch:
            thing = record.review or record.resource
            ended = thing.state == "embargoed" and thing.public_from and thing.public_from <= now
            if thing.state == "published" or ended:
                record.available_at = max(thing.added_at, thing.public_from or thing.added_at)
                record.harvest_at = max(record.available_at, record.changed_at)
        records.bulk_update(batch, ["available_at", "harvest_at"])


class Migration(migrations.Migration):

    dependencies = [('library', '0006_saved_searches_keep_the_switch')]

    operations = [migrations.RunPython(when_records_became_available, migrations.RunPython.noop)]
