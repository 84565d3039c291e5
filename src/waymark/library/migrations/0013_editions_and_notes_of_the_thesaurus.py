"""Add the edition of the thesaurus, notes on its names and subjects, matches with other lists."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0012_content_notes_of_reviews'),
    ]

    operations = [
        migrations.AddField(
            model_name='concept',
            name='change_note',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='concept',
            name='history_note',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='concept',
            name='matches',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='label',
            name='note',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='thesaurusscheme',
            name='edition',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AlterField(
            model_name='label',
            name='kind',
            field=models.CharField(choices=[('preferred', 'Preferred'), ('alternative', 'Alternative'), ('hidden', 'Hidden'), ('draft', 'Draft, not checked by a translator')], max_length=12),
        ),
    ]
