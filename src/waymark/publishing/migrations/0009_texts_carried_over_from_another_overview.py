"""A mark for texts that were carried over from another overview; texts written before have none."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0008_texts_that_are_being_written'),
    ]

    operations = [
        migrations.AddField(
            model_name='reportversion',
            name='carried_from',
            field=models.SlugField(blank=True, db_index=False, default='', max_length=60),
        ),
    ]
