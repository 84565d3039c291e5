"""Add report numbers, audience and two kinds (journal article, inquiry report) of resources."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0013_editions_and_notes_of_the_thesaurus'),
    ]

    operations = [
        migrations.AddField(
            model_name='resource',
            name='audience',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.AddField(
            model_name='resource',
            name='report_number',
            field=models.CharField(blank=True, default='', max_length=60),
        ),
        migrations.AlterField(
            model_name='resource',
            name='kind',
            field=models.CharField(choices=[('research-report', 'Research report'), ('journal-article', 'Journal article'), ('inquiry-report', 'Inquiry or official report'), ('thematic-briefing', 'Thematic briefing'), ('guidance', 'Guidance'), ('statistics', 'Statistics'), ('evaluation', 'Evaluation'), ('training-course', 'Training course'), ('tool', 'Tool'), ('web-page', 'Web page')], max_length=30),
        ),
    ]
