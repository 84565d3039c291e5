"""Add books, chapters, theses, legislation and recordings, and where a work is in its journal.

Articles of an earlier version had the journal as their series, and "41(2), 242-260" as their report
number: both move to fields of their own. A number of another form stays where it is.
"""

import re

from django.db import migrations, models

PLACE = re.compile(
    r"(?P<volume>\w+)(?: ?\((?P<issue>[^()]+)\))?(?:, ?(?P<pages>\w+(?:-\w+)?))?"
)


def move_journals(apps, schema_editor):
    """Give each article its journal, volume, issue and pages."""
    resources = apps.get_model("library", "Resource")
    for resource in resources.objects.filter(kind="journal-article").iterator():
        place = PLACE.fullmatch(resource.report_number.replace("\u2013", "-"))
        resource.host_title, resource.series = resource.series, ""
        # "e1234" alone is a number of the article, "41" a volume.
        if place and (place["issue"] or place["pages"] or place["volume"].isdigit()):
            resource.volume = place["volume"] or ""
            resource.issue = place["issue"] or ""
            resource.pages = place["pages"] or ""
            resource.report_number = ""
        resource.save(
            update_fields=["host_title", "series", "volume", "issue", "pages", "report_number"]
        )


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0030_authors_that_are_bodies'),
    ]

    operations = [
        migrations.AddField(
            model_name='resource',
            name='edition',
            field=models.CharField(blank=True, default='', max_length=60),
        ),
        migrations.AddField(
            model_name='resource',
            name='editors',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='resource',
            name='host_title',
            field=models.CharField(blank=True, default='', max_length=300),
        ),
        migrations.AddField(
            model_name='resource',
            name='issn',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='resource',
            name='issue',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
        migrations.AddField(
            model_name='resource',
            name='keywords',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='resource',
            name='link_checked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='resource',
            name='link_fault',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='resource',
            name='pages',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
        migrations.AddField(
            model_name='resource',
            name='place',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='resource',
            name='transcript_url',
            field=models.URLField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='resource',
            name='volume',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
        migrations.AlterField(
            model_name='resource',
            name='kind',
            field=models.CharField(choices=[('research-report', 'Research report'), ('journal-article', 'Journal article'), ('book', 'Book'), ('book-chapter', 'Book chapter'), ('thesis', 'Thesis'), ('inquiry-report', 'Inquiry or official report'), ('thematic-briefing', 'Thematic briefing'), ('guidance', 'Guidance'), ('legislation', 'Legislation'), ('statistics', 'Statistics'), ('evaluation', 'Evaluation'), ('training-course', 'Training course'), ('tool', 'Tool'), ('web-page', 'Web page'), ('recording', 'Film or podcast'), ('answered-question', 'Answered question')], max_length=30),
        ),
        migrations.RunPython(move_journals, migrations.RunPython.noop),
    ]
