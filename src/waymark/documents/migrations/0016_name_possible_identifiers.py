"""Call the findings of the anonymity check possible identifiers; the table keeps its name."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0015_indexes_for_the_list_of_reviews'),
    ]

    operations = [
        migrations.AlterModelTable(
            name='anonymityalert',
            table='documents_anonymityalert',
        ),
        migrations.RenameModel(
            old_name='AnonymityAlert',
            new_name='PossibleIdentifier',
        ),
        migrations.AlterField(
            model_name='possibleidentifier',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='possible_identifiers', to='documents.report'),
        ),
    ]
