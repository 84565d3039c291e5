"""The spec that stands is the last version: it is no longer kept a second time."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('overview', '0003_versions_that_were_frozen')]

    operations = [
        # On the way back the field is there first, empty, and then filled from the versions.
        migrations.AlterField('overview', 'spec', models.TextField(default='')),
        migrations.RemoveField('overview', 'spec'),
    ]
