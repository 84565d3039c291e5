"""Children and adults as each coder describes them, from what each has judged; group answers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def describe_judged_people(apps, schema_editor):
    """Each coder describes the people whom he or she judged, by their present names."""
    Judgement = apps.get_model("profiles", "Judgement")
    DescribedPerson = apps.get_model("profiles", "DescribedPerson")
    current = Judgement.objects.filter(superseded_at=None).order_by()
    rows = []
    for level in ("child", "adult"):
        judged = current.exclude(**{level: None}).values_list(
            "coder", f"{level}_id", f"{level}__name", f"{level}__withdrawn_at"
        )
        first = judged.annotate(at=models.Min("decided_at"))
        rows += [
            DescribedPerson(
                coder_id=coder, name=name, withdrawn_at=gone, described_at=at, **{f"{level}_id": person}
            )
            for coder, person, name, gone, at in first
        ]
    DescribedPerson.objects.bulk_create(rows, batch_size=1_000)


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0016_name_possible_identifiers'),
        ('profiles', '0005_adults_of_reviews'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='GroupAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(max_length=60)),
                ('answered_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('coder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('judgements', models.ManyToManyField(related_name='+', to='profiles.judgement')),
                ('review', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.review')),
            ],
            options={
                'ordering': ['-answered_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DescribedPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('described_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('adult', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='descriptions', to='profiles.adult')),
                ('child', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='descriptions', to='profiles.child')),
                ('coder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['child__number', 'adult__number'],
                'constraints': [models.UniqueConstraint(fields=('coder', 'child'), name='one_description_of_a_child'), models.UniqueConstraint(fields=('coder', 'adult'), name='one_description_of_an_adult'), models.CheckConstraint(condition=models.Q(('child', None), ('adult', None), _connector='XOR'), name='description_of_one_person')],
            },
        ),
        migrations.RunPython(describe_judged_people, migrations.RunPython.noop),
    ]
