"""The same coding file again is known by its hash, and needs no reading."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('coding', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='assignment',
            name='file_sha256',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
    ]
