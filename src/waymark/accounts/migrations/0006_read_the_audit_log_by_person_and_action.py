"""Add indexes of the audit log, so that its page is quick in a long log. No entry changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_content_state")]

    operations = [
        migrations.AddIndex("auditentry", models.Index(fields=["at"], name="audit_by_time")),
        migrations.AddIndex(
            "auditentry", models.Index(fields=["actor", "at"], name="audit_by_person")
        ),
        migrations.AddIndex(
            "auditentry", models.Index(fields=["action", "at"], name="audit_by_action")
        ),
    ]
