"""Let the sender of a file name its character encoding. Earlier uploads have none: it is found."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0009_running_headers_beside_the_text'),
    ]

    operations = [
        migrations.AddField(
            model_name='intake',
            name='encoding',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
    ]
