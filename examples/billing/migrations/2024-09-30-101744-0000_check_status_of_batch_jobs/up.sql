-- SQLite can't add a CHECK to a table that is there: make it anew.
CREATE TABLE batch_jobs_new (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    org_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed'))
);

INSERT INTO batch_jobs_new (id, org_id, status)
SELECT id, org_id, status FROM batch_jobs;

DROP TABLE batch_jobs;
ALTER TABLE batch_jobs_new RENAME TO batch_jobs;

CREATE INDEX batch_jobs_org_id ON batch_jobs (org_id);
