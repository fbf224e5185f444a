-- Sparkle: the tables that the create script of the models makes, of 28 December 2025.

CREATE TABLE users (
    username VARCHAR(100) NOT NULL, email VARCHAR(255) NOT NULL, hashed_password VARCHAR(255) NOT NULL,
    full_name VARCHAR(100), nickname VARCHAR(100), avatar_url VARCHAR(500),
    avatar_status VARCHAR(8) NOT NULL, pending_avatar_url VARCHAR(500), flame_level INTEGER NOT NULL,
    flame_brightness FLOAT NOT NULL, depth_preference FLOAT NOT NULL, curiosity_preference FLOAT NOT NULL,
    schedule_preferences JSON, weather_preferences JSON, is_active BOOLEAN NOT NULL,
    is_superuser BOOLEAN NOT NULL, status VARCHAR(9) NOT NULL, google_id VARCHAR(255),
    apple_id VARCHAR(255), wechat_unionid VARCHAR(255), registration_source VARCHAR(50) NOT NULL,
    last_login_at DATETIME, id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), UNIQUE (username), UNIQUE (email)
);
CREATE INDEX idx_users_username ON users (username);
CREATE UNIQUE INDEX ix_users_apple_id ON users (apple_id);
CREATE INDEX ix_users_deleted_at ON users (deleted_at);
CREATE UNIQUE INDEX ix_users_google_id ON users (google_id);
CREATE UNIQUE INDEX ix_users_wechat_unionid ON users (wechat_unionid);
CREATE INDEX idx_users_email ON users (email);

CREATE TABLE subjects (
    id INTEGER NOT NULL, name VARCHAR(100) NOT NULL, aliases JSON, category VARCHAR(50),
    sector_code VARCHAR(20) DEFAULT 'VOID' NOT NULL, hex_color VARCHAR(7), glow_color VARCHAR(7),
    position_angle FLOAT, icon_name VARCHAR(50), is_active BOOLEAN, sort_order INTEGER,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_subjects_name ON subjects (name);
CREATE INDEX ix_subjects_is_active ON subjects (is_active);
CREATE INDEX ix_subjects_category ON subjects (category);

CREATE TABLE groups (
    name VARCHAR(100) NOT NULL, description TEXT, avatar_url VARCHAR(500), type VARCHAR(8) NOT NULL,
    focus_tags JSON NOT NULL, deadline DATETIME, sprint_goal TEXT, max_members INTEGER NOT NULL,
    is_public BOOLEAN NOT NULL, join_requires_approval BOOLEAN NOT NULL, total_flame_power INTEGER NOT NULL,
    today_checkin_count INTEGER NOT NULL, total_tasks_completed INTEGER NOT NULL, id CHAR(36) NOT NULL,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id)
);
CREATE INDEX ix_groups_deleted_at ON groups (deleted_at);
CREATE INDEX idx_group_public ON groups (is_public);
CREATE INDEX idx_group_type ON groups (type);

