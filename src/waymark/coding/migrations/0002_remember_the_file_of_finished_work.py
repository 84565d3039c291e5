"""Store the hash of a coding file, so that the same file again needs no reading."""

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
