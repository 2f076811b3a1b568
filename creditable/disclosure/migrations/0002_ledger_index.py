import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The index on subject and time serves for the subject alone; each line costs one less."""

    dependencies = [('disclosure', '0001_gate_and_ledger')]

    operations = [
        migrations.AlterField(
            model_name='release',
            name='subject',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='disclosure.subject'),
        ),
    ]
