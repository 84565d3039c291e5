"""Store literature searches: sources, lines with their runs, and results.

An earlier installation has none: nothing is converted.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("enquiries", "0005_answers_that_are_being_written"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('text', models.CharField(max_length=1000)),
                ('superseded_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['source', 'number', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='LiteratureSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('question', models.TextField()),
                ('parts', models.JSONField(default=list)),
                ('scope', models.TextField(blank=True)),
                ('years_from', models.PositiveSmallIntegerField(null=True)),
                ('years_to', models.PositiveSmallIntegerField(null=True)),
                ('languages', models.CharField(blank=True, max_length=200)),
                ('nations', models.CharField(blank=True, max_length=200)),
                ('kinds', models.CharField(blank=True, max_length=200)),
                ('include', models.TextField(blank=True)),
                ('exclude', models.TextField(blank=True)),
                ('summary', models.TextField(blank=True)),
                ('duplicates', models.PositiveIntegerField(null=True)),
                ('screened', models.PositiveIntegerField(null=True)),
                ('read_full', models.PositiveIntegerField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('copied_from', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='copies', to='enquiries.literaturesearch')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enquiry', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='searches', to='enquiries.enquiry')),
                ('sent_with', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='search_reports', to='enquiries.enquirymessage')),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='LineRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('hits', models.PositiveIntegerField()),
                ('records', models.JSONField(default=list)),
                ('recorded_at', models.DateTimeField()),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='enquiries.searchline')),
            ],
            options={
                'ordering': ['line', 'recorded_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SearchSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=120)),
                ('platform', models.CharField(blank=True, max_length=120)),
                ('is_library', models.BooleanField(default=False)),
                ('search', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='enquiries.literaturesearch')),
            ],
            options={
                'ordering': ['search', 'number'],
            },
        ),
        migrations.AddField(
            model_name='searchline',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='enquiries.searchsource'),
        ),
        migrations.CreateModel(
            name='SearchResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('key', models.CharField(blank=True, max_length=200)),
                ('citation', models.CharField(max_length=1000)),
                ('url', models.CharField(blank=True, max_length=500)),
                ('note', models.TextField(blank=True)),
                ('search', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='results', to='enquiries.literaturesearch')),
            ],
            options={
                'ordering': ['search', 'number'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('search', 'key'), name='one_search_result_of_a_record')],
            },
        ),
        migrations.AddConstraint(
            model_name='searchsource',
            constraint=models.UniqueConstraint(fields=('search', 'number'), name='one_search_source_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='searchline',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('source', 'number'), name='one_current_search_line_of_a_number'),
        ),
    ]
