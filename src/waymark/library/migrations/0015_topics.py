"""Add topics and their versions. The topics themselves are loaded from a file after migrating."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0014_report_numbers_and_audience_of_resources'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=60, unique=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='TopicVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=80)),
                ('summary', models.TextField()),
                ('words', models.JSONField(default=list)),
                ('subjects', models.JSONField(default=list)),
                ('codes', models.JSONField(default=list)),
                ('related', models.JSONField(default=list)),
                ('origin', models.CharField(choices=[('loaded', 'Loaded from a file'), ('edited', 'Edited by staff')], max_length=10)),
                ('created_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='library.topic')),
            ],
            options={
                'ordering': ['topic', '-number'],
                'constraints': [models.UniqueConstraint(fields=('topic', 'number'), name='one_topic_version_of_a_number'), models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('topic',), name='one_current_topic_version')],
            },
        ),
    ]
