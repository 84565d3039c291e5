"""Store the hidden text of reports. A report stored before is unchecked: its moment is null."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0002_originals_that_were_erased'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='hidden_text_checked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='HiddenText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('covered', 'Words under a box'), ('invisible', 'Words that cannot be seen'), ('deleted', 'Deleted words'), ('comment', 'Comments')], max_length=10)),
                ('page', models.PositiveIntegerField()),
                ('words', models.TextField()),
                ('cause', models.CharField(help_text='how the words are hidden', max_length=200)),
                ('box', models.JSONField(help_text='x0, y0, x1, y1 in points from the top left', null=True)),
                ('verdict', models.CharField(blank=True, choices=[('harmless', 'It is harmless'), ('replace', 'The file must be replaced')], max_length=10)),
                ('answer', models.CharField(blank=True, max_length=500)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hidden_texts', to='documents.report')),
            ],
            options={
                'ordering': ['page', 'pk'],
                'indexes': [models.Index(fields=['verdict'], name='hidden_text_verdict')],
            },
        ),
    ]
