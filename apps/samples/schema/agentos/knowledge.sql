-- AgentOS 0.7 to 0.13: knowledge base, chat, context budget, command history, snippets.

CREATE TABLE kb_sources (
    source_id TEXT PRIMARY KEY, repo_id TEXT NOT NULL, path TEXT NOT NULL, file_hash TEXT NOT NULL,
    mtime INTEGER NOT NULL, doc_type TEXT, language TEXT DEFAULT 'markdown', tags TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    UNIQUE (repo_id, path)
);
CREATE INDEX idx_kb_sources_repo_path ON kb_sources (repo_id, path);
CREATE INDEX idx_kb_sources_mtime ON kb_sources (mtime);
CREATE INDEX idx_kb_sources_doc_type ON kb_sources (doc_type);

CREATE TABLE kb_chunks (
    chunk_id TEXT PRIMARY KEY, source_id TEXT NOT NULL, heading TEXT, start_line INTEGER NOT NULL,
    end_line INTEGER NOT NULL, content TEXT NOT NULL, content_hash TEXT NOT NULL, token_count INTEGER,
    created_at TEXT NOT NULL,
    FOREIGN KEY (source_id) REFERENCES kb_sources (source_id) ON DELETE CASCADE
);
CREATE INDEX idx_kb_chunks_source ON kb_chunks (source_id);
CREATE INDEX idx_kb_chunks_hash ON kb_chunks (content_hash);

CREATE TABLE kb_index_meta (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at TEXT NOT NULL
);

CREATE TABLE chat_sessions (
    session_id TEXT PRIMARY KEY, title TEXT, task_id TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, metadata TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id)
);
CREATE INDEX idx_chat_sessions_task ON chat_sessions (task_id);
CREATE INDEX idx_chat_sessions_created ON chat_sessions (created_at DESC);
CREATE INDEX idx_chat_sessions_updated ON chat_sessions (updated_at DESC);

CREATE TABLE chat_messages (
    message_id TEXT PRIMARY KEY, session_id TEXT NOT NULL, role TEXT NOT NULL, content TEXT NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, metadata TEXT,
    FOREIGN KEY (session_id) REFERENCES chat_sessions (session_id) ON DELETE CASCADE
);
CREATE INDEX idx_chat_messages_session ON chat_messages (session_id);
CREATE INDEX idx_chat_messages_role ON chat_messages (role);
CREATE INDEX idx_chat_messages_created ON chat_messages (created_at DESC);

CREATE TABLE kb_embeddings (
    chunk_id TEXT PRIMARY KEY, model TEXT NOT NULL, dims INTEGER NOT NULL, vector BLOB NOT NULL,
    content_hash TEXT NOT NULL, built_at INTEGER NOT NULL,
    FOREIGN KEY (chunk_id) REFERENCES kb_chunks (chunk_id) ON DELETE CASCADE
);
CREATE INDEX idx_kb_embeddings_content_hash ON kb_embeddings (content_hash);
CREATE INDEX idx_kb_embeddings_model ON kb_embeddings (model);

CREATE TABLE kb_embedding_meta (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at INTEGER NOT NULL
);

CREATE TABLE command_history (
    id TEXT PRIMARY KEY, command_id TEXT NOT NULL, args TEXT, executed_at TEXT NOT NULL,
    duration_ms INTEGER, status TEXT NOT NULL, result_summary TEXT, error TEXT, task_id TEXT,
    session_id TEXT, created_at TEXT NOT NULL DEFAULT (datetime('now'))
);
CREATE INDEX idx_command_history_command_id ON command_history (command_id);
CREATE INDEX idx_command_history_executed_at ON command_history (executed_at DESC);
CREATE INDEX idx_command_history_status ON command_history (status);
CREATE INDEX idx_command_history_task_id ON command_history (task_id);

