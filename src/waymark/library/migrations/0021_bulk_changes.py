"""Add bulk changes of records; nothing of an earlier installation changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0020_rights_and_licences'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=20, unique=True)),
                ('kind', models.CharField(choices=[('review', 'Reviews'), ('resource', 'Resources')], max_length=10)),
                ('action', models.CharField(choices=[('publish', 'Publish'), ('internal', 'Make internal'), ('add-subjects', 'Add subjects'), ('remove-subjects', 'Remove subjects')], max_length=20)),
                ('subjects', models.JSONField(blank=True, default=list)),
                ('at', models.DateTimeField(db_index=True)),
                ('undone_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='BulkChangeItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('outcome', models.CharField(choices=[('changed', 'Changed'), ('same', 'Nothing to change'), ('refused', 'Refused'), ('overtaken', 'Changed by someone else since the preview')], max_length=10)),
                ('note', models.TextField(blank=True)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('undo', models.CharField(blank=True, choices=[('restored', 'Restored'), ('left', 'Left as it is')], max_length=10)),
                ('undo_note', models.TextField(blank=True)),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='library.bulkchange')),
            ],
            options={
                'ordering': ['change', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('change', 'name'), name='one_item_of_a_record')],
            },
        ),
    ]
