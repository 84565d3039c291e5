"""Store recommendations of inquiries that are not case reviews, with the state of each addressee."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bodies', '0002_bodies_of_earlier_reviews'),
        ('recommendations', '0008_strength_and_finding_of_recommendations'),
    ]

    operations = [
        migrations.CreateModel(
            name='InquiryScheme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('received', 'Received'), ('in_check', 'In check'), ('internal', 'Internal'), ('embargoed', 'Embargoed'), ('published', 'Published'), ('withdrawn', 'Withdrawn'), ('expired', 'Expired')], default='received', max_length=12)),
                ('public_from', models.DateTimeField(blank=True, null=True)),
                ('key', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=200, unique=True)),
                ('source', models.CharField(blank=True, max_length=500)),
                ('licence', models.CharField(blank=True, max_length=200)),
                ('added_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Inquiry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=100)),
            ],
            options={
                'verbose_name_plural': 'inquiries',
                'ordering': ['scheme', 'reference'],
            },
        ),
        migrations.CreateModel(
            name='InquiryRecommendation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('fingerprint', models.CharField(max_length=64)),
                ('made_on', models.DateField(null=True)),
                ('superseded_at', models.DateTimeField(null=True)),
                ('inquiry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recommendations', to='recommendations.inquiry')),
            ],
            options={
                'ordering': ['inquiry', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='InquiryAddressee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(blank=True, max_length=60)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('status', models.CharField(blank=True, max_length=100)),
                ('made_on', models.DateField(null=True)),
                ('closed_on', models.DateField(null=True)),
                ('reply', models.TextField(blank=True)),
                ('imported_at', models.DateTimeField()),
                ('superseded_at', models.DateTimeField(null=True)),
                ('body', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bodies.body')),
                ('recommendation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='addressees', to='recommendations.inquiryrecommendation')),
            ],
            options={
                'ordering': ['recommendation', 'number', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='inquiry',
            name='scheme',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inquiries', to='recommendations.inquiryscheme'),
        ),
        migrations.AddConstraint(
            model_name='inquiryrecommendation',
            constraint=models.UniqueConstraint(fields=('inquiry', 'fingerprint'), name='one_inquiry_recommendation_of_words'),
        ),
        migrations.AddConstraint(
            model_name='inquiryaddressee',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('recommendation', 'number', 'words'), name='one_inquiry_addressee_of_words'),
        ),
        migrations.AddConstraint(
            model_name='inquiry',
            constraint=models.UniqueConstraint(fields=('scheme', 'reference'), name='one_inquiry_of_reference'),
        ),
    ]
