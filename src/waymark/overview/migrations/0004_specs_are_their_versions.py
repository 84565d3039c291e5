"""Remove the second copy of the current spec, which is the last version."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('overview', '0003_versions_that_were_frozen')]

    operations = [
        # On the way back the field is there first, empty, and then filled from the versions.
        migrations.AlterField('overview', 'spec', models.TextField(default='')),
        migrations.RemoveField('overview', 'spec'),
    ]
