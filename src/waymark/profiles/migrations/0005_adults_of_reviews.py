"""Add adults of reviews, and judgements about them: earlier rows are about reviews and children."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0014_readings_that_people_rejected'),
        ('frameworks', '0002_variables_of_adults_and_several_values'),
        ('profiles', '0004_longer_values'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Adult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(help_text='counted from 1 in the review')),
                ('name', models.CharField(max_length=60)),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['review', 'number'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='agreedjudgement',
            name='one_agreed_judgement_of_a_review',
        ),
        migrations.RemoveConstraint(
            model_name='judgement',
            name='one_current_judgement_of_a_review',
        ),
        migrations.AddField(
            model_name='adult',
            name='review',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adults', to='documents.review'),
        ),
        migrations.AddField(
            model_name='agreedjudgement',
            name='adult',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='agreed_judgements', to='profiles.adult'),
        ),
        migrations.AddField(
            model_name='judgement',
            name='adult',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='judgements', to='profiles.adult'),
        ),
        migrations.AddConstraint(
            model_name='agreedjudgement',
            constraint=models.UniqueConstraint(condition=models.Q(('adult', None), ('child', None), ('superseded_at', None)), fields=('review', 'variable'), name='one_agreed_judgement_of_a_review'),
        ),
        migrations.AddConstraint(
            model_name='agreedjudgement',
            constraint=models.UniqueConstraint(condition=models.Q(('adult__isnull', False), ('superseded_at', None)), fields=('adult', 'variable'), name='one_agreed_judgement_of_an_adult'),
        ),
        migrations.AddConstraint(
            model_name='judgement',
            constraint=models.UniqueConstraint(condition=models.Q(('adult', None), ('child', None), ('superseded_at', None)), fields=('review', 'variable', 'coder'), name='one_current_judgement_of_a_review'),
        ),
        migrations.AddConstraint(
            model_name='judgement',
            constraint=models.UniqueConstraint(condition=models.Q(('adult__isnull', False), ('superseded_at', None)), fields=('adult', 'variable', 'coder'), name='one_current_judgement_of_an_adult'),
        ),
        migrations.AddConstraint(
            model_name='judgement',
            constraint=models.CheckConstraint(condition=models.Q(('child', None), ('adult', None), _connector='OR'), name='judgement_of_one_person'),
        ),
        migrations.AddConstraint(
            model_name='adult',
            constraint=models.UniqueConstraint(fields=('review', 'number'), name='one_adult_of_a_number'),
        ),
    ]
