"""Records of what teams did with a briefing; earlier installations have none."""


import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('publishing', '0010_authors_sign_briefings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BriefingUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.PositiveIntegerField()),
                ('team', models.CharField(max_length=200)),
                ('used_on', models.DateField()),
                ('change', models.TextField(max_length=2000)),
                ('received_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('received', 'Waiting'), ('shown', 'Shown'), ('refused', 'Not shown')], default='received', max_length=10)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('manuscript', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='publishing.manuscript')),
            ],
            options={
                'ordering': ['-used_on', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'received')), models.Q(models.Q(('state', 'received'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='a_use_is_decided_at_a_time')],
            },
        ),
    ]