CREATE TABLE dictionary_entries (
    word VARCHAR(100) NOT NULL, phonetic VARCHAR(100), pos VARCHAR(50), definitions JSON NOT NULL,
    examples JSON, source VARCHAR(50), id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_dictionary_entries_word ON dictionary_entries (word);
CREATE INDEX idx_dict_word ON dictionary_entries (word);
CREATE INDEX ix_dictionary_entries_deleted_at ON dictionary_entries (deleted_at);

CREATE TABLE push_preferences (
    user_id CHAR(36) NOT NULL, active_slots JSON, timezone VARCHAR(50) NOT NULL,
    enable_curiosity BOOLEAN NOT NULL, persona_type VARCHAR(50) NOT NULL, daily_cap INTEGER NOT NULL,
    last_push_time DATETIME, consecutive_ignores INTEGER NOT NULL, id CHAR(36) NOT NULL,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE UNIQUE INDEX ix_push_preferences_user_id ON push_preferences (user_id);
CREATE INDEX ix_push_preferences_deleted_at ON push_preferences (deleted_at);

CREATE TABLE plans (
    user_id CHAR(36) NOT NULL, name VARCHAR(255) NOT NULL, type VARCHAR(6) NOT NULL, description TEXT,
    target_date DATE, daily_available_minutes INTEGER NOT NULL, total_estimated_hours FLOAT,
    subject VARCHAR(100), mastery_level FLOAT NOT NULL, progress FLOAT NOT NULL, is_active BOOLEAN NOT NULL,
    id CHAR(36) NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX idx_plans_target_date ON plans (target_date);
CREATE INDEX ix_plans_user_id ON plans (user_id);
CREATE INDEX idx_plans_is_active ON plans (is_active);
CREATE INDEX ix_plans_deleted_at ON plans (deleted_at);
CREATE INDEX ix_plans_is_active ON plans (is_active);
CREATE INDEX idx_plans_user_id ON plans (user_id);
CREATE INDEX idx_plans_type ON plans (type);

CREATE TABLE token_usage (
    user_id CHAR(36) NOT NULL, session_id VARCHAR(100) NOT NULL, request_id VARCHAR(100) NOT NULL,
    prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL, total_tokens INTEGER NOT NULL,
    model VARCHAR(100) NOT NULL, cost FLOAT, id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id), UNIQUE (request_id)
);
CREATE INDEX ix_token_usage_deleted_at ON token_usage (deleted_at);
CREATE INDEX ix_token_usage_session_id ON token_usage (session_id);
CREATE INDEX ix_token_usage_user_id ON token_usage (user_id);
CREATE INDEX idx_token_usage_created_at ON token_usage (created_at);
CREATE INDEX idx_token_usage_user_id ON token_usage (user_id);
CREATE INDEX idx_token_usage_session_id ON token_usage (session_id);

CREATE TABLE jobs (
    user_id CHAR(36) NOT NULL, type VARCHAR(50) NOT NULL, status VARCHAR(20) NOT NULL, params JSON,
    result JSON, error_message TEXT, progress INTEGER, started_at DATETIME, completed_at DATETIME,
    timeout_at DATETIME, id CHAR(36) NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
    deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_jobs_deleted_at ON jobs (deleted_at);
CREATE INDEX idx_jobs_status ON jobs (status);
CREATE INDEX idx_jobs_user_id ON jobs (user_id);
CREATE INDEX ix_jobs_user_id ON jobs (user_id);
CREATE INDEX idx_jobs_status_timeout ON jobs (status, timeout_at);

CREATE TABLE idempotency_keys (
    "key" VARCHAR(64) NOT NULL, user_id CHAR(36) NOT NULL, response JSON NOT NULL,
    created_at DATETIME DEFAULT CURRENT_TIMESTAMP, expires_at DATETIME NOT NULL,
    PRIMARY KEY ("key"), FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX idx_idempotency_expires ON idempotency_keys (expires_at);
CREATE INDEX ix_idempotency_keys_user_id ON idempotency_keys (user_id);
CREATE INDEX ix_idempotency_keys_expires_at ON idempotency_keys (expires_at);

CREATE TABLE notifications (
    user_id CHAR(36) NOT NULL, title VARCHAR(255) NOT NULL, content VARCHAR(1000) NOT NULL,
    type VARCHAR(50) NOT NULL, is_read BOOLEAN NOT NULL, read_at DATETIME, data JSON, id CHAR(36) NOT NULL,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_notifications_deleted_at ON notifications (deleted_at);
CREATE INDEX ix_notifications_user_id ON notifications (user_id);

CREATE TABLE push_histories (
    user_id CHAR(36) NOT NULL, trigger_type VARCHAR(50) NOT NULL, content_hash VARCHAR(64),
    status VARCHAR(50) NOT NULL, id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_push_histories_user_id ON push_histories (user_id);
CREATE INDEX ix_push_histories_deleted_at ON push_histories (deleted_at);
CREATE INDEX ix_push_histories_content_hash ON push_histories (content_hash);

CREATE TABLE knowledge_nodes (
    subject_id INTEGER, parent_id CHAR(36), name VARCHAR(255) NOT NULL, name_en VARCHAR(255),
    description TEXT, keywords JSON, importance_level INTEGER NOT NULL, is_seed BOOLEAN,
    source_type VARCHAR(20), source_task_id CHAR(36), embedding VECTOR(1536), id CHAR(36) NOT NULL,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (subject_id) REFERENCES subjects (id),
    FOREIGN KEY (parent_id) REFERENCES knowledge_nodes (id)
);
CREATE INDEX ix_knowledge_nodes_parent_id ON knowledge_nodes (parent_id);
CREATE INDEX ix_knowledge_nodes_subject_id ON knowledge_nodes (subject_id);
CREATE INDEX ix_knowledge_nodes_deleted_at ON knowledge_nodes (deleted_at);

CREATE TABLE friendships (
    user_id CHAR(36) NOT NULL, friend_id CHAR(36) NOT NULL, status VARCHAR(8) NOT NULL,
    initiated_by CHAR(36) NOT NULL, match_reason JSON, id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), CONSTRAINT uq_friendship UNIQUE (user_id, friend_id),
    FOREIGN KEY (user_id) REFERENCES users (id), FOREIGN KEY (friend_id) REFERENCES users (id),
    FOREIGN KEY (initiated_by) REFERENCES users (id)
);
CREATE INDEX idx_friendship_user ON friendships (user_id);
CREATE INDEX ix_friendships_friend_id ON friendships (friend_id);
CREATE INDEX ix_friendships_deleted_at ON friendships (deleted_at);
CREATE INDEX idx_friendship_friend ON friendships (friend_id);
CREATE INDEX idx_friendship_status ON friendships (status);
CREATE INDEX ix_friendships_user_id ON friendships (user_id);

CREATE TABLE group_members (
    group_id CHAR(36) NOT NULL, user_id CHAR(36) NOT NULL, role VARCHAR(6) NOT NULL,
    is_muted BOOLEAN NOT NULL, notifications_enabled BOOLEAN NOT NULL, flame_contribution INTEGER NOT NULL,
    tasks_completed INTEGER NOT NULL, checkin_streak INTEGER NOT NULL, last_checkin_date DATETIME,
    joined_at DATETIME NOT NULL, last_active_at DATETIME NOT NULL, id CHAR(36) NOT NULL,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), CONSTRAINT uq_group_member UNIQUE (group_id, user_id),
    FOREIGN KEY (group_id) REFERENCES groups (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_group_members_user_id ON group_members (user_id);
CREATE INDEX idx_member_group ON group_members (group_id);
CREATE INDEX ix_group_members_group_id ON group_members (group_id);
CREATE INDEX idx_member_user ON group_members (user_id);
CREATE INDEX ix_group_members_deleted_at ON group_members (deleted_at);

CREATE TABLE group_messages (
    group_id CHAR(36) NOT NULL, sender_id CHAR(36), message_type VARCHAR(14) NOT NULL, content TEXT,
    content_data JSON, reply_to_id CHAR(36), id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (group_id) REFERENCES groups (id) ON DELETE CASCADE,
    FOREIGN KEY (sender_id) REFERENCES users (id), FOREIGN KEY (reply_to_id) REFERENCES group_messages (id)
);
CREATE INDEX ix_group_messages_group_id ON group_messages (group_id);
CREATE INDEX ix_group_messages_deleted_at ON group_messages (deleted_at);
CREATE INDEX idx_message_group_time ON group_messages (group_id, created_at);

CREATE TABLE group_tasks (
    group_id CHAR(36) NOT NULL, created_by CHAR(36) NOT NULL, title VARCHAR(200) NOT NULL, description TEXT,
    tags JSON NOT NULL, estimated_minutes INTEGER NOT NULL, difficulty INTEGER NOT NULL,
    total_claims INTEGER NOT NULL, total_completions INTEGER NOT NULL, due_date DATETIME,
    id CHAR(36) NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (group_id) REFERENCES groups (id) ON DELETE CASCADE,
    FOREIGN KEY (created_by) REFERENCES users (id)
);
CREATE INDEX idx_group_task_group ON group_tasks (group_id);
CREATE INDEX ix_group_tasks_deleted_at ON group_tasks (deleted_at);
CREATE INDEX ix_group_tasks_group_id ON group_tasks (group_id);

CREATE TABLE private_messages (
    sender_id CHAR(36) NOT NULL, receiver_id CHAR(36) NOT NULL, message_type VARCHAR(14) NOT NULL,
    content TEXT, content_data JSON, reply_to_id CHAR(36), is_read BOOLEAN NOT NULL, read_at DATETIME,
    id CHAR(36) NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (sender_id) REFERENCES users (id),
    FOREIGN KEY (receiver_id) REFERENCES users (id),
    FOREIGN KEY (reply_to_id) REFERENCES private_messages (id)
);
CREATE INDEX ix_private_messages_sender_id ON private_messages (sender_id);
CREATE INDEX ix_private_messages_deleted_at ON private_messages (deleted_at);
CREATE INDEX idx_private_message_conversation ON private_messages (sender_id, receiver_id, created_at);
CREATE INDEX idx_private_message_receiver_unread ON private_messages (receiver_id, is_read);
CREATE INDEX ix_private_messages_receiver_id ON private_messages (receiver_id);

CREATE TABLE behavior_patterns (
    user_id CHAR(36) NOT NULL, pattern_name VARCHAR(100) NOT NULL, pattern_type VARCHAR(50) NOT NULL,
    description TEXT, solution_text TEXT, evidence_ids JSON, confidence_score FLOAT, frequency INTEGER,
    is_archived BOOLEAN, id CHAR(36) NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
    deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_behavior_patterns_deleted_at ON behavior_patterns (deleted_at);
CREATE INDEX ix_behavior_patterns_user_id ON behavior_patterns (user_id);

CREATE TABLE user_daily_metrics (
    user_id CHAR(36) NOT NULL, date DATE NOT NULL, total_focus_minutes INTEGER, tasks_completed INTEGER,
    tasks_created INTEGER, nodes_studied INTEGER, mastery_gained FLOAT, review_count INTEGER,
    average_mood FLOAT, anxiety_score FLOAT, chat_messages_count INTEGER, id CHAR(36) NOT NULL,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), CONSTRAINT uq_user_daily_metric UNIQUE (user_id, date),
    FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_user_daily_metrics_date ON user_daily_metrics (date);
CREATE INDEX ix_user_daily_metrics_user_id ON user_daily_metrics (user_id);
CREATE INDEX ix_user_daily_metrics_deleted_at ON user_daily_metrics (deleted_at);

CREATE TABLE tasks (
    user_id CHAR(36) NOT NULL, plan_id CHAR(36), title VARCHAR(255) NOT NULL, type VARCHAR(10) NOT NULL,
    tags JSON NOT NULL, estimated_minutes INTEGER NOT NULL, difficulty INTEGER NOT NULL,
    energy_cost INTEGER NOT NULL, guide_content TEXT, status VARCHAR(11) NOT NULL, started_at DATETIME,
    completed_at DATETIME, actual_minutes INTEGER, user_note TEXT, priority INTEGER NOT NULL, due_date DATE,
    knowledge_node_id CHAR(36), auto_expand_enabled BOOLEAN, id CHAR(36) NOT NULL,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id),
    FOREIGN KEY (plan_id) REFERENCES plans (id),
    FOREIGN KEY (knowledge_node_id) REFERENCES knowledge_nodes (id)
);
CREATE INDEX ix_tasks_status ON tasks (status);
CREATE INDEX ix_tasks_user_id ON tasks (user_id);
CREATE INDEX ix_tasks_deleted_at ON tasks (deleted_at);
CREATE INDEX idx_tasks_status ON tasks (status);
CREATE INDEX idx_tasks_user_id ON tasks (user_id);
CREATE INDEX idx_tasks_due_date ON tasks (due_date);
CREATE INDEX idx_tasks_created_at ON tasks (created_at);
CREATE INDEX ix_tasks_plan_id ON tasks (plan_id);
CREATE INDEX idx_tasks_plan_id ON tasks (plan_id);

CREATE TABLE node_relations (
    source_node_id CHAR(36) NOT NULL, target_node_id CHAR(36) NOT NULL, relation_type VARCHAR(30) NOT NULL,
    strength FLOAT, created_by VARCHAR(20), id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (source_node_id) REFERENCES knowledge_nodes (id),
    FOREIGN KEY (target_node_id) REFERENCES knowledge_nodes (id)
);
CREATE INDEX ix_node_relations_deleted_at ON node_relations (deleted_at);
CREATE INDEX ix_node_relations_source_node_id ON node_relations (source_node_id);
CREATE INDEX ix_node_relations_target_node_id ON node_relations (target_node_id);

CREATE TABLE user_node_status (
    user_id CHAR(36) NOT NULL, node_id CHAR(36) NOT NULL, mastery_score FLOAT NOT NULL,
    total_minutes INTEGER NOT NULL, total_study_minutes INTEGER NOT NULL, study_count INTEGER,
    is_unlocked BOOLEAN NOT NULL, is_collapsed BOOLEAN, is_favorite BOOLEAN, last_study_at DATETIME,
    last_interacted_at DATETIME NOT NULL, decay_paused BOOLEAN, next_review_at DATETIME,
    first_unlock_at DATETIME, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
    PRIMARY KEY (user_id, node_id), FOREIGN KEY (user_id) REFERENCES users (id),
    FOREIGN KEY (node_id) REFERENCES knowledge_nodes (id)
);
CREATE INDEX ix_user_node_status_next_review_at ON user_node_status (next_review_at);

CREATE TABLE chat_messages (
    user_id CHAR(36) NOT NULL, task_id CHAR(36), session_id CHAR(36) NOT NULL, message_id VARCHAR(36),
    role VARCHAR(9) NOT NULL, content TEXT NOT NULL, actions JSON, parse_degraded BOOLEAN,
    tokens_used INTEGER, model_name VARCHAR(100), id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id),
    FOREIGN KEY (task_id) REFERENCES tasks (id), UNIQUE (message_id)
);
CREATE INDEX ix_chat_messages_deleted_at ON chat_messages (deleted_at);
CREATE INDEX idx_chat_created_at ON chat_messages (created_at);
CREATE INDEX idx_chat_role ON chat_messages (role);
CREATE INDEX idx_chat_session_id ON chat_messages (session_id);
CREATE INDEX ix_chat_messages_session_id ON chat_messages (session_id);
CREATE INDEX idx_chat_user_id ON chat_messages (user_id);
CREATE INDEX idx_chat_task_id ON chat_messages (task_id);
CREATE INDEX ix_chat_messages_user_id ON chat_messages (user_id);

CREATE TABLE error_records (
    user_id CHAR(36) NOT NULL, task_id CHAR(36), subject_id INTEGER, subject VARCHAR(100) NOT NULL,
    topic VARCHAR(255) NOT NULL, error_type VARCHAR(100) NOT NULL, description TEXT NOT NULL,
    correct_approach TEXT, image_urls JSON, frequency INTEGER NOT NULL, last_occurred_at DATETIME NOT NULL,
    is_resolved BOOLEAN NOT NULL, resolved_at DATETIME, id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id),
    FOREIGN KEY (task_id) REFERENCES tasks (id), FOREIGN KEY (subject_id) REFERENCES subjects (id)
);
CREATE INDEX ix_error_records_user_id ON error_records (user_id);
CREATE INDEX ix_error_records_deleted_at ON error_records (deleted_at);
CREATE INDEX idx_error_topic ON error_records (topic);
CREATE INDEX idx_error_last_occurred ON error_records (last_occurred_at);
CREATE INDEX idx_error_task_id ON error_records (task_id);
CREATE INDEX idx_error_subject ON error_records (subject);
CREATE INDEX ix_error_records_is_resolved ON error_records (is_resolved);
CREATE INDEX idx_error_user_id ON error_records (user_id);
CREATE INDEX ix_error_records_topic ON error_records (topic);
CREATE INDEX ix_error_records_subject ON error_records (subject);
CREATE INDEX idx_error_is_resolved ON error_records (is_resolved);
CREATE INDEX idx_error_subject_topic ON error_records (subject, topic);

CREATE TABLE study_records (
    user_id CHAR(36) NOT NULL, node_id CHAR(36) NOT NULL, task_id CHAR(36), study_minutes INTEGER NOT NULL,
    mastery_delta FLOAT NOT NULL, record_type VARCHAR(20), id CHAR(36) NOT NULL,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id),
    FOREIGN KEY (node_id) REFERENCES knowledge_nodes (id), FOREIGN KEY (task_id) REFERENCES tasks (id)
);
CREATE INDEX ix_study_records_user_id ON study_records (user_id);
CREATE INDEX ix_study_records_deleted_at ON study_records (deleted_at);
CREATE INDEX ix_study_records_node_id ON study_records (node_id);

CREATE TABLE node_expansion_queue (
    trigger_node_id CHAR(36) NOT NULL, trigger_task_id CHAR(36), user_id CHAR(36) NOT NULL,
    expansion_context TEXT NOT NULL, status VARCHAR(20), expanded_nodes JSON, error_message TEXT,
    processed_at DATETIME, id CHAR(36) NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL,
    deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (trigger_node_id) REFERENCES knowledge_nodes (id),
    FOREIGN KEY (trigger_task_id) REFERENCES tasks (id), FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_node_expansion_queue_user_id ON node_expansion_queue (user_id);
CREATE INDEX ix_node_expansion_queue_status ON node_expansion_queue (status);
CREATE INDEX ix_node_expansion_queue_deleted_at ON node_expansion_queue (deleted_at);

CREATE TABLE group_task_claims (
    group_task_id CHAR(36) NOT NULL, user_id CHAR(36) NOT NULL, personal_task_id CHAR(36),
    is_completed BOOLEAN NOT NULL, completed_at DATETIME, claimed_at DATETIME NOT NULL,
    id CHAR(36) NOT NULL, created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), CONSTRAINT uq_task_claim UNIQUE (group_task_id, user_id),
    FOREIGN KEY (group_task_id) REFERENCES group_tasks (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES users (id), FOREIGN KEY (personal_task_id) REFERENCES tasks (id)
);
CREATE INDEX ix_group_task_claims_deleted_at ON group_task_claims (deleted_at);
CREATE INDEX idx_claim_task ON group_task_claims (group_task_id);
CREATE INDEX idx_claim_user ON group_task_claims (user_id);
CREATE INDEX ix_group_task_claims_user_id ON group_task_claims (user_id);
CREATE INDEX ix_group_task_claims_group_task_id ON group_task_claims (group_task_id);

CREATE TABLE cognitive_fragments (
    user_id CHAR(36) NOT NULL, task_id CHAR(36), source_type VARCHAR(20) NOT NULL,
    resource_type VARCHAR(20) NOT NULL, resource_url VARCHAR(512), content TEXT NOT NULL,
    sentiment VARCHAR(20), tags JSON, error_tags JSON, context_tags JSON, severity INTEGER NOT NULL,
    embedding VECTOR(1536), id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id),
    FOREIGN KEY (task_id) REFERENCES tasks (id)
);
CREATE INDEX ix_cognitive_fragments_deleted_at ON cognitive_fragments (deleted_at);
CREATE INDEX ix_cognitive_fragments_user_id ON cognitive_fragments (user_id);

CREATE TABLE curiosity_capsules (
    user_id CHAR(36) NOT NULL, title VARCHAR(255) NOT NULL, content TEXT NOT NULL,
    related_subject VARCHAR(255), related_task_id CHAR(36), is_read BOOLEAN NOT NULL, id CHAR(36) NOT NULL,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id),
    FOREIGN KEY (related_task_id) REFERENCES tasks (id)
);
CREATE INDEX ix_curiosity_capsules_user_id ON curiosity_capsules (user_id);
CREATE INDEX ix_curiosity_capsules_deleted_at ON curiosity_capsules (deleted_at);
CREATE INDEX ix_curiosity_capsules_related_task_id ON curiosity_capsules (related_task_id);

CREATE TABLE focus_sessions (
    user_id CHAR(36) NOT NULL, task_id CHAR(36), start_time DATETIME NOT NULL, end_time DATETIME NOT NULL,
    duration_minutes INTEGER NOT NULL, focus_type VARCHAR(9) NOT NULL, status VARCHAR(11) NOT NULL,
    white_noise_type INTEGER, id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (user_id) REFERENCES users (id),
    FOREIGN KEY (task_id) REFERENCES tasks (id)
);
CREATE INDEX idx_focus_user_time ON focus_sessions (user_id, start_time);
CREATE INDEX ix_focus_sessions_task_id ON focus_sessions (task_id);
CREATE INDEX ix_focus_sessions_deleted_at ON focus_sessions (deleted_at);
CREATE INDEX ix_focus_sessions_user_id ON focus_sessions (user_id);

CREATE TABLE word_books (
    user_id CHAR(36) NOT NULL, word VARCHAR(100) NOT NULL, phonetic VARCHAR(100), definition TEXT NOT NULL,
    mastery_level INTEGER, next_review_at DATETIME, last_review_at DATETIME, review_count INTEGER,
    context_sentence TEXT, source_task_id CHAR(36), tags JSON, id CHAR(36) NOT NULL,
    created_at DATETIME NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), CONSTRAINT uq_user_word UNIQUE (user_id, word),
    FOREIGN KEY (user_id) REFERENCES users (id), FOREIGN KEY (source_task_id) REFERENCES tasks (id)
);
CREATE INDEX ix_word_books_user_id ON word_books (user_id);
CREATE INDEX ix_word_books_deleted_at ON word_books (deleted_at);
CREATE INDEX ix_word_books_word ON word_books (word);
CREATE INDEX idx_wordbook_review ON word_books (user_id, next_review_at);

CREATE TABLE shared_resources (
    group_id CHAR(36), target_user_id CHAR(36), shared_by CHAR(36) NOT NULL, plan_id CHAR(36),
    task_id CHAR(36), cognitive_fragment_id CHAR(36), permission VARCHAR(20) NOT NULL, comment TEXT,
    view_count INTEGER, save_count INTEGER, id CHAR(36) NOT NULL, created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, deleted_at DATETIME,
    PRIMARY KEY (id), FOREIGN KEY (group_id) REFERENCES groups (id) ON DELETE CASCADE,
    FOREIGN KEY (target_user_id) REFERENCES users (id), FOREIGN KEY (shared_by) REFERENCES users (id),
    FOREIGN KEY (plan_id) REFERENCES plans (id), FOREIGN KEY (task_id) REFERENCES tasks (id),
    FOREIGN KEY (cognitive_fragment_id) REFERENCES cognitive_fragments (id)
);
CREATE INDEX ix_shared_resources_group_id ON shared_resources (group_id);
CREATE INDEX idx_share_target_user ON shared_resources (target_user_id);
CREATE INDEX idx_share_resource_plan ON shared_resources (plan_id);
CREATE INDEX ix_shared_resources_deleted_at ON shared_resources (deleted_at);
CREATE INDEX ix_shared_resources_target_user_id ON shared_resources (target_user_id);
CREATE INDEX idx_share_group ON shared_resources (group_id);

CREATE TABLE agent_execution_stats (
    id INTEGER NOT NULL, user_id INTEGER NOT NULL, session_id VARCHAR(255) NOT NULL,
    request_id VARCHAR(255) NOT NULL, agent_type VARCHAR(50) NOT NULL, agent_name VARCHAR(100),
    started_at DATETIME NOT NULL, completed_at DATETIME, duration_ms INTEGER, status VARCHAR(20) NOT NULL,
    tool_name VARCHAR(100), operation VARCHAR(255), extra_metadata JSON, error_message TEXT,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_agent_execution_stats_user_id ON agent_execution_stats (user_id);
CREATE INDEX ix_agent_execution_stats_session_id ON agent_execution_stats (session_id);
CREATE INDEX ix_agent_execution_stats_created_at ON agent_execution_stats (created_at);
CREATE INDEX ix_agent_stats_user_agent_type ON agent_execution_stats (user_id, agent_type);
CREATE INDEX ix_agent_execution_stats_agent_type ON agent_execution_stats (agent_type);
