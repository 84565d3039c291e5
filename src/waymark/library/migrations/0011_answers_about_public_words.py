"""Decisions that words may be public in a description; descriptions stored before have none yet."""


import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0010_reading_of_each_quotation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PublicWordsAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=100)),
                ('kind', models.CharField(choices=[('person', 'Names of people'), ('initials', 'Initials'), ('birth-date', 'Dates of birth'), ('exact-date', 'Exact dates of a death or with an age'), ('place', 'Names of places'), ('address', 'Addresses and postcodes'), ('institution', 'Named schools, surgeries, hospitals and places of worship'), ('health-number', 'Health service numbers'), ('official-number', 'Numbers of documents, vehicles and court cases'), ('contact', 'Telephone numbers, email addresses and accounts'), ('pseudonym', 'Pseudonyms'), ('rare-fact', 'Rare facts')], max_length=20)),
                ('folded', models.CharField(max_length=200)),
                ('surroundings', models.CharField(max_length=12)),
                ('verdict', models.CharField(choices=[('kept', 'They may be published'), ('false', 'They identify nobody')], max_length=10)),
                ('answer', models.CharField(max_length=500)),
                ('answered_at', models.DateTimeField()),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('subject', 'kind', 'folded', 'surroundings'), name='one_answer_for_public_words')],
            },
        ),
    ]
