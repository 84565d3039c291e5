"""Record when the file of a report was erased."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='original',
            name='erased_at',
            field=models.DateTimeField(null=True),
        ),
    ]