CREATE TABLE pinned_commands (
    id TEXT PRIMARY KEY, history_id TEXT NOT NULL, pinned_at TEXT NOT NULL DEFAULT (datetime('now')),
    note TEXT,
    FOREIGN KEY (history_id) REFERENCES command_history (id) ON DELETE CASCADE
);
CREATE INDEX idx_pinned_commands_pinned_at ON pinned_commands (pinned_at DESC);

-- Said to hold no text in kb_index_meta; it keeps a whole second copy.
CREATE VIRTUAL TABLE kb_chunks_fts USING fts5(chunk_id UNINDEXED, path, heading, content);
CREATE TRIGGER kb_chunks_ai AFTER INSERT ON kb_chunks BEGIN
    INSERT INTO kb_chunks_fts (rowid, chunk_id, path, heading, content)
    SELECT NEW.rowid, NEW.chunk_id, s.path, NEW.heading, NEW.content
    FROM kb_sources s WHERE s.source_id = NEW.source_id;
END;
CREATE TRIGGER kb_chunks_ad AFTER DELETE ON kb_chunks BEGIN
    DELETE FROM kb_chunks_fts WHERE rowid = OLD.rowid;
END;
CREATE TRIGGER kb_chunks_au AFTER UPDATE ON kb_chunks BEGIN
    DELETE FROM kb_chunks_fts WHERE rowid = OLD.rowid;
    INSERT INTO kb_chunks_fts (rowid, chunk_id, path, heading, content)
    SELECT NEW.rowid, NEW.chunk_id, s.path, NEW.heading, NEW.content
    FROM kb_sources s WHERE s.source_id = NEW.source_id;
END;

CREATE TABLE chat_artifacts (
    artifact_id TEXT PRIMARY KEY, artifact_type TEXT NOT NULL, session_id TEXT, task_id TEXT, title TEXT,
    content TEXT NOT NULL, content_json TEXT, version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL, created_by TEXT NOT NULL DEFAULT 'system', metadata TEXT,
    FOREIGN KEY (session_id) REFERENCES chat_sessions (session_id) ON DELETE CASCADE,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE
);
CREATE INDEX idx_chat_artifacts_session_type ON chat_artifacts (session_id, artifact_type, created_at DESC);
CREATE INDEX idx_chat_artifacts_task_type ON chat_artifacts (task_id, artifact_type, created_at DESC);
CREATE INDEX idx_chat_artifacts_type_created ON chat_artifacts (artifact_type, created_at DESC);

CREATE TABLE context_snapshots (
    snapshot_id TEXT PRIMARY KEY, session_id TEXT NOT NULL, created_at INTEGER NOT NULL,
    reason TEXT NOT NULL, provider TEXT, model TEXT, budget_tokens INTEGER NOT NULL,
    total_tokens_est INTEGER NOT NULL, tokens_system INTEGER NOT NULL DEFAULT 0,
    tokens_window INTEGER NOT NULL DEFAULT 0, tokens_rag INTEGER NOT NULL DEFAULT 0,
    tokens_memory INTEGER NOT NULL DEFAULT 0, tokens_summary INTEGER NOT NULL DEFAULT 0,
    tokens_policy INTEGER NOT NULL DEFAULT 0, composition_json TEXT NOT NULL, assembled_hash TEXT,
    metadata TEXT,
    FOREIGN KEY (session_id) REFERENCES chat_sessions (session_id) ON DELETE CASCADE
);
CREATE INDEX idx_context_snapshots_session_time ON context_snapshots (session_id, created_at DESC);
CREATE INDEX idx_context_snapshots_reason ON context_snapshots (reason, created_at DESC);
CREATE INDEX idx_context_snapshots_usage ON context_snapshots (total_tokens_est DESC);

CREATE TABLE context_snapshot_items (
    snapshot_id TEXT NOT NULL, item_type TEXT NOT NULL, item_id TEXT NOT NULL,
    tokens_est INTEGER NOT NULL DEFAULT 0, rank INTEGER NOT NULL DEFAULT 0, metadata TEXT,
    PRIMARY KEY (snapshot_id, item_type, item_id),
    FOREIGN KEY (snapshot_id) REFERENCES context_snapshots (snapshot_id) ON DELETE CASCADE
);
CREATE INDEX idx_snapshot_items_snapshot_type ON context_snapshot_items (snapshot_id, item_type);
CREATE INDEX idx_snapshot_items_item ON context_snapshot_items (item_type, item_id);

