"""Keep older and newer readings beside the current text. Every stored text is reading 1."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0004_classes_of_hidden_text_outside_the_pages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='read_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='report',
            name='reading',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('pending', 'Waiting for a person'), ('older', 'Replaced by a newer reading')], max_length=10)),
                ('extractor', models.CharField(max_length=60)),
                ('content', models.TextField()),
                ('furniture', models.JSONField(default=list)),
                ('passages', models.JSONField(default=list)),
                ('warnings', models.JSONField(default=list)),
                ('read_at', models.DateTimeField()),
                ('replaced_at', models.DateTimeField(null=True)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='documents.report')),
            ],
            options={
                'ordering': ['report', 'number'],
            },
        ),
        migrations.CreateModel(
            name='ReadingPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('width', models.FloatField()),
                ('height', models.FloatField()),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('words', models.BinaryField()),
                ('has_image', models.BooleanField(default=True)),
                ('reading', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pages', to='documents.reading')),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='AnchorMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reading', models.PositiveSmallIntegerField()),
                ('key', models.CharField(max_length=40)),
                ('exact', models.TextField()),
                ('outcome', models.CharField(choices=[('moved', 'The same words'), ('unsure', 'Perhaps the same words'), ('lost', 'Not found')], max_length=10)),
                ('start', models.PositiveIntegerField(null=True)),
                ('end', models.PositiveIntegerField(null=True)),
                ('words', models.TextField(blank=True)),
                ('decision', models.CharField(blank=True, choices=[('move', 'Moved to the newer reading'), ('keep', 'Stays in the older reading')], max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='documents.report')),
            ],
            options={
                'ordering': ['report', 'reading', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('report', 'reading', 'key'), name='one_move_of_a_key')],
            },
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.UniqueConstraint(fields=('report', 'number'), name='one_reading_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('report',), name='one_pending_reading_of_a_report'),
        ),
        migrations.AddConstraint(
            model_name='readingpage',
            constraint=models.UniqueConstraint(fields=('reading', 'number'), name='one_reading_page'),
        ),
    ]
