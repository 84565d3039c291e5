"""Allow children to be withdrawn: a corrected coding file may describe fewer of them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('profiles', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='child',
            name='withdrawn_at',
            field=models.DateTimeField(null=True),
        ),
    ]
