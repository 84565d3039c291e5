"""Add counts of answers to "Was this page useful?"; nothing of an earlier installation changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0018_service_notices'),
    ]

    operations = [
        migrations.CreateModel(
            name='PageFeedback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('page', models.CharField(max_length=300)),
                ('useful', models.BooleanField()),
                ('day', models.DateField(db_index=True)),
                ('number', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['page', 'day', 'useful'],
                'constraints': [models.UniqueConstraint(fields=('page', 'day', 'useful'), name='one_count_of_a_page_and_day')],
            },
        ),
    ]
