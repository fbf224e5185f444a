-- AgentOS upgrade script to 0.31, second half: every task that exists is bound to the default project.

UPDATE tasks SET project_id = 'proj_default';
INSERT INTO task_bindings SELECT task_id, 'proj_default', NULL, NULL, '2026-01-29 17:00:00', NULL FROM tasks;
INSERT INTO task_audits (task_id, level, event_type, payload, created_at)
    SELECT task_id, 'info', 'MIGRATION_V031', json_object('migration', 'v0.31_project_aware',
        'action', 'bound_to_default_project', 'project_id', 'proj_default'), '2026-01-29 17:00:00'
    FROM tasks;
INSERT INTO schema_version VALUES ('0.31.0', '2026-01-29 17:00:00'), ('0.32.0', '2026-01-29 17:00:00');
CREATE INDEX idx_tasks_project_status ON tasks (project_id, status, created_at DESC)
    WHERE project_id IS NOT NULL;
CREATE INDEX idx_tasks_repo_status ON tasks (repo_id, status, created_at DESC) WHERE repo_id IS NOT NULL;
CREATE TRIGGER enforce_task_project_binding_insert BEFORE INSERT ON tasks
WHEN NEW.status IN ('ready', 'running', 'verifying', 'verified', 'done', 'succeeded')
    AND NEW.project_id IS NULL
BEGIN SELECT RAISE(ABORT, 'enforce_task_project_binding_insert'); END;
CREATE TRIGGER enforce_task_project_binding_update BEFORE UPDATE OF status ON tasks
WHEN NEW.status IN ('ready', 'running', 'verifying', 'verified', 'done', 'succeeded')
    AND NEW.project_id IS NULL
BEGIN SELECT RAISE(ABORT, 'enforce_task_project_binding_update'); END;
CREATE TRIGGER enforce_task_spec_frozen_insert BEFORE INSERT ON tasks
WHEN NEW.status IN ('ready', 'running', 'verifying', 'verified', 'done', 'succeeded')
    AND NEW.spec_frozen = 0
BEGIN SELECT RAISE(ABORT, 'enforce_task_spec_frozen_insert'); END;
CREATE TRIGGER enforce_task_spec_frozen_update BEFORE UPDATE OF status ON tasks
WHEN NEW.status IN ('ready', 'running', 'verifying', 'verified', 'done', 'succeeded')
    AND NEW.spec_frozen = 0
BEGIN SELECT RAISE(ABORT, 'enforce_task_spec_frozen_update'); END;
