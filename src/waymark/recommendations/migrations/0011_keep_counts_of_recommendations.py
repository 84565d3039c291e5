"""Keep counts of recommendations by block of reviews, for the national picture.

The worker counts those of an earlier installation in its first round.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0010_relations_of_recommendations'),
    ]

    operations = [
        migrations.CreateModel(
            name='CountBlock',
            fields=[
                ('number', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('changes', models.PositiveBigIntegerField(default=0)),
                ('counted_for', models.CharField(blank=True, default='', max_length=64)),
                ('counts', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
    ]
