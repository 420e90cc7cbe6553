-- Amounts were text; SQLite can't change a column's type.
CREATE TABLE pending_payments_new (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    org_id INTEGER NOT NULL,
    invoice_id INTEGER,
    cents BIGINT NOT NULL,
    FOREIGN KEY (org_id) REFERENCES organizations (id) ON DELETE CASCADE,
    FOREIGN KEY (invoice_id) REFERENCES invoices (id) ON DELETE SET NULL
);

INSERT INTO pending_payments_new (id, org_id, invoice_id, cents)
SELECT id, org_id, invoice_id, CAST(ROUND(amount * 100) AS INTEGER) FROM pending_payments;

DROP TABLE pending_payments;
ALTER TABLE pending_payments_new RENAME TO pending_payments;

CREATE INDEX pending_payments_org_id ON pending_payments (org_id);
CREATE INDEX pending_payments_invoice_id ON pending_payments (invoice_id);
