-- AgentOS 0.24 on a file with audits, second half: audits of tasks that are gone fall by the way.

INSERT INTO task_audits SELECT * FROM task_audits_backup WHERE task_id IN (SELECT task_id FROM tasks);
DROP TABLE task_audits_backup;
