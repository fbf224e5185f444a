-- AgentOS 0.26 to 0.30: templates, exit reasons, snapshots, resumable work.

CREATE TABLE task_templates (
    template_id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, title_template TEXT NOT NULL,
    created_by_default TEXT, metadata_template_json TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, created_by TEXT, use_count INTEGER DEFAULT 0
);
CREATE INDEX idx_task_templates_created_at ON task_templates (created_at DESC);
CREATE INDEX idx_task_templates_name ON task_templates (name);
CREATE INDEX idx_task_templates_use_count ON task_templates (use_count DESC);
CREATE INDEX idx_task_templates_created_by ON task_templates (created_by) WHERE created_by IS NOT NULL;

CREATE TRIGGER check_task_templates_name_length_insert BEFORE INSERT ON task_templates
WHEN length(trim(NEW.name)) < 1 OR length(NEW.name) > 100
BEGIN SELECT RAISE(ABORT, 'check_task_templates_name_length_insert'); END;
CREATE TRIGGER check_task_templates_name_length_update BEFORE UPDATE ON task_templates
WHEN length(trim(NEW.name)) < 1 OR length(NEW.name) > 100
BEGIN SELECT RAISE(ABORT, 'check_task_templates_name_length_update'); END;
CREATE TRIGGER check_task_templates_title_template_insert BEFORE INSERT ON task_templates
WHEN length(trim(NEW.title_template)) < 1
BEGIN SELECT RAISE(ABORT, 'check_task_templates_title_template_insert'); END;
CREATE TRIGGER check_task_templates_title_template_update BEFORE UPDATE ON task_templates
WHEN length(trim(NEW.title_template)) < 1
BEGIN SELECT RAISE(ABORT, 'check_task_templates_title_template_update'); END;
CREATE TRIGGER check_task_templates_metadata_json_insert BEFORE INSERT ON task_templates
WHEN NEW.metadata_template_json IS NOT NULL
    AND (NOT json_valid(NEW.metadata_template_json) OR json_type(NEW.metadata_template_json) <> 'object')
BEGIN SELECT RAISE(ABORT, 'check_task_templates_metadata_json_insert'); END;
CREATE TRIGGER check_task_templates_metadata_json_update BEFORE UPDATE ON task_templates
WHEN NEW.metadata_template_json IS NOT NULL
    AND (NOT json_valid(NEW.metadata_template_json) OR json_type(NEW.metadata_template_json) <> 'object')
BEGIN SELECT RAISE(ABORT, 'check_task_templates_metadata_json_update'); END;
CREATE TRIGGER check_task_templates_use_count_insert BEFORE INSERT ON task_templates
WHEN NEW.use_count < 0
BEGIN SELECT RAISE(ABORT, 'check_task_templates_use_count_insert'); END;
CREATE TRIGGER check_task_templates_use_count_update BEFORE UPDATE ON task_templates
WHEN NEW.use_count < 0
BEGIN SELECT RAISE(ABORT, 'check_task_templates_use_count_update'); END;
CREATE TRIGGER update_task_templates_timestamp AFTER UPDATE ON task_templates
BEGIN UPDATE task_templates SET updated_at = CURRENT_TIMESTAMP WHERE template_id = NEW.template_id; END;

ALTER TABLE tasks ADD COLUMN exit_reason TEXT;
CREATE INDEX idx_tasks_exit_reason ON tasks (exit_reason);
CREATE INDEX idx_tasks_status_exit_reason ON tasks (status, exit_reason);
CREATE TRIGGER check_tasks_exit_reason_insert BEFORE INSERT ON tasks
WHEN NEW.exit_reason NOT IN (
    'done', 'max_iterations', 'blocked', 'fatal_error', 'user_cancelled', 'unknown')
BEGIN SELECT RAISE(ABORT, 'check_tasks_exit_reason_insert'); END;
CREATE TRIGGER check_tasks_exit_reason_update BEFORE UPDATE OF exit_reason ON tasks
WHEN NEW.exit_reason NOT IN (
    'done', 'max_iterations', 'blocked', 'fatal_error', 'user_cancelled', 'unknown')
BEGIN SELECT RAISE(ABORT, 'check_tasks_exit_reason_update'); END;
CREATE TRIGGER log_task_blocked AFTER UPDATE OF status ON tasks
WHEN NEW.status = 'blocked' AND OLD.status <> 'blocked'
BEGIN
    INSERT INTO task_audits (task_id, level, event_type, payload, created_at)
    VALUES (NEW.task_id, 'warn', 'TASK_BLOCKED', json_object('from_status', OLD.status,
        'to_status', NEW.status, 'exit_reason', NEW.exit_reason), CURRENT_TIMESTAMP);
