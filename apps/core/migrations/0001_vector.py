from django.db import migrations
from pgvector.django import VectorExtension


class Migration(migrations.Migration):
    """The type ``vector``, which every migration with an embedding depends on."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [VectorExtension()]
