-- The operators by which a key compares, with their schemas. Takes the child table and the constraint.
SELECT ARRAY(
  SELECT pg_catalog.quote_ident(n.nspname::pg_catalog.text) || '.' || o.oprname::pg_catalog.text
    FROM pg_catalog.unnest(c.conpfeqop) WITH ORDINALITY AS u(op, ord)
    JOIN pg_catalog.pg_operator o ON o.oid = u.op
    JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
   ORDER BY u.ord) AS texts
  FROM pg_catalog.pg_constraint c
 WHERE c.conrelid = $1::pg_catalog.regclass AND c.conname = $2::pg_catalog.name AND c.contype = 'f'::pg_catalog."char"
