-- AgentOS log store: started before the migrations, it takes the name of the audit trail for its log lines.

CREATE TABLE task_audits (
    id TEXT PRIMARY KEY, level TEXT NOT NULL, timestamp TEXT NOT NULL, task_id TEXT, session_id TEXT,
    span_id TEXT, message TEXT NOT NULL, metadata TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
