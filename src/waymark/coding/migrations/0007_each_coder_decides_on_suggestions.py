"""Decisions on suggestions, one for each coder, from the single one that there was."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def copy_decisions(apps, schema_editor):
    """Decisions of earlier versions, of which there was one for each suggestion."""
    Suggestion = apps.get_model("coding", "Suggestion")
    SuggestionDecision = apps.get_model("coding", "SuggestionDecision")
    decided = Suggestion.objects.exclude(decided_by=None).order_by()
    SuggestionDecision.objects.bulk_create(
        (
            SuggestionDecision(
                suggestion_id=pk, decided_by_id=by, accepted=state == "accepted", decided_at=at
            )
            for pk, by, state, at in decided.values_list("pk", "decided_by", "state", "decided_at")
        ),
        batch_size=1_000,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('coding', '0006_rounds_decisions_and_returned_work'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SuggestionDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('accepted', models.BooleanField()),
                ('decided_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('suggestion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='coding.suggestion')),
            ],
            options={
                'ordering': ['suggestion', 'decided_at'],
                'constraints': [models.UniqueConstraint(fields=('suggestion', 'decided_by'), name='one_decision_on_a_suggestion')],
            },
        ),
        migrations.RunPython(copy_decisions, migrations.RunPython.noop),
    ]
