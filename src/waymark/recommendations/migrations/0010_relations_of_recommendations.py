"""Store how two recommendations relate, as people have read them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0009_inquiries_and_their_recommendations'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RecommendationRelation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.CharField(max_length=40)),
                ('second', models.CharField(db_index=True, max_length=40)),
                ('relation', models.CharField(choices=[('same', 'Says the same'), ('contradicts', 'Contradicts'), ('different', 'Not the same')], max_length=12)),
                ('recorded_at', models.DateTimeField()),
                ('taken_back_at', models.DateTimeField(null=True)),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('taken_back_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['recorded_at', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='recommendationrelation',
            constraint=models.UniqueConstraint(condition=models.Q(('taken_back_at', None)), fields=('first', 'second'), name='one_relation_of_two_recommendations'),
        ),
        migrations.AddConstraint(
            model_name='recommendationrelation',
            constraint=models.CheckConstraint(condition=models.Q(('first', models.F('second')), _negated=True), name='relation_of_two_recommendations'),
        ),
    ]
