"""Add texts of chapters, and signatures. Earlier editions have none."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('overview', '0001_initial'),
        ('publishing', '0002_keep_what_each_edition_withheld'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='publication',
            name='content',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='publication',
            name='report',
            field=models.BinaryField(default=b''),
        ),
        migrations.CreateModel(
            name='ReportVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slot', models.CharField(max_length=130)),
                ('number', models.PositiveIntegerField()),
                ('text', models.TextField(blank=True)),
                ('saved_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('overview', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='report_versions', to='overview.overview')),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['overview', 'slot', '-number'],
                'constraints': [models.UniqueConstraint(fields=('overview', 'slot', 'number'), name='one_report_version_of_a_number'), models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('overview', 'slot'), name='one_current_report_version')],
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profile', models.CharField(max_length=10)),
                ('content', models.CharField(max_length=64)),
                ('capacity', models.CharField(choices=[('analyst', 'Analyst'), ('editor', 'Editor')], max_length=10)),
                ('name', models.CharField(max_length=310)),
                ('signed_at', models.DateTimeField()),
                ('voided_at', models.DateTimeField(null=True)),
                ('publication', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='publishing.publication')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='overview.snapshot')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('publication', None), ('voided_at', None)), fields=('snapshot', 'content', 'signed_by'), name='one_open_signature_of_a_person')],
            },
        ),
    ]
