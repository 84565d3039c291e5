"""Let the sender of a file name its character encoding. Earlier uploads have none: it is found."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0003_hidden_text_that_holds_back_a_report'),
    ]

    operations = [
        migrations.AddField(
            model_name='intake',
            name='encoding',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
    ]
