"""Add resources, subjects, retention periods, tombstones, deposits, emails and saved searches."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
        ('library', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Resource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('received', 'Received'), ('in_check', 'In check'), ('internal', 'Internal'), ('embargoed', 'Embargoed'), ('published', 'Published'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired')], default='received', max_length=12)),
                ('public_from', models.DateTimeField(blank=True, null=True)),
                ('key', models.SlugField(max_length=80, unique=True)),
                ('kind', models.CharField(choices=[('research-report', 'Research report'), ('thematic-briefing', 'Thematic briefing'), ('guidance', 'Guidance'), ('statistics', 'Statistics'), ('evaluation', 'Evaluation'), ('training-course', 'Training course'), ('tool', 'Tool'), ('web-page', 'Web page')], max_length=30)),
                ('title', models.CharField(max_length=300)),
                ('strapline', models.CharField(blank=True, max_length=300)),
                ('authors', models.JSONField(blank=True, default=list)),
                ('conducted_by', models.CharField(blank=True, max_length=300)),
                ('publisher', models.CharField(blank=True, max_length=200)),
                ('series', models.CharField(blank=True, max_length=200)),
                ('year', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('published_on', models.DateField(blank=True, null=True)),
                ('nation', models.CharField(blank=True, max_length=60)),
                ('language', models.CharField(default='en', max_length=10)),
                ('summary', models.TextField(blank=True)),
                ('key_points', models.JSONField(blank=True, default=list)),
                ('contents', models.JSONField(blank=True, default=list)),
                ('url', models.URLField(blank=True, max_length=500)),
                ('doi', models.CharField(blank=True, max_length=100)),
                ('isbn', models.CharField(blank=True, max_length=20)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('cpd_hours', models.DecimalField(blank=True, decimal_places=1, max_digits=5, null=True)),
                ('added_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='Retention',
            fields=[
                ('report', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='retention', serialize=False, to='documents.report')),
                ('until', models.DateField(blank=True, db_index=True, null=True)),
                ('legal_hold', models.BooleanField(default=False)),
                ('hold_reason', models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name='ReviewDetails',
            fields=[
                ('review', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='details', serialize=False, to='documents.review')),
                ('scheme', models.SlugField(blank=True, max_length=40)),
                ('pseudonym', models.CharField(blank=True, max_length=100)),
                ('period_from', models.DateField(blank=True, null=True)),
                ('period_to', models.DateField(blank=True, null=True)),
                ('keywords', models.JSONField(blank=True, default=list)),
                ('anonymous', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='ReviewStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.SlugField(max_length=40)),
                ('on', models.DateField()),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['review', 'on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('tree', models.JSONField(null=True)),
                ('filters', models.JSONField(default=dict)),
                ('sort', models.CharField(default='relevance', max_length=12)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['person', 'name'],
            },
        ),
        migrations.AlterModelOptions(
            name='cataloguerecord',
            options={'ordering': ['pk']},
        ),
        migrations.AddField(
            model_name='cataloguerecord',
            name='available_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='cataloguerecord',
            name='harvest_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='cataloguerecord',
            name='review',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='record', to='documents.review'),
        ),
        migrations.CreateModel(
            name='Concept',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=80, unique=True)),
                ('definition', models.TextField(blank=True)),
                ('scope_note', models.TextField(blank=True)),
                ('ended', models.BooleanField(default=False)),
                ('broader', models.ManyToManyField(related_name='narrower', to='library.concept')),
                ('related', models.ManyToManyField(to='library.concept')),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.AddField(
            model_name='cataloguerecord',
            name='subjects',
            field=models.ManyToManyField(blank=True, related_name='records', to='library.concept'),
        ),
        migrations.CreateModel(
            name='Deposit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=20, unique=True)),
                ('board', models.CharField(max_length=200)),
                ('contact_name', models.CharField(max_length=200)),
                ('contact_email', models.EmailField(max_length=254)),
                ('title', models.CharField(max_length=300)),
                ('note', models.TextField(blank=True)),
                ('rights', models.CharField(max_length=300)),
                ('anonymous', models.BooleanField(default=False)),
                ('embargo_until', models.DateField(blank=True, null=True)),
                ('available_years', models.PositiveSmallIntegerField(default=5)),
                ('batch', models.CharField(db_index=True, max_length=32)),
                ('state', models.CharField(choices=[('received', 'Received'), ('in_check', 'In check'), ('returned', 'Returned'), ('published', 'Published')], default='received', max_length=10)),
                ('returned_because', models.TextField(blank=True)),
                ('received_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('review', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deposits', to='documents.review')),
            ],
            options={
                'ordering': ['-received_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Label',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('preferred', 'Preferred'), ('alternative', 'Alternative'), ('hidden', 'Hidden')], max_length=12)),
                ('language', models.CharField(default='en', max_length=10)),
                ('text', models.CharField(db_index=True, max_length=120)),
                ('concept', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='labels', to='library.concept')),
            ],
            options={
                'ordering': ['concept', 'kind', 'language', 'text'],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, unique=True)),
                ('to', models.EmailField(max_length=254)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('message_id', models.CharField(max_length=200)),
                ('written_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('failed', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'ordering': ['written_at', 'pk'],
                'indexes': [models.Index(fields=['sent_at', 'lease_until'], name='library_let_sent_at_e49cad_idx')],
            },
        ),
        migrations.CreateModel(
            name='Relation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('related', 'Related'), ('part-of', 'Part of'), ('replaces', 'Replaces')], max_length=10)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='relations', to='library.cataloguerecord')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='related_from', to='library.cataloguerecord')),
            ],
            options={
                'ordering': ['source', 'kind', 'target'],
            },
        ),
        migrations.CreateModel(
            name='Removal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('withdrawn', 'Withdrawn'), ('expired', 'Expired')], max_length=10)),
                ('at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('title', models.CharField(max_length=300)),
                ('undone_at', models.DateTimeField(null=True)),
                ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='removals', to='library.cataloguerecord')),
                ('report', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='removals', to='documents.report')),
                ('successor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='successor_of', to='library.cataloguerecord')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='cataloguerecord',
            name='resource',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='record', to='library.resource'),
        ),
        migrations.AddIndex(
            model_name='cataloguerecord',
            index=models.Index(fields=['harvest_at'], name='library_cat_harvest_b06610_idx'),
        ),
        migrations.AddIndex(
            model_name='cataloguerecord',
            index=models.Index(fields=['available_at'], name='library_cat_availab_4e0309_idx'),
        ),
        migrations.AddConstraint(
            model_name='cataloguerecord',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('resource__isnull', True), ('review__isnull', False)), models.Q(('resource__isnull', False), ('review__isnull', True)), _connector='OR'), name='record_of_one_thing'),
        ),
        migrations.AddField(
            model_name='reviewstep',
            name='review',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='documents.review'),
        ),
        migrations.AddField(
            model_name='savedsearch',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_searches', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='label',
            constraint=models.UniqueConstraint(fields=('concept', 'language', 'text'), name='one_label_of_a_text'),
        ),
        migrations.AddConstraint(
            model_name='label',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'preferred')), fields=('concept', 'language'), name='one_preferred_label_of_a_language'),
        ),
        migrations.AddConstraint(
            model_name='relation',
            constraint=models.UniqueConstraint(fields=('source', 'target'), name='one_relation_of_a_pair'),
        ),
        migrations.AddConstraint(
            model_name='relation',
            constraint=models.CheckConstraint(condition=models.Q(('source', models.F('target')), _negated=True), name='no_relation_to_itself'),
        ),
        migrations.AddConstraint(
            model_name='savedsearch',
            constraint=models.UniqueConstraint(fields=('person', 'name'), name='one_saved_search_of_a_name'),
        ),
    ]
