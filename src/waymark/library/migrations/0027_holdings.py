"""Add the places where the publication of a resource can be read."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0026_answered_questions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Holding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('open', 'Free to read online'), ('shelf', 'Held by a library'), ('scan', 'We can send a scan of a part'), ('loan', 'We can lend it'), ('visit', 'You can read it on a visit')], max_length=5)),
                ('place', models.CharField(blank=True, max_length=200)),
                ('address', models.URLField(blank=True, max_length=500)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holdings', to='library.resource')),
            ],
            options={
                'ordering': ['resource', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('resource', 'kind', 'place', 'address'), name='one_holding_of_a_place')],
            },
        ),
    ]
