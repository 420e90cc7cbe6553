-- What a relation is, and whether reading it may call a function of its owner; never reads it.
WITH RECURSIVE part(oid) AS (
  SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.regclass
  UNION ALL
  SELECT i.inhrelid FROM pg_catalog.pg_inherits i
    JOIN part ON i.inhparent = part.oid
    JOIN pg_catalog.pg_class p ON p.oid = part.oid AND p.relkind = 'p'::pg_catalog."char"
)
SELECT c.relkind::pg_catalog.text AS kind,
       EXISTS (SELECT FROM part JOIN pg_catalog.pg_class p ON p.oid = part.oid
                WHERE p.relkind = 'f'::pg_catalog."char") AS reaches_elsewhere,
       c.relrowsecurity
         OR c.relhasrules
         OR EXISTS (SELECT FROM pg_catalog.pg_index x
                     WHERE x.indrelid = c.oid AND (x.indexprs IS NOT NULL OR x.indpred IS NOT NULL))
         OR EXISTS (SELECT FROM pg_catalog.pg_constraint k
                     WHERE k.conrelid = c.oid AND k.contype = 'c'::pg_catalog."char")
         OR EXISTS (SELECT FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = c.oid)
         OR EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid OR i.inhrelid = c.oid) AS may_call,
       EXISTS (SELECT FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = c.oid AND a.attname = 'version'::pg_catalog.name AND NOT a.attisdropped
                  AND a.atttypid IN ('pg_catalog.varchar'::pg_catalog.regtype, 'pg_catalog.text'::pg_catalog.regtype))
         AS has_version
  FROM pg_catalog.pg_class c
 WHERE c.oid = $1::pg_catalog.regclass
