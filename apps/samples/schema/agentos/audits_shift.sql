-- AgentOS 0.24 on a file with audits: the old rows are copied by position into the new order of columns.

CREATE TABLE task_audits_backup AS SELECT * FROM task_audits;
DROP TABLE task_audits;
