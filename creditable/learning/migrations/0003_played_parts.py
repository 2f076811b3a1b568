import creditable.learning.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0003_videos_and_order'),
        ('learning', '0002_evaluations_and_accommodations'),
    ]

    operations = [
        migrations.AddField(
            model_name='beat',
            name='played',
            field=creditable.learning.models.PartsField(null=True),
        ),
        migrations.AddField(
            model_name='beat',
            name='covered',
            field=creditable.learning.models.PartsField(null=True),
        ),
        migrations.AddField(
            model_name='beat',
            name='watched',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='beat',
            name='video_position',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='beat',
            constraint=models.CheckConstraint(condition=models.Q(('played', None), models.Q(('covered__isnull', False), ('watched__isnull', False)), _connector='OR'), name='learning_beat_played_is_covered'),
        ),
    ]
