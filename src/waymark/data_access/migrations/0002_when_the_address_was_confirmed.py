"""When an applicant confirmed the email address; what waits from before is confirmed first, too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('data_access', '0001_applications_approvals_and_exports'),
    ]

    operations = [
        migrations.AddField(
            model_name='dataapplication',
            name='confirmed_at',
            field=models.DateTimeField(null=True),
        ),
    ]
