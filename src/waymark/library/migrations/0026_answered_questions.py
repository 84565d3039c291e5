"""Add the kind of resource that an answer of the desk is in the library."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0025_notice_deposits_sent_twice'),
    ]

    operations = [
        migrations.AlterField(
            model_name='resource',
            name='kind',
            field=models.CharField(choices=[('research-report', 'Research report'), ('journal-article', 'Journal article'), ('inquiry-report', 'Inquiry or official report'), ('thematic-briefing', 'Thematic briefing'), ('guidance', 'Guidance'), ('statistics', 'Statistics'), ('evaluation', 'Evaluation'), ('training-course', 'Training course'), ('tool', 'Tool'), ('web-page', 'Web page'), ('answered-question', 'Answered question')], max_length=30),
        ),
    ]
