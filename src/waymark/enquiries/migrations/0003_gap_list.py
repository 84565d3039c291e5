"""Add the gap list: what was asked for and not found."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enquiries', '0002_answers_for_everyone'),
        ('library', '0027_holdings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LibraryGap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=300)),
                ('folded', models.CharField(max_length=300, unique=True)),
                ('state', models.CharField(choices=[('to_find', 'To find'), ('ordered', 'Ordered'), ('added', 'Added'), ('unavailable', 'Cannot be had')], default='to_find', max_length=11)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('noted_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('resource', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='gaps', to='library.resource')),
            ],
            options={
                'ordering': ['-noted_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='GapRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('noted_at', models.DateTimeField()),
                ('enquiry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gaps', to='enquiries.enquiry')),
                ('noted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('gap', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='requests', to='enquiries.librarygap')),
            ],
            options={
                'ordering': ['noted_at', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='librarygap',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('resource__isnull', False), ('state', 'added')), models.Q(models.Q(('state', 'added'), _negated=True), ('resource', None)), _connector='OR'), name='an_added_gap_has_its_record'),
        ),
        migrations.AddConstraint(
            model_name='gaprequest',
            constraint=models.UniqueConstraint(fields=('gap', 'enquiry'), name='one_request_of_a_gap'),
        ),
    ]
