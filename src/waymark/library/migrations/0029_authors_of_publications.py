"""Add authority records of authors of publications, with their names; records stay as they are."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0028_what_evaluations_say'),
    ]

    operations = [
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=80, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('person', 'Person'), ('body', 'Organisation')], default='person', max_length=6)),
                ('note', models.TextField(blank=True)),
                ('hidden_at', models.DateTimeField(null=True)),
                ('added_at', models.DateTimeField()),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='library.author')),
            ],
            options={
                'ordering': ['name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='AuthorName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='names', to='library.author')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='AuthorOfWork',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='works_told_apart', to='library.author')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='authors_told_apart', to='library.resource')),
            ],
            options={
                'ordering': ['resource', 'name'],
            },
        ),
        migrations.CreateModel(
            name='DifferentAuthors',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.CharField(blank=True, max_length=300)),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='differs_from', to='library.author')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='library.author')),
            ],
            options={
                'ordering': ['first', 'second'],
            },
        ),
        migrations.AddConstraint(
            model_name='author',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('pk')), _negated=True), _connector='OR'), name='author_merged_into_another'),
        ),
        migrations.AddConstraint(
            model_name='authorofwork',
            constraint=models.UniqueConstraint(fields=('resource', 'name'), name='one_author_of_a_name_in_a_work'),
        ),
        migrations.AddConstraint(
            model_name='differentauthors',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='two_different_authors_once'),
        ),
        migrations.AddConstraint(
            model_name='differentauthors',
            constraint=models.CheckConstraint(condition=models.Q(('first', models.F('second')), _negated=True), name='two_authors_differ'),
        ),
    ]
