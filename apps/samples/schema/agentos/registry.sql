-- AgentOS 0.1 to 0.5: projects, runs, memory, learning from failures, the first content registry.

CREATE TABLE schema_version (
    version TEXT PRIMARY KEY, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE projects (
    id TEXT PRIMARY KEY, path TEXT NOT NULL, added_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project_id TEXT NOT NULL, type TEXT NOT NULL,
    status TEXT NOT NULL, started_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, completed_at TIMESTAMP,
    error TEXT, lease_until TIMESTAMP,
    FOREIGN KEY (project_id) REFERENCES projects (id)
);
CREATE INDEX idx_runs_project_status ON runs (project_id, status);
CREATE INDEX idx_runs_status_lease ON runs (status, lease_until);

CREATE TABLE artifacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL, type TEXT NOT NULL, path TEXT NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (run_id) REFERENCES runs (id)
);
CREATE INDEX idx_artifacts_run ON artifacts (run_id);

CREATE TABLE memory_items (
    id TEXT PRIMARY KEY, scope TEXT NOT NULL, type TEXT NOT NULL, content TEXT NOT NULL, tags TEXT,
    sources TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, confidence REAL DEFAULT 0.5, project_id TEXT,
    last_used_at TIMESTAMP, use_count INTEGER DEFAULT 0, retention_type TEXT DEFAULT 'project',
    expires_at TIMESTAMP, auto_cleanup INTEGER DEFAULT 1,
    FOREIGN KEY (project_id) REFERENCES projects (id)
);
CREATE INDEX idx_memory_scope_project ON memory_items (scope, project_id);
CREATE INDEX idx_memory_tags ON memory_items (tags);
CREATE INDEX idx_memory_type ON memory_items (type);
CREATE INDEX idx_memory_created ON memory_items (created_at DESC);
CREATE INDEX idx_memory_retention_type ON memory_items (retention_type);
CREATE INDEX idx_memory_expires_at ON memory_items (expires_at);
CREATE INDEX idx_memory_last_used ON memory_items (last_used_at);
CREATE INDEX idx_memory_use_count ON memory_items (use_count DESC);
CREATE INDEX idx_memory_confidence_decay ON memory_items (confidence, last_used_at);

-- The index holds no text of its own, and its update and delete triggers are the system's own mistake:
-- they leave stale terms behind.
CREATE VIRTUAL TABLE memory_fts USING fts5(
    id UNINDEXED, content, tags, content='memory_items', content_rowid='rowid'
);
CREATE TRIGGER memory_fts_insert AFTER INSERT ON memory_items BEGIN
    INSERT INTO memory_fts (rowid, id, content, tags) VALUES (new.rowid, new.id, new.content, new.tags);
END;
CREATE TRIGGER memory_fts_update AFTER UPDATE ON memory_items BEGIN
    UPDATE memory_fts SET content = new.content, tags = new.tags WHERE rowid = new.rowid;
END;
CREATE TRIGGER memory_fts_delete AFTER DELETE ON memory_items BEGIN
    DELETE FROM memory_fts WHERE rowid = old.rowid;
END;

CREATE TABLE task_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, project_id TEXT NOT NULL, agent_type TEXT,
    execution_mode TEXT NOT NULL, execution_policy TEXT, status TEXT NOT NULL,
    started_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, completed_at TIMESTAMP, error TEXT, lease_holder TEXT,
    lease_until TIMESTAMP, retry_count INTEGER DEFAULT 0, max_retries INTEGER DEFAULT 3, triggered_by TEXT,
    FOREIGN KEY (project_id) REFERENCES projects (id)
);
CREATE INDEX idx_task_runs_status ON task_runs (status, lease_until);
CREATE INDEX idx_task_runs_task_id ON task_runs (task_id);
CREATE INDEX idx_task_runs_project ON task_runs (project_id);

CREATE TABLE run_steps (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL, step_type TEXT NOT NULL,
    status TEXT NOT NULL, input_summary TEXT, output_summary TEXT,
    started_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, completed_at TIMESTAMP, error TEXT,
    FOREIGN KEY (run_id) REFERENCES task_runs (id)
);
CREATE INDEX idx_run_steps_run_id ON run_steps (run_id);

