"""Add content notes to the details of reviews; none are chosen for existing ones."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0011_answers_about_public_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='reviewdetails',
            name='content_notes',
            field=models.JSONField(blank=True, default=list),
        ),
    ]
