"""Name the new classes of hidden text. Rows stay as they are.

Reports that an earlier version checked were not checked for these classes: their publication does
not change, and `waymark reports check --all` looks for them.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0003_hidden_text_that_holds_back_a_report'),
    ]

    operations = [
        migrations.AlterField(
            model_name='hiddentext',
            name='kind',
            field=models.CharField(choices=[('covered', 'Words under a box'), ('revision', 'Words of an earlier version'), ('invisible', 'Words that cannot be seen'), ('deleted', 'Deleted words'), ('comment', 'Comments'), ('field', 'Values of a form that are not shown'), ('attachment', 'Attached files'), ('bookmark', 'Bookmarks and names of places'), ('alternate', 'Texts for screen readers'), ('metadata', 'Properties of the file')], max_length=10),
        ),
    ]
