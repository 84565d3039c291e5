"""Add content notes to the details of reviews; none are chosen for existing ones."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0010_reading_of_each_quotation'),
    ]

    operations = [
        migrations.AddField(
            model_name='reviewdetails',
            name='content_notes',
            field=models.JSONField(blank=True, default=list),
        ),
    ]
