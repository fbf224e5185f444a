-- Voice Agent: the shape that the models make at start-up, uuid keys in the document tables.

CREATE TABLE users (
    user_id CHAR(32) NOT NULL, id CHAR(32) NOT NULL, username VARCHAR(255) NOT NULL,
    email VARCHAR(255) NOT NULL, hashed_password VARCHAR(255) NOT NULL, full_name VARCHAR(255),
    is_active INTEGER NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    last_active TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL, meta_data JSON NOT NULL,
    PRIMARY KEY (user_id), UNIQUE (id)
);
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE UNIQUE INDEX ix_users_username ON users (username);

CREATE TABLE langgraph_checkpoints (
    thread_id VARCHAR(255) NOT NULL, checkpoint_id VARCHAR(255) NOT NULL, checkpoint_data BLOB NOT NULL,
    metadata JSON, created_at DATETIME DEFAULT 'now()' NOT NULL,
    PRIMARY KEY (thread_id, checkpoint_id)
);
CREATE INDEX ix_langgraph_checkpoints_thread_id ON langgraph_checkpoints (thread_id);
CREATE INDEX ix_langgraph_checkpoints_created_at ON langgraph_checkpoints (created_at);

CREATE TABLE sessions (
    session_id VARCHAR(255) NOT NULL, user_id CHAR(32),
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    last_activity TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL, status VARCHAR(20) NOT NULL,
    context_summary TEXT, meta_data JSON NOT NULL,
    PRIMARY KEY (session_id), FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_sessions_session_id ON sessions (session_id);
CREATE INDEX idx_session_user_created ON sessions (user_id, created_at);
CREATE INDEX ix_sessions_user_id ON sessions (user_id);
CREATE INDEX idx_session_status_activity ON sessions (status, last_activity);
CREATE INDEX ix_sessions_last_activity ON sessions (last_activity);

CREATE TABLE rag_corpora (
    corpus_id CHAR(32) NOT NULL, user_id CHAR(32) NOT NULL, name VARCHAR(255) NOT NULL, description TEXT,
    collection_name VARCHAR(255) NOT NULL, meta_data JSON NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    PRIMARY KEY (corpus_id), FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_rag_corpora_collection_name ON rag_corpora (collection_name);
CREATE INDEX ix_rag_corpora_user_id ON rag_corpora (user_id);
CREATE UNIQUE INDEX idx_rag_corpora_user_collection ON rag_corpora (user_id, collection_name);

CREATE TABLE messages (
    message_id CHAR(32) NOT NULL, session_id VARCHAR(255) NOT NULL,
    timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL, role VARCHAR(20) NOT NULL,
    content TEXT NOT NULL, meta_data JSON NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    PRIMARY KEY (message_id), FOREIGN KEY (session_id) REFERENCES sessions (session_id) ON DELETE CASCADE
);
CREATE INDEX ix_messages_timestamp ON messages (timestamp);
CREATE INDEX idx_message_session_timestamp ON messages (session_id, timestamp);
CREATE INDEX idx_message_role_timestamp ON messages (role, timestamp);
CREATE INDEX ix_messages_session_id ON messages (session_id);

CREATE TABLE rag_documents (
    document_id CHAR(32) NOT NULL, corpus_id CHAR(32) NOT NULL, user_id CHAR(32) NOT NULL,
    source_path VARCHAR(1024), source_url VARCHAR(1024), display_name VARCHAR(255) NOT NULL,
    checksum VARCHAR(128), size_bytes INTEGER, mime_type VARCHAR(255), status VARCHAR(32) NOT NULL,
    ingestion_id CHAR(32), meta_data JSON NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    PRIMARY KEY (document_id), FOREIGN KEY (corpus_id) REFERENCES rag_corpora (corpus_id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX idx_rag_documents_display ON rag_documents (display_name);
CREATE INDEX ix_rag_documents_user_id ON rag_documents (user_id);
CREATE INDEX idx_rag_documents_user_corpus ON rag_documents (user_id, corpus_id);
CREATE INDEX ix_rag_documents_corpus_id ON rag_documents (corpus_id);

CREATE TABLE tool_calls (
    call_id CHAR(32) NOT NULL, session_id VARCHAR(255) NOT NULL, message_id CHAR(32),
    tool_name VARCHAR(255) NOT NULL, parameters JSON NOT NULL, result JSON NOT NULL,
    execution_time_ms INTEGER, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    webhook_url VARCHAR(500), response_status INTEGER, response_time_ms INTEGER,
    PRIMARY KEY (call_id), FOREIGN KEY (session_id) REFERENCES sessions (session_id) ON DELETE CASCADE,
    FOREIGN KEY (message_id) REFERENCES messages (message_id) ON DELETE CASCADE
);
CREATE INDEX ix_tool_calls_message_id ON tool_calls (message_id);
CREATE INDEX idx_toolcall_name_timestamp ON tool_calls (tool_name, timestamp);
CREATE INDEX ix_tool_calls_session_id ON tool_calls (session_id);
CREATE INDEX idx_toolcall_session_timestamp ON tool_calls (session_id, timestamp);
CREATE INDEX ix_tool_calls_tool_name ON tool_calls (tool_name);
CREATE INDEX ix_tool_calls_timestamp ON tool_calls (timestamp);

CREATE TABLE rag_chunks (
    chunk_id CHAR(32) NOT NULL, document_id CHAR(32) NOT NULL, corpus_id CHAR(32) NOT NULL,
    user_id CHAR(32) NOT NULL, point_id VARCHAR(255) NOT NULL, chunk_index INTEGER NOT NULL,
    text_preview TEXT, meta_data JSON NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    PRIMARY KEY (chunk_id),
    FOREIGN KEY (document_id) REFERENCES rag_documents (document_id) ON DELETE CASCADE,
    FOREIGN KEY (corpus_id) REFERENCES rag_corpora (corpus_id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_rag_chunks_point_id ON rag_chunks (point_id);
CREATE INDEX ix_rag_chunks_corpus_id ON rag_chunks (corpus_id);
CREATE INDEX ix_rag_chunks_document_id ON rag_chunks (document_id);
CREATE INDEX idx_rag_chunks_user_point ON rag_chunks (user_id, point_id);
CREATE INDEX ix_rag_chunks_user_id ON rag_chunks (user_id);
