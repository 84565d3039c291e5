"""Number the reading whose words are quoted: all earlier recommendations are in reading 1."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0002_supersede_recommendations'),
    ]

    operations = [
        migrations.AddField(
            model_name='recommendation',
            name='reading',
            field=models.PositiveSmallIntegerField(default=1),
        ),
    ]
