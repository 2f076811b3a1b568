import creditable.audit.clock
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0003_refunds_documents_reconciliation'),
    ]

    operations = [
        migrations.CreateModel(
            name='Cancellation',
            fields=[
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='store.order')),
                ('at', models.DateTimeField(db_default=creditable.audit.clock.Now())),
            ],
            options={
                'abstract': False,
            },
        ),
    ]
