-- AgentOS 0.32 by hand: fine-grained runner events.

CREATE TABLE task_events (
    event_id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL, event_type TEXT NOT NULL, phase TEXT,
    actor TEXT NOT NULL, span_id TEXT NOT NULL, parent_span_id TEXT, seq INTEGER NOT NULL,
    payload TEXT NOT NULL DEFAULT '{}', created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE
);
CREATE INDEX idx_task_events_task_seq ON task_events (task_id, seq);
CREATE INDEX idx_task_events_task_created ON task_events (task_id, created_at DESC);
CREATE INDEX idx_task_events_parent_span ON task_events (parent_span_id) WHERE parent_span_id IS NOT NULL;
CREATE INDEX idx_task_events_task_phase ON task_events (task_id, phase) WHERE phase IS NOT NULL;
CREATE INDEX idx_task_events_type_created ON task_events (event_type, created_at DESC);

CREATE TABLE task_event_seq_counters (
    task_id TEXT PRIMARY KEY, next_seq INTEGER NOT NULL DEFAULT 1,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (task_id) REFERENCES tasks (task_id) ON DELETE CASCADE
);
CREATE INDEX idx_event_seq_counters_task ON task_event_seq_counters (task_id);

CREATE TRIGGER init_task_event_seq_counter AFTER INSERT ON task_events
WHEN NOT EXISTS (SELECT 1 FROM task_event_seq_counters WHERE task_id = NEW.task_id)
BEGIN INSERT INTO task_event_seq_counters (task_id, next_seq) VALUES (NEW.task_id, NEW.seq + 1); END;
CREATE TRIGGER validate_task_event_seq_positive BEFORE INSERT ON task_events
WHEN NEW.seq <= 0
BEGIN SELECT RAISE(ABORT, 'validate_task_event_seq_positive'); END;
CREATE TRIGGER validate_task_event_type BEFORE INSERT ON task_events
WHEN NEW.event_type IS NULL OR NEW.event_type = ''
BEGIN SELECT RAISE(ABORT, 'validate_task_event_type'); END;
CREATE TRIGGER validate_task_event_actor BEFORE INSERT ON task_events
WHEN NEW.actor IS NULL OR NEW.actor = ''
BEGIN SELECT RAISE(ABORT, 'validate_task_event_actor'); END;
CREATE TRIGGER validate_task_event_span_id BEFORE INSERT ON task_events
WHEN NEW.span_id IS NULL OR NEW.span_id = ''
BEGIN SELECT RAISE(ABORT, 'validate_task_event_span_id'); END;
