"""Saved searches store whether related terms are added; those saved before add them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0005_imports_and_what_is_said_of_the_thesaurus'),
    ]

    operations = [
        migrations.AddField(
            model_name='savedsearch',
            name='broaden',
            field=models.BooleanField(default=True),
        ),
    ]
