"""Tables for works of every kind: 0005 fills what is new, 0006 removes what it replaces."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('publishing', '0003_chapters_and_signatures'),
    ]

    operations = [
        migrations.CreateModel(
            name='Manuscript',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('overview', 'Overview'), ('briefing', 'Thematic briefing'), ('guide', 'Guide')], max_length=10)),
                ('slug', models.SlugField(max_length=60)),
                ('overview', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='manuscript', to='overview.overview')),
            ],
            options={
                'ordering': ['kind', 'slug'],
                'constraints': [
                    models.UniqueConstraint(fields=('kind', 'slug'), name='one_manuscript_of_a_name'),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(('kind', 'overview'), ('overview__isnull', False)), models.Q(models.Q(('kind', 'overview'), _negated=True), ('overview', None)), _connector='OR'),
                        name='manuscripts_of_overviews_alone_have_an_overview',
                    ),
                ],
            },
        ),
        # Empty is allowed until 0006, and for a return from there.
        migrations.AlterField(
            model_name='reportversion',
            name='overview',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='report_versions', to='overview.overview'),
        ),
        migrations.AddField(
            model_name='reportversion',
            name='manuscript',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='publishing.manuscript'),
        ),
        migrations.AddField(
            model_name='publication',
            name='manuscript',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='editions', to='publishing.manuscript'),
        ),
        migrations.AddField(
            model_name='publication',
            name='kind',
            field=models.CharField(choices=[('overview', 'Overview'), ('briefing', 'Thematic briefing'), ('guide', 'Guide')], default='overview', max_length=10),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='signature',
            name='manuscript',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='publishing.manuscript'),
        ),
        migrations.AlterField(
            model_name='publication',
            name='snapshot',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='overview.snapshot'),
        ),
        migrations.AlterField(
            model_name='publication',
            name='profile',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AlterField(
            model_name='signature',
            name='snapshot',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='overview.snapshot'),
        ),
        migrations.AlterField(
            model_name='signature',
            name='profile',
            field=models.CharField(blank=True, max_length=10),
        ),
    ]
