import django.db.models.deletion
from django.db import migrations, models

import creditable.audit.clock
import creditable.lib.ids


class Migration(migrations.Migration):
    dependencies = [
        ("disclosure", "0001_gate_and_ledger"),
        ("people", "0003_shipping_address"),
    ]

    operations = [
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("id", models.UUIDField(default=creditable.lib.ids.uuid7, primary_key=True, serialize=False)),
                ("provider", models.CharField(max_length=20)),
                ("number", models.CharField(max_length=255)),
                ("linked_at", models.DateTimeField(db_default=creditable.audit.clock.Now())),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identities",
                        to="disclosure.subject",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "number"), name="people_identity_vouches_for_one"),
                    models.UniqueConstraint(fields=("subject", "provider"), name="people_identity_one_a_provider"),
                ],
            },
        ),
    ]
