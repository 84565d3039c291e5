"""Add imports of catalogue files, and the thesaurus's title, licence and language."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0004_deposits_made'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ThesaurusScheme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=300)),
                ('base', models.CharField(max_length=300)),
                ('title', models.CharField(max_length=300)),
                ('description', models.TextField(blank=True)),
                ('creator', models.CharField(blank=True, max_length=200)),
                ('licence', models.CharField(blank=True, max_length=300)),
                ('language', models.CharField(default='en', max_length=10)),
            ],
        ),
        migrations.AddField(
            model_name='concept',
            name='replaced_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaces', to='library.concept'),
        ),
        migrations.AddField(
            model_name='reviewdetails',
            name='abstract',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='reviewdetails',
            name='year',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=20, unique=True)),
                ('source', models.CharField(max_length=500)),
                ('format', models.SlugField(max_length=20)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('content', models.BinaryField(null=True)),
                ('state', models.CharField(choices=[('proposed', 'Preview, not imported'), ('done', 'Imported'), ('undone', 'Undone')], default='proposed', max_length=10)),
                ('report', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ImportedRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=60)),
                ('identity', models.CharField(max_length=64, unique=True)),
                ('content', models.CharField(max_length=64)),
                ('changed_at', models.DateTimeField()),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='records', to='library.import')),
                ('record', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='came_with', to='library.cataloguerecord')),
            ],
            options={
                'ordering': ['batch', 'pk'],
            },
        ),
    ]
