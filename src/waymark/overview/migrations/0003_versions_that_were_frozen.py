"""Restore overwritten versions of specs from the snapshots that were frozen with them.

They become the first versions, in the order of the snapshots; the current spec comes last. When
that one was saved is not known, so it gets the latest moment that is known.
"""

from django.db import migrations


def versions_that_were_frozen(apps, schema_editor):
    alias = schema_editor.connection.alias
    overviews = apps.get_model("overview", "Overview").objects.using(alias)
    snapshots = apps.get_model("overview", "Snapshot").objects.using(alias)
    versions = apps.get_model("overview", "SpecVersion").objects.using(alias)
    for overview in overviews.order_by("pk"):
        said = [(overview.created_at, overview.created_by_id, None)]
        frozen = snapshots.filter(overview=overview).order_by("number")
        said += list(frozen.values_list("taken_at", "taken_by", "spec"))
        found = [one for one in said if one[2] is not None]
        if not found or found[-1][2] != overview.spec:
            found.append((said[-1][0], overview.created_by_id, overview.spec))
        number, last = 0, None
        for at, person, spec in found:
            if spec != last:
                number, last = number + 1, spec
                versions.create(
                    overview=overview,
                    number=number,
                    title=overview.title,
                    spec=spec,
                    saved_by_id=person,
                    saved_at=at,
                )


def last_version_again(apps, schema_editor):
    alias = schema_editor.connection.alias
    versions = apps.get_model("overview", "SpecVersion").objects.using(alias)
    for overview in apps.get_model("overview", "Overview").objects.using(alias):
        overview.spec = versions.filter(overview=overview).order_by("-number").first().spec
        overview.save(update_fields=["spec"])


class Migration(migrations.Migration):

    dependencies = [('overview', '0002_versions_of_specs')]

    operations = [migrations.RunPython(versions_that_were_frozen, last_version_again)]
