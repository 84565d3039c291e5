"""Count how often the database proved to be an older copy: no emails of before are sent by themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_content_state'),
    ]

    operations = [
        migrations.AddField(
            model_name='installation',
            name='send_epoch',
            field=models.PositiveIntegerField(default=1),
        ),
    ]
