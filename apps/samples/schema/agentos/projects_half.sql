-- AgentOS 0.25, the statements that succeed on any file.

ALTER TABLE projects ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE projects ADD COLUMN description TEXT;
ALTER TABLE projects ADD COLUMN status TEXT DEFAULT 'active';
ALTER TABLE projects ADD COLUMN tags TEXT;
ALTER TABLE projects ADD COLUMN default_repo_id TEXT;
ALTER TABLE projects ADD COLUMN default_workdir TEXT;
ALTER TABLE projects ADD COLUMN settings TEXT;
