"""Create the tables of bodies: boards, agencies and organisations with their names."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Body',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=80, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('board', 'Safeguarding board, partnership or committee'), ('social-care', 'Social care'), ('health', 'Health'), ('education', 'Education'), ('police', 'Police'), ('justice', 'Courts, probation and youth justice'), ('government', 'Government'), ('regulator', 'Inspectorate or regulator'), ('voluntary', 'Voluntary organisation'), ('professional', 'Professional body'), ('other', 'Other')], default='other', max_length=12)),
                ('nation', models.CharField(blank=True, max_length=60)),
                ('begins_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('note', models.TextField(blank=True)),
                ('listed', models.BooleanField(default=False)),
                ('added_at', models.DateTimeField()),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='bodies.body')),
            ],
            options={
                'verbose_name_plural': 'bodies',
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='BodyIdentifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scheme', models.CharField(max_length=60)),
                ('value', models.CharField(max_length=100)),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identifiers', to='bodies.body')),
            ],
            options={
                'ordering': ['scheme', 'value'],
            },
        ),
        migrations.CreateModel(
            name='BodyName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('from_on', models.DateField(blank=True, null=True)),
                ('until_on', models.DateField(blank=True, null=True)),
                ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='names', to='bodies.body')),
            ],
            options={
                'ordering': ['from_on', 'name'],
            },
        ),
        migrations.CreateModel(
            name='BodySuccession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('replaced', 'Replaced by'), ('merged', 'Merged into'), ('split', 'Split into')], max_length=8)),
                ('on', models.DateField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('earlier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='bodies.body')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='predecessions', to='bodies.body')),
            ],
            options={
                'ordering': ['on', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='body',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('pk')), _negated=True), _connector='OR'), name='merged_into_another'),
        ),
        migrations.AddConstraint(
            model_name='bodyidentifier',
            constraint=models.UniqueConstraint(fields=('scheme', 'value'), name='one_body_of_an_identifier'),
        ),
        migrations.AddConstraint(
            model_name='bodysuccession',
            constraint=models.UniqueConstraint(fields=('earlier', 'later'), name='one_succession_of_two'),
        ),
        migrations.AddConstraint(
            model_name='bodysuccession',
            constraint=models.CheckConstraint(condition=models.Q(('earlier', models.F('later')), _negated=True), name='succession_of_two_bodies'),
        ),
    ]
