CREATE TABLE batch_jobs_old (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    org_id INTEGER NOT NULL REFERENCES organizations (id),
    status TEXT NOT NULL
);

INSERT INTO batch_jobs_old (id, org_id, status)
SELECT id, org_id, status FROM batch_jobs;

DROP TABLE batch_jobs;
ALTER TABLE batch_jobs_old RENAME TO batch_jobs;

CREATE INDEX batch_jobs_org_id ON batch_jobs (org_id);
