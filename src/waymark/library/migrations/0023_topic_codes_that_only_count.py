"""Add codes that only count to the versions of topics; those of an earlier installation have none."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0022_originals_for_download'),
    ]

    operations = [
        migrations.AddField(
            model_name='topicversion',
            name='counted_codes',
            field=models.JSONField(default=list),
        ),
    ]
