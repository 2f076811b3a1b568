from django.db import migrations, models


def _text(longest: int) -> models.CharField:
    return models.CharField(blank=True, default="", max_length=longest)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_counts_of_tries")]

    operations = [
        migrations.AddField("person", "shipping_street", _text(160)),
        migrations.AddField("person", "shipping_city", _text(80)),
        migrations.AddField("person", "shipping_state", _text(2)),
        migrations.AddField("person", "shipping_postal_code", _text(10)),
    ]
