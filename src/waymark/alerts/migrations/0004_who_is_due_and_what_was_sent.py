"""Store who is due which item of an alert, the emails that bring them, and what came back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0003_subscribers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('issue', 'Issue'), ('correction', 'Correction'), ('withdrawal', 'Withdrawal')], max_length=10)),
                ('moment', models.DateTimeField()),
                ('decided_to', models.PositiveBigIntegerField(default=0)),
                ('decided_at', models.DateTimeField(null=True)),
                ('mark', models.CharField(max_length=32)),
                ('epoch', models.PositiveIntegerField()),
                ('resume_at', models.DateTimeField(null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=500)),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dispatches', to='alerts.alertissue')),
                ('item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.issueitem')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=200, unique=True)),
                ('domain', models.CharField(blank=True, max_length=254)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('claimed', 'Being sent'), ('sent', 'Sent'), ('unknown', 'Not known'), ('failed', 'Failed'), ('refused', 'Refused'), ('dropped', 'Not sent')], default='waiting', max_length=8)),
                ('round', models.PositiveSmallIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('claim', models.CharField(blank=True, max_length=32)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('next_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('dispatch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mailings', to='alerts.dispatch')),
                ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mailings', to='alerts.subscriber')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='DeliveryDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('due', 'Due'), ('unconfirmed', 'Had not confirmed the address'), ('stopped', 'Sending to the address was stopped'), ('already', 'Received it in an earlier issue')], max_length=11)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='alerts.issueitem')),
                ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='alerts.subscriber')),
                ('mailing', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='alerts.mailing')),
            ],
        ),
        migrations.CreateModel(
            name='Bounce',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('server', 'The mail server refused it'), ('email', 'An email came back')], max_length=6)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('kind', models.CharField(max_length=12)),
                ('hard', models.BooleanField()),
                ('words', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(null=True)),
                ('seen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('mailing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bounces', to='alerts.mailing')),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='dispatch',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'issue')), fields=('issue',), name='one_dispatch_of_an_issue'),
        ),
        migrations.AddConstraint(
            model_name='dispatch',
            constraint=models.UniqueConstraint(fields=('item', 'kind', 'moment'), name='one_dispatch_of_a_correction'),
        ),
        migrations.AddConstraint(
            model_name='dispatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('item', None), ('kind', 'issue')), models.Q(models.Q(('kind', 'issue'), _negated=True), ('item__isnull', False)), _connector='OR'), name='a_correction_is_of_an_item'),
        ),
        migrations.AddIndex(
            model_name='mailing',
            index=models.Index(fields=['state', 'dispatch'], name='mailings_by_state'),
        ),
        migrations.AddIndex(
            model_name='mailing',
            index=models.Index(fields=['domain', 'sent_at'], name='mailings_by_domain'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.UniqueConstraint(fields=('dispatch', 'subscriber'), name='one_mailing_of_a_dispatch'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at', None)), _connector='OR'), name='a_sent_mailing_has_its_time'),
        ),
        migrations.AddConstraint(
            model_name='deliverydecision',
            constraint=models.UniqueConstraint(fields=('item', 'subscriber'), name='one_decision_of_an_item_and_subscriber'),
        ),
        migrations.AddConstraint(
            model_name='deliverydecision',
            constraint=models.CheckConstraint(condition=models.Q(('outcome', 'due'), ('mailing', None), _connector='OR'), name='only_what_is_due_is_mailed'),
        ),
        migrations.AddConstraint(
            model_name='bounce',
            constraint=models.UniqueConstraint(condition=models.Q(('sha256', ''), _negated=True), fields=('mailing', 'sha256'), name='one_bounce_of_an_email'),
        ),
    ]
