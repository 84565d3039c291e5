"""Indicators: what they measure, their values and imports; earlier installations have none."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StatisticalSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=300)),
                ('publisher', models.CharField(blank=True, max_length=200)),
                ('address', models.URLField(blank=True, max_length=1000)),
                ('licence', models.CharField(blank=True, max_length=200)),
                ('published', models.DateField(null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Indicator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('title', models.CharField(max_length=300)),
                ('name', models.CharField(max_length=300)),
                ('topics', models.JSONField(default=list)),
                ('overviews', models.JSONField(default=list)),
                ('definition', models.TextField()),
                ('cautions', models.TextField(blank=True)),
                ('comparability', models.CharField(choices=[('not-assessed', 'Nobody has assessed this'), ('no', 'Not comparable'), ('partly', 'Comparable with care'), ('yes', 'Comparable')], default='not-assessed', max_length=12)),
                ('comparability_note', models.TextField(blank=True)),
                ('comparability_by', models.CharField(blank=True, max_length=200)),
                ('comparability_address', models.URLField(blank=True, max_length=1000)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('withdrawn', 'Withdrawn')], default='draft', max_length=10)),
                ('created_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['name', 'slug'],
                'constraints': [models.CheckConstraint(condition=models.Q(('comparability', 'not-assessed'), models.Q(('comparability_by', ''), _negated=True), _connector='OR'), name='somebody_says_if_nations_are_comparable')],
            },
        ),
        migrations.CreateModel(
            name='IndicatorImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.CharField(max_length=255)),
                ('sha256', models.CharField(max_length=64)),
                ('content', models.BinaryField(null=True)),
                ('mapping', models.TextField()),
                ('rows', models.PositiveIntegerField(default=0)),
                ('stored', models.PositiveIntegerField(default=0)),
                ('new', models.PositiveIntegerField(default=0)),
                ('revised', models.PositiveIntegerField(default=0)),
                ('unchanged', models.PositiveIntegerField(default=0)),
                ('refused', models.JSONField(default=list)),
                ('received_at', models.DateTimeField()),
                ('imported_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('indicator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='indicators.indicator')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='IndicatorMeasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('label', models.CharField(max_length=300)),
                ('breakdown', models.CharField(blank=True, max_length=300)),
                ('unit', models.CharField(choices=[('count', 'Number'), ('percent', 'Percentage'), ('rate', 'Rate'), ('number', 'Other measure')], max_length=8)),
                ('words', models.CharField(blank=True, max_length=100)),
                ('period_type', models.CharField(choices=[('calendar', 'Calendar year'), ('financial', 'Financial year'), ('academic', 'Academic year'), ('day', 'As at a date')], max_length=10)),
                ('position', models.PositiveIntegerField()),
                ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measures', to='indicators.indicator')),
            ],
            options={
                'ordering': ['indicator', 'position'],
            },
        ),
        migrations.CreateModel(
            name='NationPanel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nation', models.CharField(choices=[('england', 'England'), ('wales', 'Wales'), ('scotland', 'Scotland'), ('northern-ireland', 'Northern Ireland')], max_length=20)),
                ('finding', models.CharField(blank=True, max_length=200)),
                ('counting', models.TextField(blank=True)),
                ('absence', models.CharField(blank=True, max_length=500)),
                ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='panels', to='indicators.indicator')),
                ('measure', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='indicators.indicatormeasure')),
            ],
            options={
                'ordering': ['indicator', 'nation'],
            },
        ),
        migrations.CreateModel(
            name='SavedMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=60, unique=True)),
                ('text', models.TextField()),
                ('saved_at', models.DateTimeField()),
                ('saved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='SeriesBreak',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nation', models.CharField(blank=True, choices=[('england', 'England'), ('wales', 'Wales'), ('scotland', 'Scotland'), ('northern-ireland', 'Northern Ireland')], max_length=20)),
                ('starts', models.DateField()),
                ('note', models.CharField(max_length=300)),
                ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='breaks', to='indicators.indicator')),
            ],
            options={
                'ordering': ['indicator', 'starts'],
            },
        ),
        migrations.CreateModel(
            name='StatisticalArea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=9, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('level', models.CharField(choices=[('national', 'Nation'), ('regional', 'Region'), ('local', 'Local area')], max_length=10)),
                ('nation', models.CharField(choices=[('england', 'England'), ('wales', 'Wales'), ('scotland', 'Scotland'), ('northern-ireland', 'Northern Ireland')], max_length=20)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='indicators.statisticalarea')),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='IndicatorValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period_start', models.DateField()),
                ('period_end', models.DateField()),
                ('value', models.DecimalField(decimal_places=6, max_digits=20, null=True)),
                ('decimals', models.PositiveSmallIntegerField(default=0)),
                ('marker', models.CharField(blank=True, choices=[('c', 'withheld to protect people'), ('x', 'not available'), ('z', 'not applicable'), ('low', 'not zero, but rounds to zero'), ('u', 'low reliability')], max_length=4)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('row', models.PositiveIntegerField(help_text='of the file', null=True)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('holds_from', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('file', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='values', to='indicators.indicatorimport')),
                ('measure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='values', to='indicators.indicatormeasure')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='values', to='indicators.statisticalarea')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='values', to='indicators.statisticalsource')),
            ],
            options={
                'ordering': ['measure', 'area', 'period_start', 'revision'],
            },
        ),
        migrations.AddConstraint(
            model_name='indicatormeasure',
            constraint=models.UniqueConstraint(fields=('indicator', 'key'), name='one_measure_of_a_key'),
        ),
        migrations.AddConstraint(
            model_name='nationpanel',
            constraint=models.UniqueConstraint(fields=('indicator', 'nation'), name='one_panel_of_a_nation'),
        ),
        migrations.AddConstraint(
            model_name='seriesbreak',
            constraint=models.UniqueConstraint(fields=('indicator', 'nation', 'starts'), name='one_break_of_a_day'),
        ),
        migrations.AddConstraint(
            model_name='indicatorvalue',
            constraint=models.UniqueConstraint(fields=('measure', 'area', 'period_start', 'period_end', 'revision'), name='one_value_of_a_revision'),
        ),
        migrations.AddConstraint(
            model_name='indicatorvalue',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('measure', 'area', 'period_start', 'period_end'), name='one_current_value'),
        ),
        migrations.AddConstraint(
            model_name='indicatorvalue',
            constraint=models.CheckConstraint(condition=models.Q(('value__isnull', False), models.Q(('marker', ''), _negated=True), _connector='OR'), name='a_value_or_a_marker'),
        ),
        migrations.AddConstraint(
            model_name='indicatorvalue',
            constraint=models.CheckConstraint(condition=models.Q(('period_start__lte', models.F('period_end'))), name='a_period_has_an_end'),
        ),
    ]
