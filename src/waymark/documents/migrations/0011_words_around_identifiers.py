"""Room for marks of the words around the mentions of an alert; 0012 fills them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0010_encoding_of_an_upload'),
    ]

    operations = [
        migrations.AddField(
            model_name='anonymityalert',
            name='surroundings',
            field=models.JSONField(null=True),
        ),
        migrations.AddIndex(
            model_name='anonymityalert',
            index=models.Index(fields=['folded'], name='anonymity_folded'),
        ),
    ]
