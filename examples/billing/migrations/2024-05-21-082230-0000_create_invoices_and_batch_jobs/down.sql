DROP TABLE pending_payments;
DROP TABLE batch_jobs;
DROP TABLE invoice_lines;
DROP TABLE invoices;
