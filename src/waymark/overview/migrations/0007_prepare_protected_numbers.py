"""Add the store of protected numbers; no earlier row changes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('overview', '0006_check_all_tables_in_the_background'),
    ]

    operations = [
        migrations.CreateModel(
            name='PreparedRelease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('lease_until', models.DateTimeField(null=True)),
                ('content', models.BinaryField(default=b'')),
                ('is_refused', models.BooleanField(default=False)),
                ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='prepared', to='overview.snapshot')),
            ],
            options={
                'ordering': ['snapshot', 'key'],
                'constraints': [models.UniqueConstraint(fields=('snapshot', 'key'), name='one_prepared_release_of_a_key')],
            },
        ),
    ]
