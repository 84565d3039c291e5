"""Add what an evaluation says of itself; earlier records have none of it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('library', '0027_holdings'),
    ]

    operations = [
        migrations.AddField(
            model_name='resource',
            name='cost',
            field=models.CharField(blank=True, default='', max_length=300),
        ),
        migrations.AddField(
            model_name='resource',
            name='evaluated',
            field=models.CharField(blank=True, default='', max_length=300),
        ),
        migrations.AddField(
            model_name='resource',
            name='limits',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='resource',
            name='method',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='resource',
            name='sample',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
        migrations.AddField(
            model_name='resource',
            name='setting',
            field=models.CharField(blank=True, default='', max_length=300),
        ),
        migrations.AddField(
            model_name='resource',
            name='standard',
            field=models.CharField(blank=True, default='', max_length=500),
        ),
    ]
