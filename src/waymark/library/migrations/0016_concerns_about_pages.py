"""Add concerns about pages; nothing of an earlier installation changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0015_topics'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Concern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=20, unique=True)),
                ('page', models.CharField(max_length=300)),
                ('kind', models.CharField(choices=[('identifying', 'It could identify a person'), ('distress', 'It is distressing'), ('error', 'It is wrong or out of date'), ('other', 'Something else')], max_length=12)),
                ('text', models.TextField(blank=True)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('item_kind', models.CharField(blank=True, choices=[('review', 'Review'), ('report', 'Report'), ('resource', 'Resource'), ('topic', 'Topic')], max_length=10)),
                ('item_key', models.CharField(blank=True, max_length=100)),
                ('origin', models.CharField(blank=True, max_length=64)),
                ('received_at', models.DateTimeField(db_index=True)),
                ('hidden_at', models.DateTimeField(null=True)),
                ('decision', models.CharField(blank=True, choices=[('restored', 'Shown again'), ('corrected', 'Corrected'), ('withdrawn', 'Withdrawn'), ('no_change', 'No change')], max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('erased_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-received_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decision', '')), models.Q(('decided_at__isnull', False), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='a_decided_concern_has_its_decision')],
            },
        ),
    ]
