"""Make a body of each name of a board that reviews have; their words stay as they were written."""

from django.db import migrations
from django.utils import timezone
from django.utils.text import slugify


def add_bodies(apps, schema_editor):
    Review = apps.get_model("documents", "Review")
    Body, BodyName = apps.get_model("bodies", "Body"), apps.get_model("bodies", "BodyName")
    rows = Review.objects.exclude(board="").order_by("board", "pk").values_list("board", "nation")
    nations, now = {}, timezone.now()
    for board, nation in rows.iterator():
        nations[board] = nations.get(board) or nation
    keys = set(Body.objects.values_list("key", flat=True))
    named = set(BodyName.objects.values_list("name", flat=True))
    for board, nation in nations.items():
        if board in named:
            continue
        start = key = slugify(board)[:70].strip("-") or "body"
        number = 1
        while key in keys:
            number += 1
            key = f"{start}-{number}"
        keys.add(key)
        body = Body.objects.create(key=key, name=board, kind="board", nation=nation, added_at=now)
        BodyName.objects.create(body=body, name=board)


class Migration(migrations.Migration):

    dependencies = [
        ('bodies', '0001_create_bodies'),
        ('documents', '0015_indexes_for_the_list_of_reviews'),
    ]

    operations = [migrations.RunPython(add_bodies, migrations.RunPython.noop)]
