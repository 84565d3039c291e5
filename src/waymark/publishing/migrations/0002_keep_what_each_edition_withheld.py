"""Store with an edition what later ones must not reveal; earlier editions have no ledger."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='publication',
            name='ledger',
            field=models.BinaryField(default=b''),
        ),
    ]
