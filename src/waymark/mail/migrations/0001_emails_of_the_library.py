from django.db import migrations, models


class Migration(migrations.Migration):
    """The table that library.0002 created, with its rows, now belongs to this stage."""

    initial = True

    dependencies = [
        ('library', '0009_emails_move_to_mail'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Letter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=100, unique=True)),
                        ('to', models.EmailField(max_length=254)),
                        ('subject', models.CharField(max_length=200)),
                        ('body', models.TextField()),
                        ('message_id', models.CharField(max_length=200)),
                        ('written_at', models.DateTimeField()),
                        ('sent_at', models.DateTimeField(null=True)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('lease_until', models.DateTimeField(null=True)),
                        ('failed', models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        'db_table': 'library_letter',
                        'ordering': ['written_at', 'pk'],
                        'indexes': [models.Index(fields=['sent_at', 'lease_until'], name='library_let_sent_at_e49cad_idx')],
                    },
                ),
            ],
        ),
    ]
