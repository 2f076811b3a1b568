import creditable.audit.clock
import creditable.lib.ids
import django.db.models.deletion
from django.db import migrations, models


# Of two refunds of one line at the same instant, the second waits for the first.
REFUND_LIMIT = """
CREATE FUNCTION store_refund_within_paid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid bigint;
    back bigint;
BEGIN
    IF NEW.state = 'failed' THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM store_payment WHERE id = NEW.payment_id FOR UPDATE;
    SELECT l.price_cents INTO paid FROM store_orderline l
        JOIN store_payment p ON p.order_id = l.order_id
        WHERE l.id = NEW.line_id AND p.id = NEW.payment_id AND p.state = 'captured';
    SELECT coalesce(sum(cents), 0) INTO back FROM store_refund
        WHERE line_id = NEW.line_id AND state <> 'failed' AND id <> NEW.id;
    IF paid IS NULL OR back + NEW.cents > paid THEN
        RAISE EXCEPTION 'more would go back for line % than was paid for it', NEW.line_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER store_refund_limit BEFORE INSERT OR UPDATE ON store_refund
    FOR EACH ROW EXECUTE FUNCTION store_refund_within_paid();
"""

# A number is taken under a lock that lasts until the commit, so one that was rolled back is free.
NO_GAPS = """
CREATE FUNCTION store_document_takes_next() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('store_document:' || NEW.kind, 0));
    SELECT coalesce(max(number), 0) INTO last FROM store_document WHERE kind = NEW.kind;
    IF NEW.number <> last + 1 THEN
        RAISE EXCEPTION '% % is not the next number after %', NEW.kind, NEW.number, last
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER store_document_no_gaps BEFORE INSERT ON store_document
    FOR EACH ROW EXECUTE FUNCTION store_document_takes_next();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0002_attempts_and_problems'),
    ]

    operations = [
        migrations.AlterField(
            model_name='leg',
            name='account',
            field=models.CharField(choices=[('receivable', 'What customers owe'), ('paypal', 'Money at PayPal'), ('sales', 'Sales'), ('refunds', 'Refunds under way')], max_length=12),
        ),
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('provider', models.CharField(max_length=20)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('pages', models.PositiveIntegerField(default=0)),
                ('begun_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('finished_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('provider', 'since', 'until'), name='store_reconciliation_once'), models.CheckConstraint(condition=models.Q(('since__lt', models.F('until'))), name='store_reconciliation_forward')],
            },
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('cents', models.PositiveIntegerField()),
                ('attempt_key', models.CharField(max_length=40, unique=True)),
                ('reason', models.CharField(choices=[('changed_mind', 'The course is not for them'), ('our_fault', 'We canceled it, or an approval is missing'), ('paid_too_much', 'They paid twice, or too much')], max_length=14)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('decision', models.JSONField()),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('pending', 'Pending'), ('completed', 'Completed'), ('failed', 'Failed')], default='asked', max_length=10)),
                ('refund_ref', models.CharField(max_length=80, null=True, unique=True)),
                ('problem', models.CharField(blank=True, max_length=200)),
                ('asked_by', models.UUIDField(null=True)),
                ('asked_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('changed_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='store.orderline')),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='store.payment')),
            ],
            options={
                'ordering': ('asked_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('invoice', 'Invoice'), ('credit_note', 'Credit note')], max_length=12)),
                ('number', models.PositiveBigIntegerField()),
                ('issued_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('content', models.JSONField()),
                ('pdf', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='store.order')),
                ('refund', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_note', to='store.refund')),
            ],
            options={
                'ordering': ('issued_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='StatementLine',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('provider', models.CharField(max_length=20)),
                ('reference', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('capture', 'Capture'), ('refund', 'Refund')], max_length=8)),
                ('cents', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('at', models.DateTimeField()),
                ('order_reference', models.CharField(blank=True, max_length=127)),
                ('read_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
            ],
            options={
                'indexes': [models.Index(fields=['provider', 'at'], name='store_statementline_at')],
                'constraints': [models.UniqueConstraint(fields=('provider', 'reference'), name='store_statementline_once')],
            },
        ),
        migrations.CreateModel(
            name='Difference',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('provider', models.CharField(max_length=20)),
                ('kind', models.CharField(choices=[('theirs_alone', 'Not in our books'), ('ours_alone', "Not in the processor's list"), ('amount', 'Another amount'), ('books', 'Our books do not add up')], max_length=12)),
                ('reference', models.CharField(max_length=120)),
                ('our_cents', models.BigIntegerField(null=True)),
                ('their_cents', models.BigIntegerField(null=True)),
                ('currency', models.CharField(max_length=3)),
                ('found_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ('resolved_at', models.DateTimeField(null=True)),
                ('resolved_by', models.UUIDField(null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='differences', to='store.order')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('provider', 'kind', 'reference'), name='store_difference_once'), models.CheckConstraint(condition=models.Q(models.Q(('note', ''), ('resolved_at', None), ('resolved_by', None)), models.Q(('resolved_at__isnull', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='store_difference_resolved_with_note')],
            },
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('cents__gt', 0)), name='store_refund_some'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'completed'), _negated=True), ('refund_ref__isnull', False), _connector='OR'), name='store_refund_completed_has_ref'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(fields=('kind', 'number'), name='store_document_number'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'invoice')), fields=('order',), name='store_document_one_invoice'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'invoice'), ('refund', None)), models.Q(('kind', 'credit_note'), ('refund__isnull', False)), _connector='OR'), name='store_document_refund_of_credit_note'),
        ),
        migrations.RunSQL(
            REFUND_LIMIT,
            "DROP TRIGGER store_refund_limit ON store_refund;"
            "DROP FUNCTION store_refund_within_paid();",
        ),
        migrations.RunSQL(
            NO_GAPS,
            "DROP TRIGGER store_document_no_gaps ON store_document;"
            "DROP FUNCTION store_document_takes_next();",
        ),
    ]
