"""Annual reports as a kind of manuscript; nothing changes in an earlier installation."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0010_authors_sign_briefings'),
    ]

    operations = [
        migrations.AlterField(
            model_name='manuscript',
            name='kind',
            field=models.CharField(choices=[('overview', 'Overview'), ('briefing', 'Thematic briefing'), ('guide', 'Guide'), ('annual', 'Annual report')], max_length=10),
        ),
        migrations.AlterField(
            model_name='publication',
            name='kind',
            field=models.CharField(choices=[('overview', 'Overview'), ('briefing', 'Thematic briefing'), ('guide', 'Guide'), ('annual', 'Annual report')], max_length=10),
        ),
    ]
