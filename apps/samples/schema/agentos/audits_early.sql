-- AgentOS 0.6 to 0.23: the audit trail before its columns changed places.

CREATE TABLE task_audits (
    audit_id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, level TEXT DEFAULT 'info',
    event_type TEXT NOT NULL, payload TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    decision_id TEXT, source_event_ts TEXT, supervisor_processed_at TEXT, verdict_id TEXT, repo_id TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id)
);
