-- AgentOS 0.14 to 0.23: supervisor, guardian, repositories, credentials, content and answers.

CREATE TABLE supervisor_inbox (
    event_id TEXT PRIMARY KEY, task_id TEXT NOT NULL, event_type TEXT NOT NULL, source TEXT NOT NULL,
    payload TEXT, received_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, processed_at TIMESTAMP,
    status TEXT DEFAULT 'pending', error_message TEXT, retry_count INTEGER DEFAULT 0,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id)
);
CREATE INDEX idx_supervisor_inbox_task ON supervisor_inbox (task_id);
CREATE INDEX idx_supervisor_inbox_status ON supervisor_inbox (status);
CREATE INDEX idx_supervisor_inbox_received ON supervisor_inbox (received_at DESC);
CREATE INDEX idx_supervisor_inbox_processed ON supervisor_inbox (processed_at DESC);
CREATE INDEX idx_supervisor_inbox_pending ON supervisor_inbox (status, received_at)
    WHERE status = 'pending';
CREATE INDEX idx_supervisor_inbox_task_event ON supervisor_inbox (task_id, event_id);

CREATE TABLE supervisor_checkpoint (
    checkpoint_id INTEGER PRIMARY KEY AUTOINCREMENT, source_table TEXT NOT NULL,
    last_seen_id INTEGER NOT NULL, last_seen_ts TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    metadata TEXT,
    UNIQUE (source_table)
);
CREATE INDEX idx_supervisor_checkpoint_table ON supervisor_checkpoint (source_table);
CREATE INDEX idx_supervisor_checkpoint_updated ON supervisor_checkpoint (updated_at DESC);

