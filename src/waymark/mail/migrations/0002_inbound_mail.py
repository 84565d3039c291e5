"""Add threads to emails, and mail that arrives; emails that are waiting become automatic ones."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mail', '0001_emails_of_the_library'),
    ]

    operations = [
        migrations.AddField(
            model_name='letter',
            name='automatic',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='letter',
            name='in_reply_to',
            field=models.CharField(blank=True, max_length=998),
        ),
        migrations.AddField(
            model_name='letter',
            name='reply_to',
            field=models.EmailField(blank=True, max_length=254),
        ),
        migrations.CreateModel(
            name='InboundMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('recipient', models.CharField(blank=True, max_length=254)),
                ('received_at', models.DateTimeField(db_index=True)),
                ('kind', models.CharField(choices=[('bounce', 'Bounce'), ('automatic', 'Automatic reply'), ('reply', 'Reply'), ('new', 'New email'), ('unknown', 'Unknown')], default='unknown', max_length=10)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('to_sort', 'For a person to decide'), ('refused', 'Refused')], default='waiting', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('size', models.PositiveBigIntegerField(default=0)),
                ('has_raw', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['received_at', 'pk'],
                'indexes': [models.Index(fields=['state', 'kind'], name='mail_inboun_state_0753d0_idx')],
            },
        ),
    ]
