"""Room for the reason why words are never an identifier; those listed before have none."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0012_mark_words_around_identifiers'),
    ]

    operations = [
        migrations.AddField(
            model_name='listedwords',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
    ]
