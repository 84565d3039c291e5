"""Texts, signatures and editions belong to their manuscript alone: the links of 0003 go."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0005_give_each_overview_its_manuscript'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='reportversion', name='one_report_version_of_a_number'),
        migrations.RemoveConstraint(model_name='reportversion', name='one_current_report_version'),
        migrations.AlterModelOptions(name='reportversion', options={'ordering': ['manuscript', 'slot', '-number']}),
        migrations.RemoveField(model_name='reportversion', name='overview'),
        migrations.AlterField(
            model_name='reportversion',
            name='manuscript',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='publishing.manuscript'),
        ),
        migrations.AlterField(
            model_name='publication',
            name='manuscript',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='publishing.manuscript'),
        ),
        migrations.AlterField(
            model_name='signature',
            name='manuscript',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='publishing.manuscript'),
        ),
        migrations.AddConstraint(
            model_name='reportversion',
            constraint=models.UniqueConstraint(fields=('manuscript', 'slot', 'number'), name='one_report_version_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='reportversion',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('manuscript', 'slot'), name='one_current_report_version'),
        ),
        migrations.RemoveConstraint(model_name='publication', name='one_edition_of_a_number'),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.UniqueConstraint(fields=('kind', 'slug', 'edition'), name='one_edition_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'overview'), _negated=True), ('snapshot__isnull', False), _connector='OR'), name='an_edition_of_an_overview_has_a_snapshot'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(condition=models.Q(('publication', None), ('snapshot', None), ('voided_at', None)), fields=('manuscript', 'content', 'signed_by'), name='one_open_signature_without_a_snapshot'),
        ),
    ]
