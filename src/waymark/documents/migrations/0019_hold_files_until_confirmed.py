"""Let a received file wait until its sender is confirmed. No earlier file is held."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('documents', '0018_sizes_of_received_files')]

    operations = [
        migrations.AlterField('intake', 'state', models.CharField(
            choices=[
                ('held', 'Waiting for confirmation'), ('waiting', 'Waiting to be read'),
                ('reading', 'Being read'), ('stored', 'Stored'), ('already', 'Already stored'),
                ('refused', 'Refused'),
            ],
            default='waiting', max_length=10,
        )),
    ]