CREATE TABLE patches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, patch_id TEXT UNIQUE NOT NULL, run_id INTEGER NOT NULL,
    step_id INTEGER, intent TEXT NOT NULL, files TEXT NOT NULL, diff_hash TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (run_id) REFERENCES task_runs (id), FOREIGN KEY (step_id) REFERENCES run_steps (id)
);
CREATE INDEX idx_patches_run_id ON patches (run_id);

CREATE TABLE commit_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT, patch_id TEXT NOT NULL, commit_hash TEXT NOT NULL,
    commit_message TEXT, committed_at TIMESTAMP, repo_root TEXT,
    FOREIGN KEY (patch_id) REFERENCES patches (patch_id)
);
CREATE INDEX idx_commit_links_patch ON commit_links (patch_id);

CREATE TABLE file_locks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, repo_root TEXT NOT NULL, file_path TEXT NOT NULL,
    locked_by_task TEXT NOT NULL, locked_by_run INTEGER NOT NULL, lease_id INTEGER,
    expires_at TIMESTAMP NOT NULL, metadata TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (repo_root, file_path), FOREIGN KEY (locked_by_run) REFERENCES task_runs (id)
);
CREATE INDEX idx_file_locks_path ON file_locks (repo_root, file_path);
CREATE INDEX idx_file_locks_expires ON file_locks (expires_at);
CREATE INDEX idx_file_locks_run ON file_locks (locked_by_run);

CREATE TABLE task_dependencies (
    id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, depends_on_task_id TEXT NOT NULL,
    dependency_type TEXT DEFAULT 'sequential',
    UNIQUE (task_id, depends_on_task_id)
);
CREATE INDEX idx_task_deps_task ON task_dependencies (task_id);
CREATE INDEX idx_task_deps_depends ON task_dependencies (depends_on_task_id);

CREATE TABLE task_conflicts (
    id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, conflicts_with_task_id TEXT NOT NULL,
    UNIQUE (task_id, conflicts_with_task_id)
);
CREATE INDEX idx_task_conflicts_task ON task_conflicts (task_id);

CREATE TABLE failure_packs (
    id TEXT PRIMARY KEY, run_id INTEGER NOT NULL, task_id TEXT NOT NULL, failure_type TEXT NOT NULL,
    root_cause_summary TEXT NOT NULL, evidence_refs TEXT NOT NULL, suggested_actions TEXT,
    retriable BOOLEAN DEFAULT 0, risk_delta TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (run_id) REFERENCES task_runs (id)
);
CREATE INDEX idx_failure_packs_run_id ON failure_packs (run_id);
CREATE INDEX idx_failure_packs_task_id ON failure_packs (task_id);
CREATE INDEX idx_failure_packs_type ON failure_packs (failure_type);

CREATE TABLE learning_packs (
    id TEXT PRIMARY KEY, source_runs TEXT NOT NULL, pattern TEXT NOT NULL, proposed_memory_items TEXT,
    proposed_policy_patch TEXT, confidence REAL DEFAULT 0.0, verification_plan TEXT,
    status TEXT DEFAULT 'proposed', created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, applied_at TIMESTAMP
);
CREATE INDEX idx_learning_packs_status ON learning_packs (status);
CREATE INDEX idx_learning_packs_confidence ON learning_packs (confidence);

CREATE TABLE policy_lineage (
    policy_id TEXT PRIMARY KEY, parent_policy_id TEXT, source_learning_pack_id TEXT, diff TEXT NOT NULL,
    effective_from TIMESTAMP, effective_until TIMESTAMP, rollback_conditions TEXT,
    status TEXT DEFAULT 'canary', applied_to TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (parent_policy_id) REFERENCES policy_lineage (policy_id),
    FOREIGN KEY (source_learning_pack_id) REFERENCES learning_packs (id)
);
CREATE INDEX idx_policy_lineage_status ON policy_lineage (status);
CREATE INDEX idx_policy_lineage_parent ON policy_lineage (parent_policy_id);

CREATE TABLE run_tapes (
    id TEXT PRIMARY KEY, run_id INTEGER NOT NULL, steps TEXT NOT NULL, metadata TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (run_id) REFERENCES task_runs (id)
);
CREATE INDEX idx_run_tapes_run_id ON run_tapes (run_id);

