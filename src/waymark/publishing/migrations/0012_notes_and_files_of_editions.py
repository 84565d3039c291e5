"""Notes on editions, their files besides the PDF, and when the next is expected.

A worker makes the files of earlier editions; nothing else changes in an earlier installation.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0011_annual_reports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='manuscript',
            name='next_edition',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.CreateModel(
            name='EditionNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('change', 'What changed since the edition before'), ('correction', 'Correction of a mistake in this edition')], max_length=10)),
                ('text', models.TextField()),
                ('reason', models.TextField()),
                ('noted_at', models.DateTimeField()),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='publishing.publication')),
            ],
            options={
                'ordering': ['publication', 'noted_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='EditionFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ending', models.CharField(max_length=8)),
                ('content', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='publishing.publication')),
            ],
            options={
                'ordering': ['publication', 'ending'],
                'constraints': [models.UniqueConstraint(fields=('publication', 'ending'), name='one_file_of_an_edition_in_a_format')],
            },
        ),
    ]
