"""Number the reading whose words are quoted: all earlier codings and suggestions quote reading 1."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('coding', '0002_remember_the_file_of_finished_work'),
        ('documents', '0005_readings_beside_the_current_text'),
        ('frameworks', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='coding',
            name='one_current_coding',
        ),
        migrations.RemoveConstraint(
            model_name='suggestion',
            name='one_suggestion',
        ),
        migrations.AddField(
            model_name='coding',
            name='reading',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='suggestion',
            name='reading',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddConstraint(
            model_name='coding',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('report', 'reading', 'start', 'end', 'code', 'coder'), name='one_current_coding'),
        ),
        migrations.AddConstraint(
            model_name='suggestion',
            constraint=models.UniqueConstraint(fields=('report', 'reading', 'start', 'end', 'code', 'suggester'), name='one_suggestion'),
        ),
    ]
