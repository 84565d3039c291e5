"""Keep the size of a received file, for quotas. Files received earlier have none, and count as 0."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('documents', '0017_index_of_titles_of_reviews')]

    operations = [
        migrations.AddField('intake', 'size', models.PositiveBigIntegerField(default=0)),
    ]
