"""Add messages, notes, citations, attachments, emails to sort and limits to enquiries."""


import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enquiries', '0001_initial'),
        ('mail', '0002_inbound_mail'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DeskErasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('enquiries', models.PositiveIntegerField()),
                ('messages', models.PositiveIntegerField()),
                ('attachments', models.PositiveIntegerField()),
                ('emails', models.PositiveIntegerField()),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='DeskEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('mark', models.CharField(max_length=64)),
                ('at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='EmailToSort',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('other_address', 'Replies to an enquiry from another address'), ('subject', 'Only its subject names the enquiry'), ('automatic', 'May be an automatic reply')], max_length=13)),
                ('received_at', models.DateTimeField()),
                ('decision', models.CharField(blank=True, choices=[('added', 'Added to the enquiry'), ('new', 'New enquiry'), ('dropped', 'Not for us')], max_length=7)),
                ('decided_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['received_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='EnquiryAttachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('size', models.PositiveBigIntegerField()),
                ('sha256', models.CharField(blank=True, db_index=True, max_length=64)),
                ('reason', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='EnquiryMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sender', models.CharField(choices=[('asker', 'Asker'), ('desk', 'Information Service'), ('other', 'Another email address')], max_length=6)),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('message_id', models.CharField(blank=True, db_index=True, max_length=998)),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='EnquiryNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='MessageCitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('passage', 'Passage'), ('record', 'Record'), ('table', 'Table')], max_length=7)),
                ('key', models.CharField(max_length=200)),
                ('label', models.CharField(max_length=500)),
                ('path', models.CharField(max_length=500)),
            ],
            options={
                'ordering': ['message', 'number'],
            },
        ),
        migrations.AddField(
            model_name='enquiry',
            name='ended_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='enquiry',
            name='in_time',
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name='enquiry',
            name='may_be_at_risk',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='enquiry',
            name='opening_minutes',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='enquiry',
            name='receipt_id',
            field=models.CharField(blank=True, db_index=True, max_length=200),
        ),
        migrations.AlterField(
            model_name='enquiry',
            name='received_at',
            field=models.DateTimeField(db_index=True),
        ),
        migrations.AddIndex(
            model_name='enquiry',
            index=models.Index(fields=['state', 'due_at'], name='enquiries_e_state_3d364e_idx'),
        ),
        migrations.AddIndex(
            model_name='deskevent',
            index=models.Index(fields=['kind', 'mark', 'at'], name='enquiries_d_kind_333b08_idx'),
        ),
        migrations.AddField(
            model_name='emailtosort',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='emailtosort',
            name='enquiry',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='emails_to_sort', to='enquiries.enquiry'),
        ),
        migrations.AddField(
            model_name='emailtosort',
            name='mail',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='to_sort', to='mail.inboundmail'),
        ),
        migrations.AddField(
            model_name='enquirymessage',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='enquirymessage',
            name='enquiry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='enquiries.enquiry'),
        ),
        migrations.AddField(
            model_name='enquirymessage',
            name='mail',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='mail.inboundmail'),
        ),
        migrations.AddField(
            model_name='enquiryattachment',
            name='message',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='enquiries.enquirymessage'),
        ),
        migrations.AddField(
            model_name='enquirynote',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='enquirynote',
            name='enquiry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='enquiries.enquiry'),
        ),
        migrations.AddField(
            model_name='messagecitation',
            name='message',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='enquiries.enquirymessage'),
        ),
        migrations.AddConstraint(
            model_name='messagecitation',
            constraint=models.UniqueConstraint(fields=('message', 'number'), name='one_citation_of_a_number'),
        ),
    ]
