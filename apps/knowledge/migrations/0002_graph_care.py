from django.db import migrations

# What is in a graph stays as it is: only what is added is placed with more care, until somebody says REINDEX.
CARE = "ALTER INDEX IF EXISTS {} SET (ef_construction = {})"
GRAPHS = ("idx_knowledge_nodes_embedding_hnsw", "idx_cognitive_fragments_embedding_hnsw")


class Migration(migrations.Migration):
    """Brings the graphs of a database that is there already to what a new one begins with."""

    dependencies = [("knowledge", "0001_initial")]

    operations = [migrations.RunSQL(CARE.format(name, 128), CARE.format(name, 64)) for name in GRAPHS]
