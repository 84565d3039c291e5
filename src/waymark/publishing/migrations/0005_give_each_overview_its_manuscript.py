"""Every overview gets a manuscript, which owns its texts, signatures and editions."""

from django.db import migrations
from django.db.migrations.exceptions import IrreversibleError


def give_manuscripts(apps, schema_editor):
    """Every overview gets a manuscript, which owns its texts, signatures and editions."""
    alias = schema_editor.connection.alias
    rows = {name: apps.get_model(*name.split('.')).objects.using(alias) for name in (
        'overview.Overview', 'publishing.Manuscript', 'publishing.ReportVersion',
        'publishing.Signature', 'publishing.Publication',
    )}
    for overview in rows['overview.Overview'].all():
        manuscript = rows['publishing.Manuscript'].create(
            kind='overview', slug=overview.slug, overview=overview
        )
        rows['publishing.ReportVersion'].filter(overview=overview).update(manuscript=manuscript)
        for name in ('publishing.Signature', 'publishing.Publication'):
            rows[name].filter(snapshot__overview=overview).update(manuscript=manuscript)
    # PostgreSQL alters no table with checks outstanding, where one transaction does all of it.
    schema_editor.connection.check_constraints()


def give_texts_back(apps, schema_editor):
    """Texts belong to overviews again. Works of other kinds have none, so they must not be there."""
    alias = schema_editor.connection.alias
    manuscripts = apps.get_model('publishing', 'Manuscript').objects.using(alias)
    if manuscripts.exclude(kind='overview').exists():
        raise IrreversibleError('an earlier version has no place for briefings and guides')
    versions = apps.get_model('publishing', 'ReportVersion').objects.using(alias)
    for manuscript in manuscripts.all():
        versions.filter(manuscript=manuscript).update(overview=manuscript.overview_id)
    for name in ('ReportVersion', 'Signature', 'Publication'):
        apps.get_model('publishing', name).objects.using(alias).update(manuscript=None)
    manuscripts.all().delete()
    schema_editor.connection.check_constraints()


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0004_manuscripts_own_texts_signatures_and_editions'),
    ]

    operations = [migrations.RunPython(give_manuscripts, give_texts_back)]
