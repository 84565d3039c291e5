"""Number the reading whose words are quoted: all earlier sentences are in reading 1."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0009_emails_move_to_mail'),
    ]

    operations = [
        migrations.AddField(
            model_name='abstractplace',
            name='reading',
            field=models.PositiveSmallIntegerField(default=1),
        ),
    ]
