"""Acts of coders in the workbench, their memos, read pages, keys and settings. Earlier codings have no acts."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('coding', '0004_index_of_the_reviews_of_each_code'),
        ('documents', '0016_name_possible_identifiers'),
        ('frameworks', '0002_variables_of_adults_and_several_values'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CodeKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=1)),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='CoderSettings',
            fields=[
                ('coder', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('veil', models.CharField(choices=[('never', 'Do not hide any passage'), ('marked', 'Hide passages whose words point to violence, abuse or death'), ('always', 'Hide every passage until I show it')], default='never', max_length=10)),
                ('break_minutes', models.PositiveSmallIntegerField(default=45)),
            ],
        ),
        migrations.CreateModel(
            name='CodingAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', models.CharField(max_length=40)),
                ('number', models.PositiveIntegerField(help_text='counted from 1 at each desk')),
                ('kind', models.CharField(choices=[('code', 'Code added'), ('change', 'Coding changed'), ('boundaries', 'Boundaries changed'), ('remove', 'Coding removed'), ('memo', 'Memo on the report'), ('read', 'Page marked'), ('undo', 'Undone'), ('redo', 'Done again')], max_length=10)),
                ('reading', models.PositiveSmallIntegerField()),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('decided_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['coder', 'report', 'framework', 'number'],
            },
        ),
        migrations.CreateModel(
            name='ReadPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reading', models.PositiveSmallIntegerField()),
                ('part', models.PositiveIntegerField()),
                ('decided_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ReportMemo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('decided_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name='coding',
            index=models.Index(condition=models.Q(('superseded_at', None)), fields=['coder', 'report', 'start'], name='current_codings_of_a_coder'),
        ),
        migrations.AddField(
            model_name='codekey',
            name='code',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='frameworks.code'),
        ),
        migrations.AddField(
            model_name='codekey',
            name='coder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='codekey',
            name='framework',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='frameworks.framework'),
        ),
        migrations.AddField(
            model_name='codingaction',
            name='beneath',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coding.codingaction'),
        ),
        migrations.AddField(
            model_name='codingaction',
            name='coder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='codingaction',
            name='framework',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.framework'),
        ),
        migrations.AddField(
            model_name='codingaction',
            name='redo',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coding.codingaction'),
        ),
        migrations.AddField(
            model_name='codingaction',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.report'),
        ),
        migrations.AddField(
            model_name='codingaction',
            name='target',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coding.codingaction'),
        ),
        migrations.AddField(
            model_name='codingaction',
            name='undo',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='coding.codingaction'),
        ),
        migrations.AddField(
            model_name='readpart',
            name='coder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='readpart',
            name='framework',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.framework'),
        ),
        migrations.AddField(
            model_name='readpart',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.report'),
        ),
        migrations.AddField(
            model_name='reportmemo',
            name='coder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reportmemo',
            name='framework',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='frameworks.framework'),
        ),
        migrations.AddField(
            model_name='reportmemo',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.report'),
        ),
        migrations.AddConstraint(
            model_name='codekey',
            constraint=models.UniqueConstraint(fields=('coder', 'framework', 'key'), name='one_code_of_a_key'),
        ),
        migrations.AddConstraint(
            model_name='codekey',
            constraint=models.UniqueConstraint(fields=('coder', 'code'), name='one_key_of_a_code'),
        ),
        migrations.AddConstraint(
            model_name='codingaction',
            constraint=models.UniqueConstraint(fields=('coder', 'act'), name='one_action_of_an_act'),
        ),
        migrations.AddConstraint(
            model_name='codingaction',
            constraint=models.UniqueConstraint(fields=('coder', 'report', 'framework', 'number'), name='one_action_of_a_number'),
        ),
        migrations.AddConstraint(
            model_name='readpart',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('coder', 'report', 'framework', 'reading', 'part'), name='one_current_read_part'),
        ),
        migrations.AddConstraint(
            model_name='reportmemo',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('coder', 'report', 'framework'), name='one_current_report_memo'),
        ),
    ]
