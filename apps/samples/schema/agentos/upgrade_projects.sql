-- AgentOS upgrade script to 0.31, first half: projects anew. SQLite lets the foreign keys of five other
-- tables follow the renamed one.

ALTER TABLE projects RENAME TO projects_backup_v30;
CREATE TABLE projects (
    project_id TEXT PRIMARY KEY, name TEXT UNIQUE NOT NULL, description TEXT, tags TEXT,
    default_repo_id TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, metadata TEXT
);
INSERT INTO projects
    SELECT id, name, description, tags, default_repo_id, created_at, updated_at, metadata
    FROM projects_backup_v30;
INSERT INTO projects VALUES (
    'proj_default', 'Default Project', 'Home of the tasks from before projects',
    '["legacy", "migrated"]', NULL,
    '2026-01-29 17:00:00', '2026-01-29 17:00:00', NULL);
CREATE TABLE project_repos_temp AS SELECT * FROM project_repos WHERE 0;
