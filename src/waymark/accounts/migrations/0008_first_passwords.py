"""Mark passwords that somebody else made; those of an earlier version count as people's own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_send_epoch")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="first_password_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
