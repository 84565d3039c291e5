"""Store the state of the content, under which pages cache counts and files of data."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_which_installation_and_whether_emails_are_paused")]

    operations = [
        migrations.CreateModel(
            name="ContentState",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="one_content_state"
                    )
                ],
            },
        ),
    ]
