-- Atlas: the seven tables that its database class makes.

CREATE TABLE raw_documents (
    id TEXT PRIMARY KEY, source_id TEXT NOT NULL, source_url TEXT, source_type TEXT NOT NULL,
    document_type TEXT NOT NULL, raw_content TEXT NOT NULL, raw_metadata TEXT DEFAULT '{}',
    collected_at TIMESTAMP NOT NULL, collector_version TEXT DEFAULT '0.1.0',
    processing_status TEXT DEFAULT 'pending', processing_error TEXT, processing_attempts INTEGER DEFAULT 0,
    content_hash TEXT, title TEXT, author TEXT, published_at TIMESTAMP, language TEXT,
    created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL
);
CREATE INDEX idx_raw_documents_source_id ON raw_documents (source_id);
CREATE INDEX idx_raw_documents_content_hash ON raw_documents (content_hash);
CREATE INDEX idx_raw_documents_processing_status ON raw_documents (processing_status);
CREATE INDEX idx_raw_documents_collected_at ON raw_documents (collected_at);
CREATE INDEX idx_raw_documents_published_at ON raw_documents (published_at);

CREATE TABLE processed_documents (
    id TEXT PRIMARY KEY, raw_document_id TEXT NOT NULL, title TEXT, summary TEXT, content TEXT,
    structured_content TEXT DEFAULT '{}', extracted_metadata TEXT DEFAULT '{}', entities TEXT DEFAULT '[]',
    keywords TEXT DEFAULT '[]', categories TEXT DEFAULT '[]', processed_at TIMESTAMP NOT NULL,
    processor_version TEXT DEFAULT '0.1.0', processing_time_ms INTEGER, content_hash TEXT,
    similarity_group_id TEXT, similarity_score REAL, is_duplicate BOOLEAN DEFAULT FALSE, quality_score REAL,
    relevance_score REAL, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL,
    FOREIGN KEY (raw_document_id) REFERENCES raw_documents (id) ON DELETE CASCADE
);
CREATE INDEX idx_processed_documents_raw_document_id ON processed_documents (raw_document_id);
CREATE INDEX idx_processed_documents_content_hash ON processed_documents (content_hash);
CREATE INDEX idx_processed_documents_similarity_group_id ON processed_documents (similarity_group_id);
CREATE INDEX idx_processed_documents_processed_at ON processed_documents (processed_at);
CREATE INDEX idx_processed_documents_is_duplicate ON processed_documents (is_duplicate);
CREATE INDEX idx_processed_documents_quality_score ON processed_documents (quality_score);

CREATE TABLE data_sources (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, source_type TEXT NOT NULL, url TEXT,
    config TEXT DEFAULT '{}', enabled BOOLEAN DEFAULT TRUE, collection_interval INTEGER DEFAULT 3600,
    max_items_per_run INTEGER DEFAULT 100, retry_count INTEGER DEFAULT 3, timeout INTEGER DEFAULT 30,
    tags TEXT DEFAULT '[]', category TEXT, language TEXT, created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL, last_collected_at TIMESTAMP, last_success_at TIMESTAMP,
    collection_count INTEGER DEFAULT 0, success_count INTEGER DEFAULT 0, error_count INTEGER DEFAULT 0,
    last_error TEXT
);
CREATE INDEX idx_data_sources_source_type ON data_sources (source_type);
CREATE INDEX idx_data_sources_enabled ON data_sources (enabled);
CREATE INDEX idx_data_sources_last_collected_at ON data_sources (last_collected_at);
CREATE INDEX idx_data_sources_category ON data_sources (category);

CREATE TABLE collection_tasks (
    id TEXT PRIMARY KEY, source_id TEXT NOT NULL, task_type TEXT DEFAULT 'collection',
    status TEXT DEFAULT 'pending', priority INTEGER DEFAULT 0, created_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP, completed_at TIMESTAMP, worker_id TEXT, retry_count INTEGER DEFAULT 0,
    max_retries INTEGER DEFAULT 3, items_collected INTEGER DEFAULT 0, items_processed INTEGER DEFAULT 0,
    items_failed INTEGER DEFAULT 0, error_message TEXT, error_details TEXT DEFAULT '{}',
    config TEXT DEFAULT '{}',
    FOREIGN KEY (source_id) REFERENCES data_sources (id) ON DELETE CASCADE
);
CREATE INDEX idx_collection_tasks_source_id ON collection_tasks (source_id);
CREATE INDEX idx_collection_tasks_status ON collection_tasks (status);
CREATE INDEX idx_collection_tasks_created_at ON collection_tasks (created_at);
CREATE INDEX idx_collection_tasks_priority ON collection_tasks (priority);

CREATE TABLE system_metrics (
    id TEXT PRIMARY KEY, timestamp TIMESTAMP NOT NULL, total_raw_documents INTEGER DEFAULT 0,
    total_processed_documents INTEGER DEFAULT 0, documents_last_24h INTEGER DEFAULT 0,
    total_sources INTEGER DEFAULT 0, active_sources INTEGER DEFAULT 0, failed_sources INTEGER DEFAULT 0,
    pending_tasks INTEGER DEFAULT 0, running_tasks INTEGER DEFAULT 0,
    completed_tasks_last_24h INTEGER DEFAULT 0, cpu_usage_percent REAL, memory_usage_mb REAL,
    disk_usage_mb REAL, avg_processing_time_ms REAL, avg_collection_time_ms REAL, error_rate_last_24h REAL
);
CREATE INDEX idx_system_metrics_timestamp ON system_metrics (timestamp);

CREATE TABLE duplicate_groups (
    group_id TEXT PRIMARY KEY, created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL,
    representative_document_id TEXT NOT NULL, document_count INTEGER DEFAULT 0,
    similarity_threshold REAL NOT NULL, total_content_length INTEGER DEFAULT 0,
    avg_content_length REAL DEFAULT 0.0, min_published_at TIMESTAMP, max_published_at TIMESTAMP,
    detection_method TEXT NOT NULL, detection_config TEXT DEFAULT '{}',
    FOREIGN KEY (representative_document_id) REFERENCES processed_documents (id)
);

CREATE TABLE duplicate_group_members (
    group_id TEXT NOT NULL, document_id TEXT NOT NULL, similarity_score REAL NOT NULL,
    added_at TIMESTAMP NOT NULL,
    PRIMARY KEY (group_id, document_id),
    FOREIGN KEY (group_id) REFERENCES duplicate_groups (group_id) ON DELETE CASCADE,
    FOREIGN KEY (document_id) REFERENCES processed_documents (id) ON DELETE CASCADE
);
CREATE INDEX idx_duplicate_group_members_document_id ON duplicate_group_members (document_id);
CREATE INDEX idx_duplicate_group_members_similarity_score ON duplicate_group_members (similarity_score);