CREATE TABLE lead_findings (
    fingerprint TEXT PRIMARY KEY, code TEXT NOT NULL, severity TEXT NOT NULL, title TEXT NOT NULL,
    description TEXT, window_kind TEXT NOT NULL, first_seen_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL, count INTEGER DEFAULT 1, evidence_json TEXT, linked_task_id TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_lead_findings_last_seen ON lead_findings (last_seen_at DESC);
CREATE INDEX idx_lead_findings_severity ON lead_findings (severity);
CREATE INDEX idx_lead_findings_window ON lead_findings (window_kind);
CREATE INDEX idx_lead_findings_code ON lead_findings (code);
CREATE INDEX idx_lead_findings_severity_time ON lead_findings (severity, last_seen_at DESC);

CREATE TABLE guardian_assignments (
    assignment_id TEXT PRIMARY KEY, task_id TEXT NOT NULL, guardian_code TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL, reason_json TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'ASSIGNED',
    FOREIGN KEY (task_id) REFERENCES tasks (task_id)
);
CREATE INDEX idx_guardian_assignments_task ON guardian_assignments (task_id, created_at DESC);
CREATE INDEX idx_guardian_assignments_guardian ON guardian_assignments (guardian_code, created_at DESC);
CREATE INDEX idx_guardian_assignments_status ON guardian_assignments (status, created_at DESC);

CREATE TABLE guardian_verdicts (
    verdict_id TEXT PRIMARY KEY, assignment_id TEXT NOT NULL, task_id TEXT NOT NULL,
    guardian_code TEXT NOT NULL, status TEXT NOT NULL, created_at TIMESTAMP NOT NULL,
    verdict_json TEXT NOT NULL,
    FOREIGN KEY (assignment_id) REFERENCES guardian_assignments (assignment_id),
    FOREIGN KEY (task_id) REFERENCES tasks (task_id)
);
CREATE INDEX idx_guardian_verdicts_task ON guardian_verdicts (task_id, created_at DESC);
CREATE INDEX idx_guardian_verdicts_assignment ON guardian_verdicts (assignment_id, created_at DESC);
CREATE INDEX idx_guardian_verdicts_status ON guardian_verdicts (status, created_at DESC);
CREATE INDEX idx_guardian_verdicts_guardian ON guardian_verdicts (guardian_code, created_at DESC);

CREATE TABLE project_repos (
    repo_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, remote_url TEXT,
    default_branch TEXT DEFAULT 'main', workspace_relpath TEXT NOT NULL, role TEXT NOT NULL DEFAULT 'code',
    is_writable INTEGER NOT NULL DEFAULT 1, auth_profile TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    metadata TEXT,
    FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE, UNIQUE (project_id, name),
    UNIQUE (project_id, workspace_relpath), CHECK (role IN ('code', 'docs', 'infra', 'mono-subdir'))
);
CREATE INDEX idx_project_repos_project ON project_repos (project_id, created_at DESC);
CREATE INDEX idx_project_repos_role ON project_repos (role);
CREATE INDEX idx_project_repos_writable ON project_repos (is_writable) WHERE is_writable = 1;
CREATE INDEX idx_project_repos_name ON project_repos (project_id, name);

CREATE TABLE task_repo_scope (
    scope_id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, repo_id TEXT NOT NULL,
    scope TEXT NOT NULL DEFAULT 'full', path_filters TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    metadata TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE,
    FOREIGN KEY (repo_id) REFERENCES project_repos (repo_id) ON DELETE CASCADE, UNIQUE (task_id, repo_id),
    CHECK (scope IN ('full', 'paths', 'read_only'))
);
CREATE INDEX idx_task_repo_scope_task ON task_repo_scope (task_id);
CREATE INDEX idx_task_repo_scope_repo ON task_repo_scope (repo_id, created_at DESC);
CREATE INDEX idx_task_repo_scope_scope ON task_repo_scope (scope);
CREATE INDEX idx_task_repo_scope_task_repo ON task_repo_scope (task_id, repo_id);

CREATE TABLE task_dependency (
    dependency_id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL,
    depends_on_task_id TEXT NOT NULL, dependency_type TEXT NOT NULL DEFAULT 'blocks', reason TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, created_by TEXT, metadata TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE,
    FOREIGN KEY (depends_on_task_id) REFERENCES tasks (task_id) ON DELETE CASCADE,
    UNIQUE (task_id, depends_on_task_id, dependency_type), CHECK (task_id != depends_on_task_id),
    CHECK (dependency_type IN ('blocks', 'requires', 'suggests'))
);
CREATE INDEX idx_task_dependency_task ON task_dependency (task_id);
CREATE INDEX idx_task_dependency_depends_on ON task_dependency (depends_on_task_id);
CREATE INDEX idx_task_dependency_type ON task_dependency (dependency_type);
CREATE INDEX idx_task_dependency_reverse ON task_dependency (depends_on_task_id, task_id);

CREATE TABLE task_artifact_ref (
    artifact_id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, repo_id TEXT NOT NULL,
    ref_type TEXT NOT NULL, ref_value TEXT NOT NULL, summary TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, metadata TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE,
    FOREIGN KEY (repo_id) REFERENCES project_repos (repo_id) ON DELETE CASCADE,
    UNIQUE (task_id, repo_id, ref_type, ref_value),
    CHECK (ref_type IN ('commit', 'branch', 'pr', 'patch', 'file', 'tag'))
);
CREATE INDEX idx_task_artifact_ref_task ON task_artifact_ref (task_id);
CREATE INDEX idx_task_artifact_ref_repo ON task_artifact_ref (repo_id, created_at DESC);
CREATE INDEX idx_task_artifact_ref_type ON task_artifact_ref (ref_type);
CREATE INDEX idx_task_artifact_ref_task_repo ON task_artifact_ref (task_id, repo_id);
CREATE INDEX idx_task_artifact_ref_type_value ON task_artifact_ref (ref_type, ref_value);

CREATE TABLE auth_profiles (
    profile_id TEXT PRIMARY KEY, profile_name TEXT NOT NULL UNIQUE, profile_type TEXT NOT NULL,
    ssh_key_path TEXT, ssh_passphrase_encrypted TEXT, token_encrypted TEXT, token_provider TEXT,
    token_scopes TEXT, netrc_machine TEXT, netrc_login TEXT, netrc_password_encrypted TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    last_validated_at TIMESTAMP, validation_status TEXT DEFAULT 'unknown', validation_message TEXT,
    metadata TEXT,
    CHECK (profile_type IN ('ssh_key', 'pat_token', 'netrc')),
    CHECK (token_provider IS NULL OR token_provider IN ('github', 'gitlab', 'bitbucket', 'gitea', 'other')),
    CHECK (validation_status IN ('unknown', 'valid', 'invalid', 'expired'))
);
CREATE INDEX idx_auth_profiles_type ON auth_profiles (profile_type);
CREATE INDEX idx_auth_profiles_provider ON auth_profiles (token_provider) WHERE token_provider IS NOT NULL;
CREATE INDEX idx_auth_profiles_status ON auth_profiles (validation_status);

CREATE TABLE auth_profile_usage (
    usage_id INTEGER PRIMARY KEY AUTOINCREMENT, profile_id TEXT NOT NULL, repo_id TEXT,
    operation TEXT NOT NULL, status TEXT NOT NULL, error_message TEXT,
    used_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, metadata TEXT,
    FOREIGN KEY (profile_id) REFERENCES auth_profiles (profile_id) ON DELETE CASCADE,
    CHECK (operation IN ('clone', 'pull', 'push', 'validate')), CHECK (status IN ('success', 'failure'))
);
CREATE INDEX idx_auth_profile_usage_profile ON auth_profile_usage (profile_id, used_at DESC);
CREATE INDEX idx_auth_profile_usage_repo ON auth_profile_usage (repo_id, used_at DESC)
    WHERE repo_id IS NOT NULL;
CREATE INDEX idx_auth_profile_usage_status ON auth_profile_usage (status, used_at DESC);

CREATE TABLE encryption_keys (
    key_id TEXT PRIMARY KEY, key_type TEXT NOT NULL, key_encrypted BLOB NOT NULL, salt BLOB,
    algorithm TEXT NOT NULL DEFAULT 'AES-256-GCM', created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    rotated_at TIMESTAMP, metadata TEXT,
    CHECK (key_type IN ('master', 'derived'))
);
CREATE INDEX idx_encryption_keys_type ON encryption_keys (key_type);

CREATE TABLE guardian_reviews (
    review_id TEXT PRIMARY KEY, target_type TEXT NOT NULL, target_id TEXT NOT NULL,
    guardian_id TEXT NOT NULL, review_type TEXT NOT NULL, verdict TEXT NOT NULL, confidence REAL NOT NULL,
    rule_snapshot_id TEXT, evidence TEXT NOT NULL, created_at TEXT NOT NULL,
    CHECK (target_type IN ('task', 'decision', 'finding')), CHECK (review_type IN ('AUTO', 'MANUAL')),
    CHECK (verdict IN ('PASS', 'FAIL', 'NEEDS_REVIEW')), CHECK (confidence >= 0.0 AND confidence <= 1.0)
);
CREATE INDEX idx_guardian_reviews_target ON guardian_reviews (target_type, target_id, created_at DESC);
CREATE INDEX idx_guardian_reviews_guardian ON guardian_reviews (guardian_id, created_at DESC);
CREATE INDEX idx_guardian_reviews_verdict ON guardian_reviews (verdict, created_at DESC);
CREATE INDEX idx_guardian_reviews_created_at ON guardian_reviews (created_at DESC);
CREATE INDEX idx_guardian_reviews_type_verdict ON guardian_reviews (target_type, verdict, created_at DESC);
CREATE INDEX idx_guardian_reviews_rule_snapshot ON guardian_reviews (rule_snapshot_id, created_at DESC)
    WHERE rule_snapshot_id IS NOT NULL;

CREATE TABLE content_items (
    id TEXT PRIMARY KEY, content_type TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'draft', source_uri TEXT, metadata_json TEXT, release_notes TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    CHECK (content_type IN ('agent', 'workflow', 'skill', 'tool')),
    CHECK (status IN ('draft', 'active', 'deprecated', 'frozen'))
);
CREATE UNIQUE INDEX idx_content_items_type_name_version ON content_items (content_type, name, version);
CREATE INDEX idx_content_items_type_name ON content_items (content_type, name);
CREATE INDEX idx_content_items_status ON content_items (status);
CREATE INDEX idx_content_items_type_status ON content_items (content_type, status);

CREATE TABLE answer_packs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, status TEXT NOT NULL DEFAULT 'draft',
    items_json TEXT NOT NULL, metadata_json TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    CHECK (status IN ('draft', 'active', 'archived'))
);
CREATE INDEX idx_answer_packs_status ON answer_packs (status);
CREATE INDEX idx_answer_packs_name ON answer_packs (name);

CREATE TABLE answer_pack_links (
    id TEXT PRIMARY KEY, pack_id TEXT NOT NULL, entity_type TEXT NOT NULL, entity_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    FOREIGN KEY (pack_id) REFERENCES answer_packs (id) ON DELETE CASCADE,
    CHECK (entity_type IN ('task', 'intent'))
);
CREATE INDEX idx_answer_pack_links_pack ON answer_pack_links (pack_id);
CREATE INDEX idx_answer_pack_links_entity ON answer_pack_links (entity_type, entity_id);
CREATE INDEX idx_answer_pack_links_pack_entity ON answer_pack_links (pack_id, entity_type, entity_id);
