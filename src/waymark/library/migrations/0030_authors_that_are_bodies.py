"""Store which authors of a record are bodies, by the records of authors, publishers and the look of the name; find records by publisher quickly."""

from django.db import migrations, models

from waymark.library.catalogue.author_names import bodies_among


def set_author_bodies(apps, schema_editor):
    Resource, Author = apps.get_model("library", "Resource"), apps.get_model("library", "Author")
    AuthorName = apps.get_model("library", "AuthorName")
    BodyName = apps.get_model("bodies", "BodyName")
    publishers = set(Resource.objects.exclude(publisher="").values_list("publisher", flat=True))
    bodies = publishers | set(BodyName.objects.values_list("name", flat=True))
    named = AuthorName.objects.values_list("name", "author__kind")
    bodies |= {name for name, kind in named if kind == "body"}
    # Until now a name with a comma was taken for a person's when its record was added; only a name
    # without one was a person's because somebody said so.
    persons = {name for name, kind in named if kind == "person" and "," not in name}
    changed = []
    for work in Resource.objects.exclude(authors=[]).only("authors").iterator(chunk_size=1_000):
        work.author_bodies = list(bodies_among(work.authors, bodies=bodies - persons, persons=persons))
        if work.author_bodies:
            changed.append(work)
    Resource.objects.bulk_update(changed, ["author_bodies"], batch_size=1_000)
    for author in Author.objects.filter(kind="person", name__contains=","):
        if bodies_among([author.name], bodies=bodies):
            Author.objects.filter(pk=author.pk).update(kind="body")


class Migration(migrations.Migration):

    dependencies = [
        ('bodies', '0002_bodies_of_earlier_reviews'),
        ('library', '0029_authors_of_publications'),
    ]

    operations = [
        migrations.AddField(
            model_name='resource',
            name='author_bodies',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AlterField(
            model_name='resource',
            name='publisher',
            field=models.CharField(blank=True, db_index=True, max_length=200),
        ),
        migrations.RunPython(set_author_bodies, migrations.RunPython.noop),
    ]
