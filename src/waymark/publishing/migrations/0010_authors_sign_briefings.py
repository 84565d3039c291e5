"""Authors can sign briefings and guides; signatures on overviews stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0009_texts_carried_over_from_another_overview'),
    ]

    operations = [
        migrations.AlterField(
            model_name='signature',
            name='capacity',
            field=models.CharField(choices=[('analyst', 'Analyst'), ('author', 'Author'), ('editor', 'Editor')], max_length=10),
        ),
    ]
