"""Programs that suggest codes as coders of their own kind; one for each name in the suggestions.

Earlier suggestions keep the name of their program, which gets a row of its own.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Min


def name_programs(apps, schema_editor):
    """A row for each program that has made a suggestion, from the day of its first."""
    Suggestion = apps.get_model("coding", "Suggestion")
    MachineCoder = apps.get_model("coding", "MachineCoder")
    first = Suggestion.objects.order_by().values_list("suggester").annotate(Min("made_at"))
    MachineCoder.objects.bulk_create(
        MachineCoder(name=name, kind="cues", state="ready", asked_at=at, done_at=at)
        for name, at in first
    )


class Migration(migrations.Migration):

    dependencies = [
        ('coding', '0008_projects_imported_from_other_programs'),
        ('documents', '0016_name_possible_identifiers'),
        ('frameworks', '0002_variables_of_adults_and_several_values'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MachineCoder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=60, unique=True)),
                ('kind', models.CharField(choices=[('cues', 'Cues of the framework'), ('linear', 'Linear model'), ('language', 'Language model')], max_length=10)),
                ('version', models.PositiveIntegerField(default=1)),
                ('state', models.CharField(choices=[('waiting', 'Waiting to be trained'), ('ready', 'Ready'), ('refused', 'Not trained')], default='waiting', max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('scores', models.JSONField(default=dict)),
                ('connection', models.JSONField(default=dict)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-asked_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PassageSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seed', models.PositiveIntegerField()),
                ('passages', models.PositiveIntegerField()),
                ('drawn_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-drawn_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SampledPassage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('reading', models.PositiveSmallIntegerField()),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('codes', models.JSONField(default=list)),
                ('answered_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['sample', 'number'],
            },
        ),
        migrations.CreateModel(
            name='SuggestionBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('collection', models.CharField(blank=True, max_length=60)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('blocked_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['collection', 'review'],
            },
        ),
        migrations.CreateModel(
            name='SuggestionRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('reading', models.PositiveSmallIntegerField()),
                ('passages', models.PositiveIntegerField(default=0)),
                ('suggested', models.PositiveIntegerField(default=0)),
                ('dropped', models.PositiveIntegerField(default=0)),
                ('refused', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['asked_at', 'pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='suggestiondecision',
            name='one_decision_on_a_suggestion',
        ),
        migrations.AddField(
            model_name='suggestion',
            name='score',
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name='suggestiondecision',
            name='changed',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='suggestiondecision',
            name='superseded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='codingaction',
            name='kind',
            field=models.CharField(choices=[('code', 'Code added'), ('change', 'Coding changed'), ('boundaries', 'Boundaries changed'), ('remove', 'Coding removed'), ('memo', 'Memo on the report'), ('read', 'Page marked'), ('suggestion', 'Suggestion decided'), ('undo', 'Undone'), ('redo', 'Done again')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='suggestiondecision',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('suggestion', 'decided_by'), name='one_decision_on_a_suggestion'),
        ),
        migrations.AddField(
            model_name='machinecoder',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='machinecoder',
            name='framework',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.framework'),
        ),
        migrations.AddField(
            model_name='machinecoder',
            name='reviews',
            field=models.ManyToManyField(related_name='+', to='documents.review'),
        ),
        migrations.AddField(
            model_name='passagesample',
            name='drawn_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='passagesample',
            name='framework',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.framework'),
        ),
        migrations.AddField(
            model_name='passagesample',
            name='machine',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='samples', to='coding.machinecoder'),
        ),
        migrations.AddField(
            model_name='passagesample',
            name='reader',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sampledpassage',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.report'),
        ),
        migrations.AddField(
            model_name='sampledpassage',
            name='sample',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='coding.passagesample'),
        ),
        migrations.AddField(
            model_name='suggestionblock',
            name='blocked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='suggestionblock',
            name='lifted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='suggestionblock',
            name='review',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.review'),
        ),
        migrations.AddField(
            model_name='suggestionrun',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='suggestionrun',
            name='framework',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.framework'),
        ),
        migrations.AddField(
            model_name='suggestionrun',
            name='machine',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='coding.machinecoder'),
        ),
        migrations.AddField(
            model_name='suggestionrun',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.report'),
        ),
        migrations.AddConstraint(
            model_name='sampledpassage',
            constraint=models.UniqueConstraint(fields=('sample', 'number'), name='one_passage_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='suggestionblock',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None), ('review', None)), fields=('collection',), name='one_block_of_a_collection'),
        ),
        migrations.AddConstraint(
            model_name='suggestionblock',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('review',), name='one_block_of_a_review'),
        ),
        migrations.AddConstraint(
            model_name='suggestionrun',
            constraint=models.UniqueConstraint(fields=('machine', 'framework', 'report', 'reading'), name='one_run_of_a_machine'),
        ),
        migrations.RunPython(name_programs, migrations.RunPython.noop),
    ]
