"""Store which installation this is, how much of the journal is done, and if emails are paused."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_remember_failed_sign_ins")]

    operations = [
        migrations.CreateModel(
            name="Installation",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, primary_key=True, serialize=False
                    ),
                ),
                ("identifier", models.CharField(max_length=32)),
                ("created_at", models.DateTimeField()),
                ("removals_seen", models.PositiveBigIntegerField(default=0)),
                ("sending_paused_at", models.DateTimeField(null=True)),
                ("sending_paused_reason", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="one_installation"
                    )
                ],
            },
        ),
    ]
