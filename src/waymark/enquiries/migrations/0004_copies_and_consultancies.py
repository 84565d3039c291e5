"""Add what requests for copies and loans, and consultancies, have besides messages."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enquiries', '0003_gap_list'),
        ('library', '0027_holdings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Consultancy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.CharField(blank=True, max_length=200)),
                ('scope', models.TextField(blank=True)),
                ('starts_on', models.DateField(null=True)),
                ('ends_on', models.DateField(null=True)),
                ('agreement', models.CharField(choices=[('open', 'Not agreed yet'), ('none', 'No fee'), ('agreed', 'Agreed')], default='open', max_length=6)),
                ('fee', models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                ('enquiry', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='consultancy', to='enquiries.enquiry')),
            ],
        ),
        migrations.CreateModel(
            name='ConsultancyHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('hours', models.DecimalField(decimal_places=2, max_digits=4)),
                ('consultancy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hours', to='enquiries.consultancy')),
                ('worked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='CopyRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wanted', models.CharField(choices=[('copy', 'A copy of a part, for private study or research'), ('loan', 'A loan'), ('visit', 'A visit to read it')], max_length=5)),
                ('part', models.CharField(blank=True, max_length=300)),
                ('declaration', models.CharField(blank=True, max_length=20)),
                ('declared_at', models.DateTimeField(null=True)),
                ('enquiry', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='copy_request', to='enquiries.enquiry')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='library.resource')),
            ],
        ),
        migrations.AddConstraint(
            model_name='consultancy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreement', 'agreed'), ('fee__isnull', False)), models.Q(models.Q(('agreement', 'agreed'), _negated=True), ('fee', None)), _connector='OR'), name='an_agreed_fee_has_its_amount'),
        ),
        migrations.AddConstraint(
            model_name='consultancyhours',
            constraint=models.CheckConstraint(condition=models.Q(('hours__gt', 0), ('hours__lte', 24)), name='hours_of_one_day'),
        ),
        migrations.AddConstraint(
            model_name='copyrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('wanted', 'copy'), _negated=True), models.Q(('declaration', ''), _negated=True), _connector='OR'), name='a_copy_needs_a_declaration'),
        ),
    ]
