"""Keep with a deposit made a mark of what was sent, for a day. Earlier ones have none."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('library', '0024_words_for_overtaken_records')]

    operations = [
        migrations.AddField(
            'depositmade', 'content', models.CharField(blank=True, default='', max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            'depositmade', 'reference', models.CharField(blank=True, default='', max_length=20),
            preserve_default=False,
        ),
    ]
