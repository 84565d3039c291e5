"""Emails belong to the stage mail. The table stays: mail.0001 takes it over with its rows."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('library', '0008_tell_changes_of_the_thesaurus'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name='Letter')],
        ),
    ]
