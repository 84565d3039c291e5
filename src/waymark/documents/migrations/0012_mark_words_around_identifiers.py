"""Mark the words around the mentions of alerts stored before, so that their answers carry on.

An alert whose words are not in the text, or have more mentions than are stored, has no marks: its
answer carries on at the next check whatever is around its words, as it did before.
"""

from django.db import migrations

from waymark.documents.anonymity.surroundings import surroundings_of


def mark_surroundings(apps, schema_editor):
    alerts = apps.get_model("documents", "AnonymityAlert").objects.using(schema_editor.connection.alias)
    texts = apps.get_model("documents", "ReportText").objects.using(schema_editor.connection.alias)
    reports = alerts.order_by().values_list("report_id", flat=True).distinct()
    for report in list(reports):
        text = texts.filter(report_id=report).values_list("content", flat=True).first() or ""
        for alert in alerts.filter(report_id=report, source=""):
            if alert.places and len(alert.places) == alert.count:
                marks = {surroundings_of(text, start, end) for start, end in alert.places}
                alerts.filter(pk=alert.pk).update(surroundings=sorted(marks))


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0011_words_around_identifiers'),
    ]

    operations = [
        migrations.RunPython(mark_surroundings, migrations.RunPython.noop),
    ]
