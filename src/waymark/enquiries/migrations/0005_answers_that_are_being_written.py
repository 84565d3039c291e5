"""Store answers that are being written.

An earlier installation has none: nothing is converted.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("enquiries", "0004_copies_and_consultancies"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AnswerDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True)),
                ('number', models.PositiveIntegerField()),
                ('changed_at', models.DateTimeField()),
                ('enquiry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='enquiries.enquiry')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['enquiry', 'person'],
                'constraints': [models.UniqueConstraint(fields=('enquiry', 'person'), name='one_answer_draft_of_a_person')],
            },
        ),
    ]
