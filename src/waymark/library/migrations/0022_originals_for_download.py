"""Add decisions to offer original files; no file of an earlier installation is offered."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0014_readings_that_people_rejected'),
        ('library', '0021_bulk_changes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OriginalDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('offered', models.BooleanField()),
                ('terms', models.CharField(blank=True, choices=[('licence', 'Its licence allows it'), ('permission', 'The rights holder has agreed')], max_length=12)),
                ('reason', models.CharField(max_length=500)),
                ('decided_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='original_decisions', to='documents.report')),
            ],
            options={
                'ordering': ['report', '-decided_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('report',), name='one_current_decision_about_an_original'), models.CheckConstraint(condition=models.Q(models.Q(('offered', True), models.Q(('terms', ''), _negated=True)), models.Q(('offered', False), ('terms', '')), _connector='OR'), name='an_offered_original_has_its_terms')],
            },
        ),
    ]
