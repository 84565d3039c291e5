"""Store which sentences of a report an abstract was made of, and the decision of a step."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
        ('library', '0002_catalogue_resources_subjects_and_removals'),
    ]

    operations = [
        migrations.AddField(
            model_name='resource',
            name='accessed_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='resource',
            name='covers',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='reviewstep',
            name='decision',
            field=models.SlugField(blank=True, max_length=40),
        ),
        migrations.CreateModel(
            name='AbstractPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(db_index=True, max_length=40)),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('exact', models.TextField()),
                ('prefix', models.CharField(blank=True, max_length=32)),
                ('suffix', models.CharField(blank=True, max_length=32)),
                ('page', models.PositiveIntegerField()),
                ('ordinal', models.PositiveSmallIntegerField()),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.report')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='abstract_places', to='documents.review')),
            ],
            options={
                'ordering': ['review', 'ordinal'],
                'constraints': [models.UniqueConstraint(fields=('review', 'key'), name='one_abstract_place_of_a_key')],
            },
        ),
    ]
