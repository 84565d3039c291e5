"""Lists get their days, issues their records, and the Weekly alert its feeds and candidates."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0001_initial'),
        ('library', '0022_originals_for_download'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='alertissue',
            name='checklist',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='alertissue',
            name='records',
            field=models.ManyToManyField(blank=True, related_name='+', to='library.cataloguerecord'),
        ),
        migrations.AddField(
            model_name='issueitem',
            name='by_hand',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='FeedSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('address', models.URLField(max_length=1000)),
                ('topic', models.CharField(blank=True, max_length=80)),
                ('added_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('etag', models.CharField(blank=True, max_length=300)),
                ('last_modified', models.CharField(blank=True, max_length=100)),
                ('next_at', models.DateTimeField(null=True)),
                ('read_at', models.DateTimeField(null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=500)),
                ('remedy', models.CharField(blank=True, max_length=500)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Candidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry', models.CharField(blank=True, max_length=64)),
                ('title', models.CharField(max_length=300)),
                ('summary', models.TextField(blank=True)),
                ('publisher', models.CharField(blank=True, max_length=200)),
                ('dated', models.CharField(blank=True, max_length=60)),
                ('address', models.URLField(blank=True, max_length=1000)),
                ('address_key', models.CharField(blank=True, db_index=True, max_length=1000)),
                ('doi', models.CharField(blank=True, db_index=True, max_length=100)),
                ('title_key', models.CharField(blank=True, db_index=True, max_length=300)),
                ('topic', models.CharField(blank=True, max_length=80)),
                ('gathered_at', models.DateTimeField()),
                ('duplicate_by', models.CharField(blank=True, max_length=10)),
                ('decision', models.CharField(blank=True, choices=[('', 'Waiting'), ('chosen', 'Chosen'), ('not-chosen', 'Not chosen')], max_length=10)),
                ('criterion', models.CharField(blank=True, max_length=40)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('duplicate_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.candidate')),
                ('item', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='candidate', to='alerts.issueitem')),
                ('record', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='library.cataloguerecord')),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='alerts.feedsource')),
            ],
            options={
                'ordering': ['gathered_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ListSchedule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('alert_list', models.CharField(choices=[('weekly', 'Weekly alert'), ('library', 'New in the library'), ('reviews', 'Case reviews update'), ('topics', 'Followed topics'), ('searches', 'Followed searches')], max_length=10, unique=True)),
                ('starts_at', models.DateTimeField()),
                ('weekday', models.PositiveSmallIntegerField(null=True)),
                ('day', models.PositiveSmallIntegerField(null=True)),
                ('hour', models.PositiveSmallIntegerField(default=7)),
                ('next_at', models.DateTimeField()),
                ('automatic', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ['alert_list'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('day', None), ('weekday__lte', 6)), models.Q(('day__gte', 1), ('day__lte', 28), ('weekday', None)), _connector='OR'), name='an_alert_list_is_weekly_or_monthly'), models.CheckConstraint(condition=models.Q(('hour__lte', 23)), name='an_alert_list_has_an_hour')],
            },
        ),
        migrations.AddConstraint(
            model_name='feedsource',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('address',), name='one_source_of_an_address'),
        ),
        migrations.AddConstraint(
            model_name='candidate',
            constraint=models.UniqueConstraint(condition=models.Q(('entry', ''), _negated=True), fields=('source', 'entry'), name='one_candidate_of_a_feed_entry'),
        ),
        migrations.AddConstraint(
            model_name='candidate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decision', '')), models.Q(models.Q(('decision', ''), _negated=True), ('decided_at__isnull', False), models.Q(('criterion', ''), _negated=True)), _connector='OR'), name='a_decision_on_a_candidate_has_its_criterion'),
        ),
    ]
