"""Store whom a recommendation was served on, and what each of them did."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bodies', '0002_bodies_of_earlier_reviews'),
        ('documents', '0015_indexes_for_the_list_of_reviews'),
        ('recommendations', '0004_evidence_of_progress'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='progress',
            name='judged_by',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='progress',
            name='reported_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='progress',
            name='source',
            field=models.CharField(choices=[('staff', 'Recorded by staff'), ('body', 'Reported by the body itself'), ('rule', 'By rule')], default='staff', max_length=5),
        ),
        migrations.AddField(
            model_name='progress',
            name='verified',
            field=models.BooleanField(null=True),
        ),
        migrations.AlterField(
            model_name='progress',
            name='told_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='Addressee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('words', models.CharField(max_length=200)),
                ('scheme', models.SlugField(blank=True, max_length=40)),
                ('added_at', models.DateTimeField()),
                ('told_on', models.DateField(null=True)),
                ('answer_due', models.DateField(null=True)),
                ('standing', models.CharField(choices=[('not_told', 'Not notified yet'), ('waiting', 'Notified, no answer yet'), ('accepted', 'Accepted, not started'), ('in_part', 'Accepted in part, not started'), ('in_principle', 'Accepted in principle, not started'), ('rejected', 'Not accepted'), ('in_progress', 'In progress'), ('reported', 'Complete, as reported'), ('verified', 'Complete, verified'), ('superseded', 'Superseded')], default='not_told', max_length=12)),
                ('overdue_from', models.DateField(null=True)),
                ('level', models.PositiveSmallIntegerField(default=0)),
                ('steps', models.PositiveSmallIntegerField(default=0)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('body', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='addressed', to='bodies.body')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addressees', to='documents.review')),
            ],
            options={
                'ordering': ['review', 'number', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='progress',
            name='addressee',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='progress', to='recommendations.addressee'),
        ),
        migrations.CreateModel(
            name='AddresseeAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('owner', models.CharField(blank=True, max_length=200)),
                ('due', models.DateField(null=True)),
                ('done_on', models.DateField(null=True)),
                ('evidence', models.TextField(blank=True)),
                ('source', models.CharField(choices=[('staff', 'Recorded by staff'), ('body', 'Reported by the body itself'), ('rule', 'By rule')], default='staff', max_length=5)),
                ('recorded_at', models.DateTimeField()),
                ('addressee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='recommendations.addressee')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['due', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('notified', 'Notified'), ('acknowledged', 'Acknowledged'), ('answered', 'Answered'), ('reminded', 'Reminded'), ('listed', 'Published as late'), ('escalated', 'Escalated'), ('reopened', 'Reopened'), ('note', 'Note')], max_length=12)),
                ('on', models.DateField()),
                ('how', models.CharField(blank=True, max_length=100)),
                ('answer', models.CharField(blank=True, choices=[('accepted', 'Accepted'), ('in_part', 'Accepted in part'), ('in_principle', 'Accepted in principle'), ('rejected', 'Not accepted')], max_length=12)),
                ('text', models.TextField(blank=True)),
                ('step', models.PositiveSmallIntegerField(null=True)),
                ('cycle', models.DateField(null=True)),
                ('level', models.PositiveSmallIntegerField(null=True)),
                ('source', models.CharField(choices=[('staff', 'Recorded by staff'), ('body', 'Reported by the body itself'), ('rule', 'By rule')], default='staff', max_length=5)),
                ('recorded_at', models.DateTimeField()),
                ('taken_back_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('addressee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='recommendations.addressee')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'ledger entries',
                'ordering': ['on', 'pk'],
            },
        ),
        migrations.AddIndex(
            model_name='addressee',
            index=models.Index(fields=['overdue_from'], name='addressee_overdue'),
        ),
        migrations.AddIndex(
            model_name='addressee',
            index=models.Index(fields=['body', 'standing'], name='addressee_of_body'),
        ),
        migrations.AddIndex(
            model_name='addressee',
            index=models.Index(fields=['review', 'number', 'standing', 'overdue_from', 'body'], name='addressee_standing'),
        ),
        migrations.AddConstraint(
            model_name='addressee',
            constraint=models.UniqueConstraint(fields=('review', 'number', 'words'), name='one_addressee_of_these_words'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.UniqueConstraint(condition=models.Q(('cycle__isnull', False), ('taken_back_at', None)), fields=('addressee', 'cycle', 'step'), name='one_step_of_a_cycle'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'answered'), ('answer', ''), _connector='XOR'), name='answer_of_an_answer'),
        ),
    ]
