"""Say of a bulk change that a record was changed since its preview, not by whom; no rows change."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('library', '0023_topic_codes_that_only_count')]

    operations = [
        migrations.AlterField(
            model_name='bulkchangeitem',
            name='outcome',
            field=models.CharField(
                choices=[
                    ('changed', 'Changed'),
                    ('same', 'Nothing to change'),
                    ('refused', 'Refused'),
                    ('overtaken', 'Changed since the preview'),
                ],
                max_length=10,
            ),
        ),
    ]
