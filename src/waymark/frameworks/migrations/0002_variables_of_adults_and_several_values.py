"""Add adults as a level, and lists of values and numbers as types: no earlier row changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('frameworks', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='variable',
            name='level',
            field=models.CharField(choices=[('review', 'Review'), ('child', 'Child'), ('adult', 'Adult')], max_length=10),
        ),
        migrations.AlterField(
            model_name='variable',
            name='type',
            field=models.CharField(choices=[('category', 'One of a list'), ('categories', 'Several of a list'), ('state', 'State of a factor'), ('contact', 'Contact with a service'), ('year', 'Year'), ('age', 'Age'), ('number', 'Number'), ('text', 'Text')], max_length=10),
        ),
    ]
