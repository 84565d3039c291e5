"""Add triggers with which the database refuses to change or delete an audit entry."""

from django.db import migrations

from waymark.accounts.audit_guard import create_audit_guard


def guard(apps, schema_editor):
    create_audit_guard(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
