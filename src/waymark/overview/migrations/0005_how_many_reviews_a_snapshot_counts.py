"""Store how many reviews a snapshot counts; null for one frozen before."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('overview', '0004_specs_are_their_versions')]

    operations = [
        migrations.AddField('snapshot', 'reviews', models.PositiveIntegerField(null=True)),
    ]
