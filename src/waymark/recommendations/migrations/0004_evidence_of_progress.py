"""Store what the impact of a recommendation was judged by: earlier progress has none."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0003_reading_of_each_quotation'),
    ]

    operations = [
        migrations.AddField(
            model_name='progress',
            name='evidence',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='progress',
            name='evidence_on',
            field=models.DateField(blank=True, null=True),
        ),
    ]
