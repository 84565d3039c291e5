"""Keep when the sender of a deposit confirmed it. Earlier deposits count as before, unconfirmed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('library', '0033_bulk_changes_of_a_field')]

    operations = [
        migrations.AddField('deposit', 'confirmed_at', models.DateTimeField(null=True)),
        migrations.AlterField('deposit', 'state', models.CharField(
            choices=[
                ('to_confirm', 'Not confirmed'), ('received', 'Received'), ('in_check', 'In check'),
                ('returned', 'Returned'), ('published', 'Published'),
            ],
            default='received', max_length=10,
        )),
    ]
