"""How many reviews a snapshot counts is told in its history without reading all its rows."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('overview', '0004_specs_are_their_versions')]

    operations = [
        migrations.AddField('snapshot', 'reviews', models.PositiveIntegerField(null=True)),
    ]
