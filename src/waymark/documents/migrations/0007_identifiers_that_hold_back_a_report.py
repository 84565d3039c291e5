"""Store what may identify a person in a report. A report stored before is unchecked: no moment."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0006_pages_recognised_from_scans'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='anonymity_checked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='ListedWords',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(max_length=200)),
                ('folded', models.CharField(max_length=200, unique=True)),
                ('rule', models.CharField(choices=[('never', 'Never an identifier'), ('always', 'Always an identifier')], max_length=10)),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['folded'],
            },
        ),
        migrations.CreateModel(
            name='AnonymityAlert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('person', 'Names of people'), ('initials', 'Initials'), ('birth-date', 'Dates of birth'), ('exact-date', 'Exact dates of a death or with an age'), ('place', 'Names of places'), ('address', 'Addresses and postcodes'), ('institution', 'Named schools, surgeries, hospitals and places of worship'), ('health-number', 'Health service numbers'), ('official-number', 'Numbers of documents, vehicles and court cases'), ('contact', 'Telephone numbers, email addresses and accounts'), ('pseudonym', 'Pseudonyms'), ('rare-fact', 'Rare facts')], max_length=20)),
                ('words', models.CharField(max_length=200)),
                ('folded', models.CharField(max_length=200)),
                ('source', models.CharField(blank=True, max_length=40)),
                ('reason', models.CharField(max_length=200)),
                ('count', models.PositiveIntegerField()),
                ('places', models.JSONField(default=list)),
                ('verdict', models.CharField(blank=True, choices=[('kept', 'They may be published'), ('masked', 'They must be masked in a new file'), ('false', 'They identify nobody')], max_length=10)),
                ('answer', models.CharField(blank=True, max_length=500)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='anonymity_alerts', to='documents.report')),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['verdict'], name='anonymity_verdict')],
                'constraints': [models.UniqueConstraint(fields=('report', 'kind', 'folded'), name='one_alert_of_the_same_words')],
            },
        ),
    ]
