"""A log of contacts and the published counts of its years; earlier installations have none."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0001_measures_values_and_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactHighlight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts', models.DateField(unique=True)),
                ('tables', models.JSONField()),
                ('published_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-starts'],
            },
        ),
        migrations.CreateModel(
            name='LoggedContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('topic', models.CharField(choices=[('neglect', 'Neglect'), ('physical', 'Physical abuse'), ('emotional', 'Emotional abuse'), ('sexual', 'Sexual abuse'), ('online', 'Harm online'), ('domestic', 'Domestic abuse'), ('parents-health', 'Health or substance misuse of parents'), ('parenting', 'Parenting and behaviour'), ('other', 'Other')], max_length=20)),
                ('channel', models.CharField(choices=[('phone', 'Telephone'), ('email', 'Email'), ('form', 'Form on the site'), ('text', 'Text message or chat'), ('letter', 'Letter')], max_length=10)),
                ('referred', models.BooleanField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('logged_at', models.DateTimeField()),
                ('logged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-day', '-pk'],
                'indexes': [models.Index(fields=['day'], name='contacts_by_day')],
            },
        ),
    ]
