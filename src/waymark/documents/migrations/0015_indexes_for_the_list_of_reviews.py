"""Add indexes for the list of reviews; nothing of an earlier installation changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0014_readings_that_people_rejected'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['state', 'review'], name='report_by_state'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['state', 'nation'], name='review_by_state_and_nation'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['added_at'], name='review_by_time'),
        ),
    ]