CREATE TABLE schema_capabilities (
    capability TEXT PRIMARY KEY, version TEXT NOT NULL, enabled INTEGER NOT NULL DEFAULT 1,
    description TEXT, added_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

ALTER TABLE tasks ADD COLUMN route_plan_json TEXT DEFAULT NULL;
ALTER TABLE tasks ADD COLUMN requirements_json TEXT DEFAULT NULL;
ALTER TABLE tasks ADD COLUMN selected_instance_id TEXT DEFAULT NULL;
ALTER TABLE tasks ADD COLUMN router_version TEXT DEFAULT NULL;
CREATE INDEX idx_tasks_selected_instance ON tasks (selected_instance_id);

CREATE TABLE snippets (
    id TEXT PRIMARY KEY, title TEXT, language TEXT NOT NULL, code TEXT NOT NULL, tags_json TEXT,
    source_type TEXT, source_session_id TEXT, source_message_id TEXT, source_model TEXT,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE INDEX idx_snippets_language ON snippets (language);
CREATE INDEX idx_snippets_created ON snippets (created_at DESC);
CREATE INDEX idx_snippets_source_type ON snippets (source_type);
CREATE INDEX idx_snippets_source_session ON snippets (source_session_id);

CREATE TABLE snippet_notes (
    snippet_id TEXT PRIMARY KEY, summary TEXT, usage TEXT,
    FOREIGN KEY (snippet_id) REFERENCES snippets (id) ON DELETE CASCADE
);

CREATE VIRTUAL TABLE snippets_fts USING fts5(snippet_id UNINDEXED, title, code, tags, summary);
CREATE TRIGGER snippets_fts_insert AFTER INSERT ON snippets BEGIN
    INSERT INTO snippets_fts (snippet_id, title, code, tags, summary)
    VALUES (NEW.id, coalesce(NEW.title, ''), NEW.code, coalesce(NEW.tags_json, ''),
        coalesce((SELECT summary FROM snippet_notes WHERE snippet_id = NEW.id), ''));
END;
CREATE TRIGGER snippets_fts_update AFTER UPDATE ON snippets BEGIN
    DELETE FROM snippets_fts WHERE snippet_id = OLD.id;
    INSERT INTO snippets_fts (snippet_id, title, code, tags, summary)
    VALUES (NEW.id, coalesce(NEW.title, ''), NEW.code, coalesce(NEW.tags_json, ''),
        coalesce((SELECT summary FROM snippet_notes WHERE snippet_id = NEW.id), ''));
END;
CREATE TRIGGER snippets_fts_delete AFTER DELETE ON snippets BEGIN
    DELETE FROM snippets_fts WHERE snippet_id = OLD.id;
END;
CREATE TRIGGER snippet_notes_fts_insert AFTER INSERT ON snippet_notes BEGIN
    DELETE FROM snippets_fts WHERE snippet_id = NEW.snippet_id;
    INSERT INTO snippets_fts (snippet_id, title, code, tags, summary)
    SELECT s.id, coalesce(s.title, ''), s.code, coalesce(s.tags_json, ''), coalesce(NEW.summary, '')
    FROM snippets s WHERE s.id = NEW.snippet_id;
END;
CREATE TRIGGER snippet_notes_fts_update AFTER UPDATE ON snippet_notes BEGIN
    DELETE FROM snippets_fts WHERE snippet_id = NEW.snippet_id;
    INSERT INTO snippets_fts (snippet_id, title, code, tags, summary)
    SELECT s.id, coalesce(s.title, ''), s.code, coalesce(s.tags_json, ''), coalesce(NEW.summary, '')
    FROM snippets s WHERE s.id = NEW.snippet_id;
END;
