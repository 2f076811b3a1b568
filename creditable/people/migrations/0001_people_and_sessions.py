import creditable.audit.clock
import creditable.lib.ids
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('disclosure', '0001_gate_and_ledger'),
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('subject', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='person', serialize=False, to='disclosure.subject')),
                ('email', models.EmailField(max_length=254)),
                ('name', models.CharField(max_length=120)),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('street', models.CharField(blank=True, max_length=160)),
                ('city', models.CharField(blank=True, max_length=80)),
                ('state', models.CharField(blank=True, max_length=2)),
                ('postal_code', models.CharField(blank=True, max_length=10)),
                ('country', models.CharField(default='US', max_length=2)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='people_person_one_email')],
            },
        ),
        migrations.CreateModel(
            name='License',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('authority', models.CharField(max_length=60)),
                ('license_type', models.CharField(max_length=60)),
                ('number', models.CharField(max_length=40)),
                ('name_as_printed', models.CharField(max_length=120)),
                ('issued', models.DateField(blank=True, null=True)),
                ('expires', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licenses', to='disclosure.subject')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subject', 'authority', 'license_type', 'number'), name='people_license_once'), models.CheckConstraint(condition=models.Q(('issued', None), ('expires', None), ('expires__gt', models.F('issued')), _connector='OR'), name='people_license_expires_after_issue')],
            },
        ),
        migrations.CreateModel(
            name='RoleGrant',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('role', models.CharField(max_length=30)),
                ('granted_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('granted_by', models.UUIDField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoked_by', models.UUIDField(null=True)),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='role_grants', to='disclosure.subject')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('subject', 'role'), name='people_rolegrant_one_open'), models.CheckConstraint(condition=models.Q(('revoked_by', None), ('revoked_at__isnull', False), _connector='OR'), name='people_rolegrant_revoked_at')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('sealed', models.BinaryField()),
                ('device', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('seen_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('expires_at', models.DateTimeField()),
                ('subject', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='disclosure.subject')),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='people_session_expires')],
            },
        ),
    ]
