"""Make room for several values in one judgement: earlier values stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0003_reading_of_each_quotation'),
    ]

    operations = [
        migrations.AlterField(
            model_name='agreedjudgement',
            name='value',
            field=models.CharField(max_length=500),
        ),
        migrations.AlterField(
            model_name='judgement',
            name='value',
            field=models.CharField(max_length=500),
        ),
    ]
