"""Keep the encoding that a person named for a text, to read it again; unknown for earlier ones."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0007_identifiers_that_hold_back_a_report'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='encoding',
            field=models.CharField(blank=True, max_length=40),
        ),
    ]
