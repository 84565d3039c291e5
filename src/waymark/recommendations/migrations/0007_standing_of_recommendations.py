"""Store where each recommendation stands, for those of earlier versions by their latest progress."""

from datetime import timedelta

from django.db import migrations, models


STANDINGS = {
    "not_started": "not_told",
    "in_progress": "in_progress",
    "complete": "reported",
    "superseded": "superseded",
    "not_accepted": "rejected",
}


def derive(apps, schema_editor):
    Recommendation = apps.get_model("recommendations", "Recommendation")
    Progress = apps.get_model("recommendations", "Progress")
    rows = Progress.objects.order_by("told_at", "pk").values_list(
        "recommendation__review", "recommendation__number", "status", "due"
    )
    latest = {(review, number): (status, due) for review, number, status, due in rows.iterator()}
    for (review, number), (status, due) in latest.items():
        is_open = status in ("not_started", "in_progress")
        Recommendation.objects.filter(review=review, number=number, superseded_at=None).update(
            standing=STANDINGS[status],
            overdue_from=due + timedelta(days=1) if due and is_open else None,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0006_contacts_of_bodies'),
    ]

    operations = [
        migrations.AddField(
            model_name='recommendation',
            name='overdue_from',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='standing',
            field=models.CharField(choices=[('not_told', 'Not notified yet'), ('waiting', 'Notified, no answer yet'), ('accepted', 'Accepted, not started'), ('in_part', 'Accepted in part, not started'), ('in_principle', 'Accepted in principle, not started'), ('rejected', 'Not accepted'), ('in_progress', 'In progress'), ('reported', 'Complete, as reported'), ('verified', 'Complete, verified'), ('superseded', 'Superseded')], default='not_told', max_length=12),
        ),
        migrations.RunPython(derive, migrations.RunPython.noop),
    ]
