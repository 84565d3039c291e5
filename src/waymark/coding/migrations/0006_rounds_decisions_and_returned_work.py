"""Rounds of coding, work that was sent back, and decisions before a review is settled."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('coding', '0005_acts_of_coders_in_the_workbench'),
        ('documents', '0016_name_possible_identifiers'),
        ('frameworks', '0002_variables_of_adults_and_several_values'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CodingRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('share', models.PositiveSmallIntegerField()),
                ('seed', models.PositiveIntegerField()),
                ('suggestions', models.CharField(choices=[('hidden', 'Never'), ('after', "After the coder's own first answer")], default='hidden', max_length=10)),
                ('names_hidden', models.BooleanField(default=True)),
                ('variables', models.JSONField(default=list)),
                ('reasons', models.JSONField(default=list)),
                ('created_at', models.DateTimeField()),
                ('coders', models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('framework', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.framework')),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='assignment',
            name='round',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='coding.codinground'),
        ),
        migrations.CreateModel(
            name='ReturnedCoding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.TextField()),
                ('returned_at', models.DateTimeField()),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='coding.assignment')),
                ('returned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-returned_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DisagreementDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('code', 'Code'), ('variable', 'Variable')], max_length=10)),
                ('name', models.CharField(max_length=80)),
                ('number', models.PositiveSmallIntegerField(default=0)),
                ('between', models.JSONField(default=dict)),
                ('value', models.CharField(max_length=500)),
                ('reason', models.TextField()),
                ('decided_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('framework', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.framework')),
                ('replaces', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coding.disagreementdecision')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.review')),
            ],
            options={
                'ordering': ['review', 'decided_at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('review', 'framework', 'kind', 'name', 'number'), name='one_current_decision')],
            },
        ),
    ]
