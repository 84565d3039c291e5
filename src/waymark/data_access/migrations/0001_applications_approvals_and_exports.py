"""Applications for restricted data; earlier installations have none."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApplicationEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.CharField(max_length=64)),
                ('at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='DataApplication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=20, unique=True)),
                ('token', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('organisation', models.CharField(blank=True, max_length=200)),
                ('address', models.EmailField(blank=True, max_length=254)),
                ('purpose', models.TextField(blank=True)),
                ('ethics', models.CharField(blank=True, max_length=500)),
                ('dataset', models.SlugField(max_length=100)),
                ('months', models.PositiveSmallIntegerField()),
                ('terms', models.CharField(max_length=20)),
                ('state', models.CharField(choices=[('waiting', 'Waiting for a decision'), ('granted', 'Approved'), ('refused', 'Refused'), ('expired', 'Expired'), ('revoked', 'Revoked')], default='waiting', max_length=10)),
                ('profile', models.CharField(blank=True, max_length=10)),
                ('expires_on', models.DateField(null=True)),
                ('reason', models.CharField(blank=True, max_length=1000)),
                ('extension', models.CharField(blank=True, max_length=1000)),
                ('extension_months', models.PositiveSmallIntegerField(null=True)),
                ('received_at', models.DateTimeField()),
                ('waiting_since', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('destroyed_at', models.DateTimeField(null=True)),
                ('erased_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-received_at', 'reference'],
                'indexes': [models.Index(fields=['state', 'expires_on'], name='data_application_by_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'granted'), _negated=True), models.Q(('expires_on__isnull', False), models.Q(('profile', ''), _negated=True)), _connector='OR'), name='what_is_granted_ends')],
            },
        ),
        migrations.CreateModel(
            name='RestrictedExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('dataset', models.SlugField(max_length=100)),
                ('profile', models.CharField(max_length=10)),
                ('state', models.CharField(max_length=64)),
                ('sha256', models.CharField(max_length=64)),
                ('rows', models.PositiveIntegerField()),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='data_access.dataapplication')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='AccessApproval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profile', models.CharField(max_length=10)),
                ('until', models.DateField()),
                ('proposed_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('dropped_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='data_access.dataapplication')),
            ],
            options={
                'ordering': ['proposed_at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('confirmed_at', None), ('dropped_at', None)), fields=('application',), name='one_approval_waits_for_another_person'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='an_approval_is_by_two_people')],
            },
        ),
    ]
