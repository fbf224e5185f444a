-- AgentOS 0.6: tasks and what hangs from them.

CREATE TABLE tasks (
    task_id TEXT PRIMARY KEY, session_id TEXT, title TEXT, status TEXT DEFAULT 'created',
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    created_by TEXT, metadata TEXT,
    FOREIGN KEY (session_id) REFERENCES task_sessions (session_id)
);
CREATE INDEX idx_tasks_status ON tasks (status);
CREATE INDEX idx_tasks_session ON tasks (session_id);
CREATE INDEX idx_tasks_created ON tasks (created_at DESC);

CREATE TABLE task_lineage (
    id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, kind TEXT NOT NULL, ref_id TEXT NOT NULL,
    phase TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, metadata TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id), UNIQUE (task_id, kind, ref_id)
);
CREATE INDEX idx_task_lineage_task ON task_lineage (task_id);
CREATE INDEX idx_task_lineage_kind ON task_lineage (kind);
CREATE INDEX idx_task_lineage_ref ON task_lineage (kind, ref_id);
CREATE INDEX idx_task_lineage_phase ON task_lineage (phase);
CREATE INDEX idx_task_lineage_created ON task_lineage (created_at DESC);

CREATE TABLE task_sessions (
    session_id TEXT PRIMARY KEY, channel TEXT, metadata TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, last_activity TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_task_sessions_channel ON task_sessions (channel);
CREATE INDEX idx_task_sessions_created ON task_sessions (created_at DESC);

CREATE TABLE task_agents (
    invocation_id TEXT PRIMARY KEY, task_id TEXT NOT NULL, run_id TEXT, agent_key TEXT NOT NULL, model TEXT,
    input_ref TEXT, output_ref TEXT, started_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, ended_at TIMESTAMP,
    status TEXT, metadata TEXT,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id)
);
CREATE INDEX idx_task_agents_task ON task_agents (task_id);
CREATE INDEX idx_task_agents_run ON task_agents (run_id);
CREATE INDEX idx_task_agents_agent ON task_agents (agent_key);
CREATE INDEX idx_task_agents_model ON task_agents (model);
CREATE INDEX idx_task_agents_started ON task_agents (started_at DESC);
