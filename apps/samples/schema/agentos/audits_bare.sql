-- AgentOS 0.24 where it fails half way: the new audit trail without its indexes.

CREATE TABLE task_audits (
    audit_id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, repo_id TEXT,
    level TEXT DEFAULT 'info', event_type TEXT NOT NULL, payload TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, decision_id TEXT, source_event_ts TEXT,
    supervisor_processed_at TEXT, verdict_id TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE
);
