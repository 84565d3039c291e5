"""Add what a course involves; earlier courses say nothing of it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0001_courses_and_sessions'),
    ]

    operations = [
        migrations.AddField(
            model_name='course',
            name='details',
            field=models.TextField(blank=True, default=''),
        ),
    ]
