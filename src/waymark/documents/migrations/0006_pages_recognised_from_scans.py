"""Queue scanned pages and store their recognised words.

Stored pages and passages are marked as the file's own words until their report is read again.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0005_readings_beside_the_current_text'),
    ]

    operations = [
        migrations.AddField(
            model_name='page',
            name='source',
            field=models.CharField(blank=True, choices=[('layer', 'Text recognised from a scan'), ('scan', 'Text recognised from a scan'), ('poor-scan', 'Text recognised from a low quality scan: check against the page image')], max_length=10),
        ),
        migrations.AddField(
            model_name='passage',
            name='source',
            field=models.CharField(blank=True, choices=[('layer', 'Text recognised from a scan'), ('scan', 'Text recognised from a scan'), ('poor-scan', 'Text recognised from a low quality scan: check against the page image')], max_length=10),
        ),
        migrations.AddField(
            model_name='readingpage',
            name='source',
            field=models.CharField(blank=True, choices=[('layer', 'Text recognised from a scan'), ('scan', 'Text recognised from a scan'), ('poor-scan', 'Text recognised from a low quality scan: check against the page image')], max_length=10),
        ),
        migrations.CreateModel(
            name='PageRecognition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='of the page, counted from 1')),
                ('state', models.CharField(choices=[('waiting', 'Waiting for text recognition'), ('running', 'Being recognised'), ('done', 'Recognised'), ('failed', 'Could not be recognised'), ('own-words', "The file's own words are used")], default='waiting', max_length=10)),
                ('languages', models.CharField(blank=True, max_length=60)),
                ('chosen', models.BooleanField(default=False)),
                ('engine', models.CharField(blank=True, max_length=60)),
                ('confidence', models.PositiveSmallIntegerField(help_text='mean of its words, 0 to 100', null=True)),
                ('words', models.BinaryField(null=True)),
                ('in_text', models.BooleanField(default=False)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('recognised_at', models.DateTimeField(null=True)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recognitions', to='documents.report')),
            ],
            options={
                'ordering': ['report', 'number'],
                'indexes': [models.Index(fields=['state', 'lease_until'], name='recognition_queue')],
                'constraints': [models.UniqueConstraint(fields=('report', 'number'), name='one_recognition_of_a_page')],
            },
        ),
    ]
