-- AgentOS 0.25: a project is more than a folder. On a file that has a project row already the
-- ALTER with the current time as default fails, and the file stays as projects_half.sql leaves it.

ALTER TABLE projects ADD COLUMN created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE projects ADD COLUMN updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE projects ADD COLUMN created_by TEXT;
ALTER TABLE projects ADD COLUMN metadata TEXT;
CREATE INDEX idx_projects_status ON projects (status);
CREATE INDEX idx_projects_created_at ON projects (created_at DESC);
CREATE INDEX idx_projects_updated_at ON projects (updated_at DESC);
CREATE INDEX idx_projects_name ON projects (name);
CREATE INDEX idx_projects_status_created ON projects (status, created_at DESC);
CREATE INDEX idx_projects_default_repo ON projects (default_repo_id) WHERE default_repo_id IS NOT NULL;

CREATE TRIGGER check_projects_status_insert BEFORE INSERT ON projects
WHEN NEW.status NOT IN ('active', 'archived', 'deleted')
BEGIN SELECT RAISE(ABORT, 'check_projects_status_insert'); END;
CREATE TRIGGER check_projects_status_update BEFORE UPDATE ON projects
WHEN NEW.status NOT IN ('active', 'archived', 'deleted')
BEGIN SELECT RAISE(ABORT, 'check_projects_status_update'); END;
CREATE TRIGGER check_projects_default_repo_insert BEFORE INSERT ON projects
WHEN NEW.default_repo_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM project_repos WHERE repo_id = NEW.default_repo_id AND project_id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'check_projects_default_repo_insert'); END;
CREATE TRIGGER check_projects_default_repo_update BEFORE UPDATE ON projects
WHEN NEW.default_repo_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM project_repos WHERE repo_id = NEW.default_repo_id AND project_id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'check_projects_default_repo_update'); END;
CREATE TRIGGER check_projects_tags_json_insert BEFORE INSERT ON projects
WHEN NEW.tags IS NOT NULL AND (NOT json_valid(NEW.tags) OR json_type(NEW.tags) <> 'array')
BEGIN SELECT RAISE(ABORT, 'check_projects_tags_json_insert'); END;
CREATE TRIGGER check_projects_tags_json_update BEFORE UPDATE ON projects
WHEN NEW.tags IS NOT NULL AND (NOT json_valid(NEW.tags) OR json_type(NEW.tags) <> 'array')
BEGIN SELECT RAISE(ABORT, 'check_projects_tags_json_update'); END;
CREATE TRIGGER check_projects_settings_json_insert BEFORE INSERT ON projects
WHEN NEW.settings IS NOT NULL AND (NOT json_valid(NEW.settings) OR json_type(NEW.settings) <> 'object')
BEGIN SELECT RAISE(ABORT, 'check_projects_settings_json_insert'); END;
CREATE TRIGGER check_projects_settings_json_update BEFORE UPDATE ON projects
WHEN NEW.settings IS NOT NULL AND (NOT json_valid(NEW.settings) OR json_type(NEW.settings) <> 'object')
BEGIN SELECT RAISE(ABORT, 'check_projects_settings_json_update'); END;
CREATE TRIGGER check_projects_metadata_json_insert BEFORE INSERT ON projects
WHEN NEW.metadata IS NOT NULL AND (NOT json_valid(NEW.metadata) OR json_type(NEW.metadata) <> 'object')
BEGIN SELECT RAISE(ABORT, 'check_projects_metadata_json_insert'); END;
CREATE TRIGGER check_projects_metadata_json_update BEFORE UPDATE ON projects
WHEN NEW.metadata IS NOT NULL AND (NOT json_valid(NEW.metadata) OR json_type(NEW.metadata) <> 'object')
BEGIN SELECT RAISE(ABORT, 'check_projects_metadata_json_update'); END;
CREATE TRIGGER update_projects_timestamp AFTER UPDATE ON projects
BEGIN UPDATE projects SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id; END;