CREATE TABLE resource_usage (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL, tokens_used INTEGER DEFAULT 0,
    cost_usd REAL DEFAULT 0.0, execution_time_ms INTEGER DEFAULT 0,
    recorded_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (run_id) REFERENCES task_runs (id)
);
CREATE INDEX idx_resource_usage_run_id ON resource_usage (run_id);

CREATE TABLE healing_actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, failure_pack_id TEXT NOT NULL, action_type TEXT NOT NULL,
    parameters TEXT, risk_level TEXT NOT NULL, executed_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN, result_summary TEXT,
    FOREIGN KEY (failure_pack_id) REFERENCES failure_packs (id)
);
CREATE INDEX idx_healing_actions_failure ON healing_actions (failure_pack_id);
CREATE INDEX idx_healing_actions_type ON healing_actions (action_type);

CREATE TABLE memory_audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, memory_id TEXT NOT NULL,
    timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP, metadata TEXT,
    FOREIGN KEY (memory_id) REFERENCES memory_items (id) ON DELETE CASCADE
);
CREATE INDEX idx_memory_audit_memory_id ON memory_audit_log (memory_id);
CREATE INDEX idx_memory_audit_event ON memory_audit_log (event);
CREATE INDEX idx_memory_audit_timestamp ON memory_audit_log (timestamp DESC);

CREATE TABLE memory_gc_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, started_at TIMESTAMP NOT NULL, completed_at TIMESTAMP,
    status TEXT NOT NULL, memories_decayed INTEGER DEFAULT 0, memories_deleted INTEGER DEFAULT 0,
    memories_promoted INTEGER DEFAULT 0, error TEXT, metadata TEXT
);
CREATE INDEX idx_memory_gc_runs_started ON memory_gc_runs (started_at DESC);

CREATE TABLE content_registry (
    id TEXT NOT NULL, type TEXT NOT NULL, version TEXT NOT NULL, status TEXT DEFAULT 'draft',
    checksum TEXT NOT NULL, parent_version TEXT, change_reason TEXT, is_root INTEGER DEFAULT 0,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, activated_at TIMESTAMP, deprecated_at TIMESTAMP,
    frozen_at TIMESTAMP, metadata TEXT, spec TEXT NOT NULL,
    PRIMARY KEY (id, version),
    CHECK ((is_root = 1 AND parent_version IS NULL)
        OR (is_root = 0 AND parent_version IS NOT NULL AND length(change_reason) > 0)),
    CHECK (status IN ('draft', 'active', 'deprecated', 'frozen'))
);
CREATE INDEX idx_content_registry_type ON content_registry (type);
CREATE INDEX idx_content_registry_status ON content_registry (status);
CREATE INDEX idx_content_registry_parent ON content_registry (parent_version);
CREATE INDEX idx_content_registry_lineage ON content_registry (is_root, parent_version);
CREATE INDEX idx_content_registry_type_status ON content_registry (type, status);

CREATE TABLE content_lineage (
    id INTEGER PRIMARY KEY AUTOINCREMENT, content_id TEXT NOT NULL, from_version TEXT NOT NULL,
    to_version TEXT NOT NULL, diff TEXT, reason TEXT NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (content_id) REFERENCES content_registry (id)
);
CREATE INDEX idx_content_lineage_id ON content_lineage (content_id);
CREATE INDEX idx_content_lineage_from_to ON content_lineage (content_id, from_version, to_version);

CREATE TABLE content_audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, content_id TEXT NOT NULL,
    version TEXT NOT NULL, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP, operator TEXT, metadata TEXT,
    CHECK (event IN ('registered', 'activated', 'deprecated', 'frozen', 'unfrozen', 'superseded'))
);
CREATE INDEX idx_content_audit_id ON content_audit_log (content_id);
CREATE INDEX idx_content_audit_event ON content_audit_log (event);
CREATE INDEX idx_content_audit_timestamp ON content_audit_log (timestamp DESC);
CREATE INDEX idx_content_audit_id_version ON content_audit_log (content_id, version);
