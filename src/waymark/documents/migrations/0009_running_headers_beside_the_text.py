"""Store running headers and footers beside the text of a report.

A text stored before has them in it, marked by its furniture, and keeps them until it is read again.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0008_encodings_that_people_named'),
    ]

    operations = [
        migrations.AddField(
            model_name='reporttext',
            name='running_lines',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='reading',
            name='running_lines',
            field=models.JSONField(default=list),
        ),
    ]