END;

CREATE TABLE project_snapshots (
    snapshot_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, data TEXT NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE
);
CREATE INDEX idx_project_snapshots_project ON project_snapshots (project_id, created_at DESC);
CREATE INDEX idx_project_snapshots_created_at ON project_snapshots (created_at DESC);

CREATE TABLE work_items (
    work_item_id TEXT PRIMARY KEY, task_id TEXT NOT NULL, work_type TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending', priority INTEGER DEFAULT 0, lease_holder TEXT,
    lease_acquired_at TIMESTAMP, lease_expires_at TIMESTAMP, heartbeat_at TIMESTAMP,
    retry_count INTEGER DEFAULT 0, max_retries INTEGER DEFAULT 3, input_data TEXT, output_data TEXT,
    error_message TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, started_at TIMESTAMP,
    completed_at TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE
);
CREATE INDEX idx_work_items_task ON work_items (task_id, status, created_at DESC);
CREATE INDEX idx_work_items_status_priority ON work_items (status, priority DESC, created_at);
CREATE INDEX idx_work_items_lease_expiry ON work_items (lease_expires_at)
    WHERE lease_expires_at IS NOT NULL AND status = 'in_progress';
CREATE INDEX idx_work_items_lease_holder ON work_items (lease_holder, status)
    WHERE lease_holder IS NOT NULL;

CREATE TABLE checkpoints (
    checkpoint_id TEXT PRIMARY KEY, task_id TEXT NOT NULL, work_item_id TEXT, checkpoint_type TEXT NOT NULL,
    sequence_number INTEGER NOT NULL, snapshot_data TEXT NOT NULL, metadata TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE,
    FOREIGN KEY (work_item_id) REFERENCES work_items (work_item_id) ON DELETE SET NULL
);
CREATE INDEX idx_checkpoints_task_sequence ON checkpoints (task_id, sequence_number);
CREATE INDEX idx_checkpoints_work_item ON checkpoints (work_item_id, sequence_number)
    WHERE work_item_id IS NOT NULL;
CREATE INDEX idx_checkpoints_type ON checkpoints (checkpoint_type, created_at DESC);
CREATE INDEX idx_checkpoints_created_at ON checkpoints (created_at DESC);

CREATE TABLE idempotency_keys (
    idempotency_key TEXT PRIMARY KEY, task_id TEXT, work_item_id TEXT, request_hash TEXT NOT NULL,
    response_data TEXT, status TEXT NOT NULL DEFAULT 'pending',
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, completed_at TIMESTAMP, expires_at TIMESTAMP,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE SET NULL,
    FOREIGN KEY (work_item_id) REFERENCES work_items (work_item_id) ON DELETE SET NULL
);
CREATE INDEX idx_idempotency_keys_task ON idempotency_keys (task_id, created_at DESC)
    WHERE task_id IS NOT NULL;
CREATE INDEX idx_idempotency_keys_work_item ON idempotency_keys (work_item_id, created_at DESC)
    WHERE work_item_id IS NOT NULL;
CREATE INDEX idx_idempotency_keys_expires_at ON idempotency_keys (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX idx_idempotency_keys_status ON idempotency_keys (status, created_at DESC);

CREATE TRIGGER update_work_items_timestamp AFTER UPDATE ON work_items
BEGIN UPDATE work_items SET updated_at = CURRENT_TIMESTAMP WHERE work_item_id = NEW.work_item_id; END;
CREATE TRIGGER check_work_items_status BEFORE UPDATE OF status ON work_items
WHEN NEW.status NOT IN ('pending', 'in_progress', 'completed', 'failed', 'expired')
    OR (OLD.status IN ('completed', 'failed') AND NEW.status <> OLD.status)
BEGIN SELECT RAISE(ABORT, 'check_work_items_status'); END;
CREATE TRIGGER check_checkpoints_type BEFORE INSERT ON checkpoints
WHEN NEW.checkpoint_type NOT IN ('iteration_start', 'iteration_end', 'tool_executed', 'llm_response',
    'approval_point', 'state_transition', 'manual_checkpoint', 'error_boundary')
BEGIN SELECT RAISE(ABORT, 'check_checkpoints_type'); END;
CREATE TRIGGER check_idempotency_keys_status BEFORE INSERT ON idempotency_keys
WHEN NEW.status NOT IN ('pending', 'completed', 'failed')
BEGIN SELECT RAISE(ABORT, 'check_idempotency_keys_status'); END;
