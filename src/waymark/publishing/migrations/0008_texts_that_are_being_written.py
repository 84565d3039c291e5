"""A place for what a person has typed into a text and not yet saved as a version."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('publishing', '0007_passages_counted_by_each_edition'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='UnsavedText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slot', models.CharField(max_length=130)),
                ('text', models.TextField(blank=True)),
                ('base', models.PositiveIntegerField(help_text='of the version; 0 for none')),
                ('number', models.PositiveIntegerField(help_text='grows with each change')),
                ('changed_at', models.DateTimeField()),
                ('manuscript', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='unsaved_texts', to='publishing.manuscript')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['manuscript', 'slot', 'person'],
                'constraints': [models.UniqueConstraint(fields=('manuscript', 'slot', 'person'), name='one_unsaved_text_of_a_person')],
            },
        ),
    ]
