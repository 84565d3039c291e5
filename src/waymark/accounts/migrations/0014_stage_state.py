"""Store the state of what each stage has published, on which the files of data depend."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_organisation_accounts")]

    operations = [
        migrations.CreateModel(
            name="StageState",
            fields=[
                ("stage", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
    ]
