"""Number the reading whose words are quoted: all earlier quotes are in reading 1."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0002_withdraw_children'),
    ]

    operations = [
        migrations.AddField(
            model_name='judgementquote',
            name='reading',
            field=models.PositiveSmallIntegerField(default=1),
        ),
    ]
