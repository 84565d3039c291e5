"""Which passages the numbers of each edition count; a worker fills it in for earlier editions."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0006_texts_are_of_manuscripts_alone'),
    ]

    operations = [
        migrations.AddField(
            model_name='publication',
            name='uses_stored',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='CountedCell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.TextField()),
                ('title', models.TextField()),
                ('row', models.TextField()),
                ('row_label', models.TextField()),
                ('column', models.TextField()),
                ('column_label', models.TextField()),
                ('value_text', models.TextField()),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='counted_cells', to='publishing.publication')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='CountedPassage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60)),
                ('cells', models.JSONField()),
                ('publication', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counted_passages', to='publishing.publication')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key', 'publication'), name='one_row_of_a_passage_in_an_edition')],
            },
        ),
    ]
