"""Add an index for the list of reviews by title; nothing of an earlier installation changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0016_name_possible_identifiers'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['title'], name='review_by_title'),
        ),
    ]
