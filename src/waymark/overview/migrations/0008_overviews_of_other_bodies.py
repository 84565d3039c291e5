"""Add overviews of other bodies with their findings, which staff enter as data."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('overview', '0007_prepare_protected_numbers'),
    ]

    operations = [
        migrations.CreateModel(
            name='OtherOverview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('title', models.CharField(max_length=300)),
                ('body', models.CharField(max_length=200)),
                ('nation', models.CharField(blank=True, max_length=60)),
                ('period', models.CharField(max_length=60)),
                ('year', models.PositiveSmallIntegerField(null=True)),
                ('reviews', models.PositiveIntegerField(null=True)),
                ('children', models.PositiveIntegerField(null=True)),
                ('method', models.TextField(blank=True)),
                ('caveats', models.TextField()),
                ('judged_by', models.CharField(max_length=200)),
                ('record', models.SlugField(blank=True, max_length=120)),
                ('address', models.URLField(blank=True, max_length=500)),
                ('listed', models.BooleanField(default=False)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-year', 'title'],
            },
        ),
        migrations.CreateModel(
            name='OtherFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('theme', models.CharField(blank=True, max_length=80)),
                ('text', models.CharField(max_length=400)),
                ('page', models.CharField(blank=True, max_length=40)),
                ('number', models.DecimalField(decimal_places=1, max_digits=9, null=True)),
                ('base', models.PositiveIntegerField(null=True)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('overview', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='overview.otheroverview')),
            ],
            options={
                'ordering': ['overview', 'pk'],
            },
        ),
    ]
