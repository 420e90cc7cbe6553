CREATE TABLE invoices (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    org_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE RESTRICT,
    number TEXT NOT NULL UNIQUE
);

CREATE INDEX invoices_org_id ON invoices (org_id);

CREATE TABLE invoice_lines (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    invoice_id INTEGER NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    cents BIGINT NOT NULL
);

CREATE INDEX invoice_lines_invoice_id ON invoice_lines (invoice_id);

CREATE TABLE batch_jobs (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    org_id INTEGER NOT NULL REFERENCES organizations (id),
    status TEXT NOT NULL
);

CREATE INDEX batch_jobs_org_id ON batch_jobs (org_id);

CREATE TABLE pending_payments (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    org_id INTEGER NOT NULL REFERENCES organizations (id),
    invoice_id INTEGER REFERENCES invoices (id) ON DELETE SET NULL,
    amount TEXT NOT NULL
);

CREATE INDEX pending_payments_org_id ON pending_payments (org_id);
CREATE INDEX pending_payments_invoice_id ON pending_payments (invoice_id);
