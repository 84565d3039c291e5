"""Add the queue of checks of all tables; no earlier row changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('overview', '0005_how_many_reviews_a_snapshot_counts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TableCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profile', models.CharField(max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('left_out', models.PositiveIntegerField(default=0)),
                ('done_at', models.DateTimeField(null=True)),
                ('result', models.JSONField(null=True)),
                ('content', models.CharField(blank=True, default='', max_length=64)),
                ('digest', models.CharField(blank=True, default='', max_length=64)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='table_checks', to='overview.specversion')),
            ],
            options={
                'ordering': ['version', 'profile'],
                'constraints': [models.UniqueConstraint(fields=('version', 'profile'), name='one_check_of_a_version_under_a_profile')],
            },
        ),
    ]
