CREATE TABLE pending_payments_old (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    org_id INTEGER NOT NULL REFERENCES organizations (id),
    invoice_id INTEGER REFERENCES invoices (id) ON DELETE SET NULL,
    amount TEXT NOT NULL
);

INSERT INTO pending_payments_old (id, org_id, invoice_id, amount)
SELECT id, org_id, invoice_id, printf('%.2f', cents / 100.0) FROM pending_payments;

DROP TABLE pending_payments;
ALTER TABLE pending_payments_old RENAME TO pending_payments;

CREATE INDEX pending_payments_org_id ON pending_payments (org_id);
CREATE INDEX pending_payments_invoice_id ON pending_payments (invoice_id);
