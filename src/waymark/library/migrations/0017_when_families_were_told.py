"""Add records of when families were told of the publication of a review; none exist yet."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0014_readings_that_people_rejected'),
        ('library', '0016_concerns_about_pages'),
    ]

    operations = [
        migrations.CreateModel(
            name='FamilyNotification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('given_by', models.CharField(max_length=200)),
                ('method', models.CharField(choices=[('meeting', 'At a meeting'), ('telephone', 'By telephone'), ('letter', 'By letter'), ('email', 'By email'), ('other', 'In another way')], max_length=10)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('recorded_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='family_notifications', to='documents.review')),
            ],
            options={
                'ordering': ['review', 'on', 'pk'],
            },
        ),
    ]
