"""Allow recommendations to be superseded; of each number one is current."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0002_originals_that_were_erased'),
        ('recommendations', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='recommendation',
            name='one_recommendation_of_a_number',
        ),
        migrations.AddField(
            model_name='recommendation',
            name='superseded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('review', 'number'), name='one_recommendation_of_a_number'),
        ),
    ]
