-- AgentOS 0.31, the file itself: the project-aware tables and columns. Run directly on a file of 0.30
-- it gets this far and stops, for projects has no project_id yet.

CREATE TABLE repos (
    repo_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, local_path TEXT NOT NULL,
    vcs_type TEXT DEFAULT 'git', remote_url TEXT, default_branch TEXT, created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL, metadata TEXT,
    FOREIGN KEY (project_id) REFERENCES projects (project_id) ON DELETE CASCADE, UNIQUE (project_id, name)
);
CREATE INDEX idx_repos_project_id ON repos (project_id);
CREATE INDEX idx_repos_local_path ON repos (local_path);

CREATE TABLE task_specs (
    spec_id TEXT PRIMARY KEY, task_id TEXT NOT NULL, spec_version INTEGER NOT NULL, title TEXT NOT NULL,
    intent TEXT, constraints TEXT, acceptance_criteria TEXT, inputs TEXT, created_at TEXT NOT NULL,
    metadata TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE, UNIQUE (task_id, spec_version)
);
CREATE INDEX idx_task_specs_task_id ON task_specs (task_id, spec_version DESC);

CREATE TABLE task_bindings (
    task_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, repo_id TEXT, workdir TEXT,
    created_at TEXT NOT NULL, metadata TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE,
    FOREIGN KEY (project_id) REFERENCES projects (project_id) ON DELETE RESTRICT,
    FOREIGN KEY (repo_id) REFERENCES repos (repo_id) ON DELETE SET NULL
);
CREATE INDEX idx_task_bindings_project_id ON task_bindings (project_id);
CREATE INDEX idx_task_bindings_repo_id ON task_bindings (repo_id) WHERE repo_id IS NOT NULL;

CREATE TABLE task_artifacts (
    artifact_id TEXT PRIMARY KEY, task_id TEXT NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL,
    display_name TEXT, hash TEXT, size_bytes INTEGER, created_at TEXT NOT NULL, metadata TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE
);
CREATE INDEX idx_task_artifacts_task_id ON task_artifacts (task_id, created_at DESC);
CREATE INDEX idx_task_artifacts_kind ON task_artifacts (kind, created_at DESC);

ALTER TABLE tasks ADD COLUMN project_id TEXT;
ALTER TABLE tasks ADD COLUMN repo_id TEXT;
ALTER TABLE tasks ADD COLUMN workdir TEXT;
ALTER TABLE tasks ADD COLUMN spec_frozen INTEGER DEFAULT 0;
CREATE INDEX idx_tasks_project_id ON tasks (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX idx_tasks_spec_frozen ON tasks (spec_frozen);
