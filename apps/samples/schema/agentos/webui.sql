-- AgentOS web server: its own two tables, made at start-up and not by a migration.

CREATE TABLE webui_sessions (
    session_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    metadata TEXT
);
CREATE INDEX idx_sessions_user_updated ON webui_sessions (user_id, updated_at DESC);

CREATE TABLE webui_messages (
    message_id TEXT PRIMARY KEY, session_id TEXT NOT NULL, role TEXT NOT NULL, content TEXT NOT NULL,
    created_at TEXT NOT NULL, metadata TEXT,
    FOREIGN KEY (session_id) REFERENCES webui_sessions (session_id) ON DELETE CASCADE
);
CREATE INDEX idx_messages_session_created ON webui_messages (session_id, created_at);
