"""Courses and their sessions; earlier installations have none."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Course',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('title', models.CharField(max_length=200)),
                ('summary', models.CharField(max_length=500)),
                ('outcomes', models.TextField(blank=True)),
                ('audience', models.CharField(blank=True, max_length=300)),
                ('provider', models.CharField(max_length=200)),
                ('provider_address', models.URLField(blank=True, max_length=1000)),
                ('cpd_hours', models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ('price', models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ('topics', models.JSONField(default=list)),
                ('content_note', models.CharField(blank=True, max_length=300)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['title', 'slug'],
            },
        ),
        migrations.CreateModel(
            name='CourseSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.CharField(max_length=200, unique=True)),
                ('sequence', models.PositiveIntegerField(default=0)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('part', models.CharField(blank=True, max_length=60)),
                ('place', models.CharField(blank=True, max_length=300)),
                ('online', models.BooleanField(default=False)),
                ('places', models.PositiveIntegerField(null=True)),
                ('booking_link', models.URLField(blank=True, max_length=1000)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('cancellation', models.CharField(blank=True, max_length=300)),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='training.course')),
            ],
            options={
                'ordering': ['starts_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('ends_at'))), name='a_session_ends_after_its_start'), models.CheckConstraint(condition=models.Q(('online', True), models.Q(('place', ''), _negated=True), _connector='OR'), name='a_session_is_somewhere')],
            },
        ),
    ]
