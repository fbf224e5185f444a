-- Voice Agent: the shape of its migrations, integer keys in the document tables.

CREATE TABLE users (
    id CHAR(32) NOT NULL, username VARCHAR(255) NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    last_active TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL, meta_data JSON NOT NULL,
    user_id CHAR(32) NOT NULL, email VARCHAR(255) NOT NULL, hashed_password VARCHAR(255) NOT NULL,
    full_name VARCHAR(255), is_active INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (id), CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_user_id_key UNIQUE (user_id)
);
CREATE INDEX ix_users_email ON users (email);
CREATE INDEX ix_users_user_id ON users (user_id);
CREATE UNIQUE INDEX ix_users_username ON users (username);

CREATE TABLE sessions (
    session_id VARCHAR(255) NOT NULL, user_id CHAR(32),
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    last_activity TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL, status VARCHAR(20) NOT NULL,
    context_summary TEXT, meta_data JSON NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (session_id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX idx_session_status_activity ON sessions (status, last_activity);
CREATE INDEX idx_session_user_created ON sessions (user_id, created_at);
CREATE INDEX ix_sessions_user_id ON sessions (user_id);
CREATE INDEX ix_sessions_last_activity ON sessions (last_activity);
CREATE INDEX ix_sessions_session_id ON sessions (session_id);

CREATE TABLE rag_corpora (
    corpus_id INTEGER NOT NULL, user_id CHAR(32) NOT NULL, corpus_name VARCHAR(255) NOT NULL,
    collection_name VARCHAR(255) NOT NULL, description TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT rag_corpora_pkey PRIMARY KEY (corpus_id),
    CONSTRAINT rag_corpora_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id) ON DELETE CASCADE,
    CONSTRAINT uq_collection_name UNIQUE (collection_name),
    CONSTRAINT uq_user_corpus_name UNIQUE (user_id, corpus_name)
);
CREATE INDEX ix_rag_corpora_user_id ON rag_corpora (user_id);
CREATE INDEX ix_rag_corpora_collection_name ON rag_corpora (collection_name);
CREATE INDEX ix_rag_corpora_corpus_name ON rag_corpora (corpus_name);

CREATE TABLE messages (
    message_id CHAR(32) NOT NULL, session_id VARCHAR(255) NOT NULL,
    timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL, role VARCHAR(20) NOT NULL,
    content TEXT NOT NULL, meta_data JSON NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (message_id),
    CONSTRAINT messages_session_id_fkey FOREIGN KEY (session_id)
        REFERENCES sessions (session_id) ON DELETE CASCADE
);
CREATE INDEX ix_messages_session_id ON messages (session_id);
CREATE INDEX ix_messages_timestamp ON messages (timestamp);
CREATE INDEX idx_message_role_timestamp ON messages (role, timestamp);
CREATE INDEX idx_message_session_timestamp ON messages (session_id, timestamp);

CREATE TABLE rag_documents (
    doc_id INTEGER NOT NULL, corpus_id INTEGER NOT NULL, filename VARCHAR(512) NOT NULL,
    file_hash VARCHAR(64), file_size INTEGER, mime_type VARCHAR(128), metadata JSON,
    uploaded_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT rag_documents_pkey PRIMARY KEY (doc_id),
    CONSTRAINT rag_documents_corpus_id_fkey FOREIGN KEY (corpus_id)
        REFERENCES rag_corpora (corpus_id) ON DELETE CASCADE
);
CREATE INDEX ix_rag_documents_corpus_id ON rag_documents (corpus_id);
CREATE INDEX ix_rag_documents_file_hash ON rag_documents (file_hash);
CREATE INDEX ix_rag_documents_filename ON rag_documents (filename);

CREATE TABLE tool_calls (
    call_id CHAR(32) NOT NULL, session_id VARCHAR(255) NOT NULL, message_id CHAR(32),
    tool_name VARCHAR(255) NOT NULL, parameters JSON NOT NULL, result JSON NOT NULL,
    execution_time_ms INTEGER, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    webhook_url VARCHAR(500), response_status INTEGER, response_time_ms INTEGER,
    CONSTRAINT tool_calls_pkey PRIMARY KEY (call_id),
    CONSTRAINT tool_calls_message_id_fkey FOREIGN KEY (message_id)
        REFERENCES messages (message_id) ON DELETE CASCADE,
    CONSTRAINT tool_calls_session_id_fkey FOREIGN KEY (session_id)
        REFERENCES sessions (session_id) ON DELETE CASCADE
);
CREATE INDEX idx_toolcall_name_timestamp ON tool_calls (tool_name, timestamp);
CREATE INDEX ix_tool_calls_timestamp ON tool_calls (timestamp);
CREATE INDEX ix_tool_calls_tool_name ON tool_calls (tool_name);
CREATE INDEX ix_tool_calls_message_id ON tool_calls (message_id);
CREATE INDEX ix_tool_calls_session_id ON tool_calls (session_id);
CREATE INDEX idx_toolcall_session_timestamp ON tool_calls (session_id, timestamp);

CREATE TABLE rag_chunks (
    chunk_id INTEGER NOT NULL, doc_id INTEGER NOT NULL, qdrant_point_id VARCHAR(255) NOT NULL,
    chunk_index INTEGER NOT NULL, text_preview TEXT, char_count INTEGER, metadata JSON,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT rag_chunks_pkey PRIMARY KEY (chunk_id),
    CONSTRAINT rag_chunks_doc_id_fkey FOREIGN KEY (doc_id)
        REFERENCES rag_documents (doc_id) ON DELETE CASCADE,
    CONSTRAINT uq_qdrant_point_id UNIQUE (qdrant_point_id)
);
CREATE INDEX ix_rag_chunks_qdrant_point_id ON rag_chunks (qdrant_point_id);
CREATE INDEX ix_rag_chunks_chunk_index ON rag_chunks (chunk_index);
CREATE INDEX ix_rag_chunks_doc_id ON rag_chunks (doc_id);

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
