import creditable.audit.clock
import creditable.lib.ids
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.db import migrations, models

# With the unique (award, edition) this makes the editions of an award one chain without a gap.
PREDECESSOR = """
ALTER TABLE credit_certificate ADD CONSTRAINT credit_certificate_predecessor
FOREIGN KEY (award_id, replaces) REFERENCES credit_certificate (award_id, edition);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('credit', '0001_awards_and_reports'),
    ]

    operations = [
        migrations.CreateModel(
            name='Revocation',
            fields=[
                ('id', models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=300)),
                ('revoked_at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
            ],
        ),
        migrations.AddField(
            model_name='certificate',
            name='edition',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='certificate',
            name='reason',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AlterField(
            model_name='certificate',
            name='award',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='credit.award'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.UniqueConstraint(fields=('sha256',), name='credit_certificate_sha256'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.UniqueConstraint(fields=('award', 'edition'), name='credit_certificate_chain'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('edition', 1), ('reason', '')), models.Q(('edition__gt', 1), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='credit_certificate_reason'),
        ),
        migrations.AddField(
            model_name='revocation',
            name='certificate',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='revocation', to='credit.certificate'),
        ),
        migrations.AddField(
            model_name='certificate',
            name='replaces',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.NullIf(django.db.models.expressions.CombinedExpression(models.F('edition'), '-', models.Value(1)), models.Value(0)), output_field=models.SmallIntegerField(null=True)),
        ),
        migrations.AddConstraint(
            model_name='revocation',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='credit_revocation_reason'),
        ),
        migrations.RunSQL(
            PREDECESSOR,
            "ALTER TABLE credit_certificate DROP CONSTRAINT credit_certificate_predecessor",
        ),
    ]
