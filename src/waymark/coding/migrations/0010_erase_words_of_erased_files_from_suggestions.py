"""Models know which reports they learned from; words of files erased earlier leave suggestions.

For a model of an earlier version all reports of its reviews count as learned from.
"""

from django.db import migrations, models


def erase_words(apps, schema_editor):
    """Blank the suggestions of erased files, and forget the files of models that learned from them.

    Doctor then names those files, to be deleted.
    """
    Suggestion = apps.get_model("coding", "Suggestion")
    MachineCoder = apps.get_model("coding", "MachineCoder")
    Report = apps.get_model("documents", "Report")
    Suggestion.objects.filter(report__original__erased_at__isnull=False).update(
        exact="", prefix="", suffix="", cue=""
    )
    for machine in MachineCoder.objects.exclude(sha256=""):
        learned = Report.objects.filter(review__in=machine.reviews.all())
        machine.reports.set(learned)
        if learned.exclude(original__erased_at=None).exists():
            MachineCoder.objects.filter(pk=machine.pk).update(sha256="")


class Migration(migrations.Migration):

    dependencies = [
        ('coding', '0009_programs_as_coders_of_their_own_kind'),
        ('documents', '0016_name_possible_identifiers'),
    ]

    operations = [
        migrations.AddField(
            model_name='machinecoder',
            name='reports',
            field=models.ManyToManyField(related_name='+', to='documents.report'),
        ),
        migrations.RunPython(erase_words, migrations.RunPython.noop),
    ]
