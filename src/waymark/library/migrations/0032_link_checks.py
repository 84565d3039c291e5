"""Note the status of each link, since when it has failed, and when it is tried next.

No address was ever tried: all of an earlier installation are due, a few in a minute.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0031_articles_books_and_recordings'),
    ]

    operations = [
        migrations.AddField(
            model_name='resource',
            name='link_due_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='resource',
            name='link_failed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='resource',
            name='link_status',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='resource',
            index=models.Index(fields=['link_failed_at'], name='library_res_link_fa_88a04e_idx'),
        ),
        migrations.AddIndex(
            model_name='resource',
            index=models.Index(fields=['link_due_at'], name='library_res_link_du_85309b_idx'),
        ),
    ]
