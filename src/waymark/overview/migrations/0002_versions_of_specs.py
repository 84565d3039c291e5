"""Store every version of a spec. Before, each change overwrote it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('overview', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SpecVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='counted from 1 in the overview')),
                ('title', models.CharField(max_length=300)),
                ('spec', models.TextField()),
                ('saved_at', models.DateTimeField()),
                ('overview', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='overview.overview')),
                ('saved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['overview', 'number'],
                'constraints': [models.UniqueConstraint(fields=('overview', 'number'), name='one_version_of_a_number')],
            },
        ),
    ]
