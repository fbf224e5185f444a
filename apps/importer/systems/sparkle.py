"""Sparkle, the learning app: knowledge graph, plans, chats and groups.

Two origins of files. The models' own create script makes every table; the old migration chain came before
private messages, token usage and agent runs, and before five of a user's columns, which PostgreSQL fills with
the app's defaults. Rows of that chain may hold member names in lower case and booleans as words.

The tables from ``posts`` on were made for PostgreSQL alone; no file is known to hold them.
"""

from apps.community import models as community
from apps.events import models as events
from apps.importer.mapping import LegacySystem, Table, Variant
from apps.knowledge import models as knowledge
from apps.learners import models as learners
from apps.planning import models as planning
from apps.practice import models as practice
from apps.tutoring import models as tutoring

LATER_USER_COLUMNS = {"avatar_status", "full_name", "is_superuser", "pending_avatar_url", "status"}

SYSTEM = LegacySystem(
    name="sparkle",
    title="Sparkle",
    standard="create_all",
    refresh=(tutoring.AgentStatsSummary.refresh,),
    variants=(Variant("old_chain", has={"users": {"username"}}, lacks={"users": LATER_USER_COLUMNS}),),
    tables=(
        Table("users", learners.User),
        Table("user_daily_metrics", learners.UserDailyMetric),
        Table("push_preferences", learners.PushPreference),
        Table("push_histories", learners.PushHistory),
        Table("notifications", learners.Notification),
        Table("subjects", knowledge.Subject, unique=(("name",),)),
        Table("knowledge_nodes", knowledge.KnowledgeNode),
        Table("node_relations", knowledge.NodeRelation),
        Table("node_expansion_queue", knowledge.NodeExpansion),
        Table("user_node_status", knowledge.UserNodeStatus, key=("user_id", "node_id")),
        Table("study_records", knowledge.StudyRecord),
        Table("cognitive_fragments", knowledge.CognitiveFragment),
        Table("behavior_patterns", knowledge.BehaviorPattern),
        Table("curiosity_capsules", knowledge.CuriosityCapsule),
        Table("plans", planning.Plan),
        Table("tasks", planning.Task),
        # The client sent its wall time, its offset was cut off, and the app compares it with its host's day.
        Table("focus_sessions", planning.FocusSession, local={"start_time", "end_time"}),
        Table("chat_messages", tutoring.ChatMessage),
        Table("agent_execution_stats", tutoring.AgentExecutionStat, columns={"metadata": "extra_metadata"}),
        Table("token_usage", tutoring.TokenUsage),
        Table("error_records", practice.ErrorRecord),
        Table("dictionary_entries", practice.DictionaryEntry),
        Table("word_books", practice.WordBook),
        Table("friendships", community.Friendship),
        Table("groups", community.Group),
        Table("group_members", community.GroupMember),
        Table("group_messages", community.GroupMessage),
        Table("group_tasks", community.GroupTask),
        Table("group_task_claims", community.GroupTaskClaim),
        Table("private_messages", community.PrivateMessage),
        Table("shared_resources", community.SharedResource),
        Table("jobs", events.Job),
        Table("idempotency_keys", events.IdempotencyKey),
        Table("posts", community.Post),
        Table("post_likes", community.PostLike, key=("user_id", "post_id")),
        Table("event_outbox", events.OutboxEvent),
        Table("event_store", events.StoredEvent),
        Table("processed_events", events.ProcessedEvent),
        Table("projection_metadata", events.Projection),
        Table("projection_snapshots", events.ProjectionSnapshot),
    ),
    left_out={
        "alembic_version": "bookkeeping of the old migration tool",
        "agent_stats_summary": "a view: PostgreSQL sums agent_execution_stats up itself",
    },
)
