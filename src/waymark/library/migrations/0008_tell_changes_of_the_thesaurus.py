"""Give the thesaurus a version, which changes with each edit."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0007_when_records_became_available'),
    ]

    operations = [
        migrations.AddField(
            model_name='thesaurusscheme',
            name='version',
            field=models.CharField(default='', max_length=32),
        ),
    ]
