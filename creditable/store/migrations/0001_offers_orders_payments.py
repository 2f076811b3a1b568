import creditable.audit.clock
import creditable.lib.ids
import django.db.models.deletion
from django.db import migrations, models

NUMBERS = "CREATE SEQUENCE store_order_number START 100001"

# Legs arrive one by one, so an entry is judged when its transaction commits.
BALANCE = """
CREATE FUNCTION store_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM store_leg WHERE transaction_id = NEW.transaction_id
        GROUP BY currency HAVING sum(cents) <> 0;
    IF FOUND THEN
        RAISE EXCEPTION 'the legs of entry % do not sum to zero', NEW.transaction_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER store_leg_balances AFTER INSERT OR UPDATE ON store_leg
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION store_entry_balances();
"""

UNBALANCE = """
DROP TRIGGER store_leg_balances ON store_leg;
DROP FUNCTION store_entry_balances();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '__first__'),
        ('disclosure', '0001_gate_and_ledger'),
    ]

    operations = [
        migrations.CreateModel(
            name='Basket',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('token', models.CharField(max_length=32, unique=True)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
            ],
        ),
        migrations.CreateModel(
            name='ProviderCertificate',
            fields=[
                ('url', models.URLField(max_length=300, primary_key=True, serialize=False)),
                ('pem', models.TextField()),
                ('fetched_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(unique=True)),
                ('attempt_key', models.CharField(max_length=40, unique=True)),
                ('placed_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('total_cents', models.PositiveIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('policy_version', models.PositiveIntegerField()),
                ('billing_name', models.CharField(max_length=120)),
                ('billing_email', models.EmailField(max_length=254)),
                ('billing_street', models.CharField(max_length=160)),
                ('billing_city', models.CharField(max_length=80)),
                ('billing_state', models.CharField(max_length=2)),
                ('billing_postal_code', models.CharField(max_length=10)),
                ('billing_country', models.CharField(max_length=2)),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='disclosure.subject')),
            ],
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=200)),
                ('price_cents', models.PositiveIntegerField()),
                ('course_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='catalog.courseversion')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='store.order')),
            ],
            options={
                'ordering': ('position',),
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('provider', models.CharField(max_length=20)),
                ('state', models.CharField(choices=[('created', 'Created'), ('approving', 'Approving'), ('capturing', 'Capturing'), ('captured', 'Captured'), ('declined', 'Declined'), ('canceled', 'Canceled')], default='created', max_length=10)),
                ('provider_ref', models.CharField(max_length=80, null=True)),
                ('approve_url', models.URLField(blank=True, max_length=500)),
                ('capture_ref', models.CharField(max_length=80, null=True)),
                ('capture_attempt', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('changed_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='store.order')),
            ],
        ),
        migrations.CreateModel(
            name='PaymentNotice',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('provider', models.CharField(max_length=20)),
                ('event_id', models.CharField(max_length=80)),
                ('kind', models.CharField(max_length=60)),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('payment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='store.payment')),
            ],
        ),
        migrations.CreateModel(
            name='Transaction',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('kind', models.CharField(max_length=20)),
                ('key', models.CharField(max_length=120, unique=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transactions', to='store.order')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Leg',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('account', models.CharField(choices=[('receivable', 'What customers owe'), ('paypal', 'Money at PayPal'), ('sales', 'Sales')], max_length=12)),
                ('cents', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('transaction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='store.transaction')),
            ],
        ),
        migrations.CreateModel(
            name='BasketItem',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('added_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('basket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='store.basket')),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='catalog.course')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('basket', 'course'), name='store_basketitem_once')],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('price_cents', models.PositiveIntegerField()),
                ('currency', models.CharField(default='USD', max_length=3)),
                ('created_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='catalog.course')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('course',), name='store_offer_one_price')],
            },
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['subject', '-placed_at'], name='store_order_subject'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.UniqueConstraint(fields=('order', 'position'), name='store_orderline_position'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(fields=('provider', 'provider_ref'), name='store_payment_provider_ref'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(fields=('provider', 'capture_ref'), name='store_payment_capture_ref'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('declined', 'canceled')), _negated=True), fields=('order',), name='store_payment_one_open'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('capture_ref__isnull', False), ('state', 'captured')), models.Q(models.Q(('state', 'captured'), _negated=True), ('capture_ref', None)), _connector='OR'), name='store_payment_captured_has_ref'),
        ),
        migrations.AddConstraint(
            model_name='paymentnotice',
            constraint=models.UniqueConstraint(fields=('provider', 'event_id'), name='store_notice_once'),
        ),
        migrations.AddIndex(
            model_name='leg',
            index=models.Index(models.F('account'), name='store_leg_account'),
        ),
        migrations.AddConstraint(
            model_name='leg',
            constraint=models.CheckConstraint(condition=models.Q(('cents', 0), _negated=True), name='store_leg_not_zero'),
        ),
        migrations.RunSQL(NUMBERS, "DROP SEQUENCE store_order_number"),
        migrations.RunSQL(BALANCE, UNBALANCE),
    ]
