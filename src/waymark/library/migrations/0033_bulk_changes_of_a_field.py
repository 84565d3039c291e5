"""Note which field a bulk change gave a value, and which; earlier changes have none."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0032_link_checks'),
    ]

    operations = [
        migrations.AddField(
            model_name='bulkchange',
            name='field',
            field=models.CharField(blank=True, choices=[('publisher', 'Publisher'), ('nation', 'Nation'), ('language', 'Language'), ('licence', 'Licence'), ('rights_holder', 'Rights holder'), ('audience', 'Audience')], default='', max_length=20),
        ),
        migrations.AddField(
            model_name='bulkchange',
            name='value',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AlterField(
            model_name='bulkchange',
            name='action',
            field=models.CharField(choices=[('publish', 'Publish'), ('internal', 'Make internal'), ('add-subjects', 'Add subjects'), ('remove-subjects', 'Remove subjects'), ('set-field', 'Change a field')], max_length=20),
        ),
    ]
