"""Count how often the database proved to be an older copy: no emails of before are sent by themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_read_the_audit_log_by_person_and_action'),
    ]

    operations = [
        migrations.AddField(
            model_name='installation',
            name='send_epoch',
            field=models.PositiveIntegerField(default=1),
        ),
    ]
