"""Store the strength of the action that a recommendation asks for, and the finding it answers."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0007_standing_of_recommendations'),
    ]

    operations = [
        migrations.AddField(
            model_name='recommendation',
            name='finding',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='strength',
            field=models.CharField(blank=True, default='', max_length=12),
        ),
    ]
