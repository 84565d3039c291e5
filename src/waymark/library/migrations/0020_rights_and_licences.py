"""Add who holds the rights and the terms of reuse; both are unknown for records of an earlier installation."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0019_answers_about_pages'),
    ]

    operations = [
        migrations.AddField(
            model_name='resource',
            name='licence',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='resource',
            name='rights_holder',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='reviewdetails',
            name='licence',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='reviewdetails',
            name='rights_holder',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
    ]
