"""Index of the reviews that have each code, for the pages that count them."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('coding', '0003_reading_of_each_quotation'),
        ('documents', '0014_readings_that_people_rejected'),
        ('frameworks', '0002_variables_of_adults_and_several_values'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='agreedcode',
            index=models.Index(condition=models.Q(('present', True), ('superseded_at', None)), fields=['code', 'review'], name='current_codes_by_code'),
        ),
    ]
