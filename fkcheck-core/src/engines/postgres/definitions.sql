-- What making a key anew must not lose, and what it needs: names that are taken, triggers of another kind, temporal keys, partitions, keys to refer to. As in
-- `catalogue.sql`, a column that an old version doesn't have falls back to the outer default of the same name.
SELECT 'name'::pg_catalog.text AS kind, n.nspname::pg_catalog.text AS schema, t.relname::pg_catalog.text AS name,
       c.conname::pg_catalog.text AS a, NULL::pg_catalog.text AS b, NULL::pg_catalog.text[] AS columns
  FROM pg_catalog.pg_constraint c
  JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE n.nspname::pg_catalog.text !~ '^pg_'::pg_catalog.text
UNION ALL
SELECT 'always', n.nspname::pg_catalog.text, t.relname::pg_catalog.text, c.conname::pg_catalog.text, NULL, NULL
  FROM pg_catalog.pg_constraint c
  JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE c.contype = 'f'::pg_catalog."char"
   AND EXISTS (SELECT FROM pg_catalog.pg_trigger g
                WHERE g.tgconstraint = c.oid AND g.tgenabled = 'A'::pg_catalog."char")
UNION ALL
SELECT 'temporal', n.nspname::pg_catalog.text, t.relname::pg_catalog.text, c.conname::pg_catalog.text, NULL, NULL
  FROM (SELECT x.* FROM (SELECT FALSE AS conperiod) p CROSS JOIN LATERAL
         (SELECT conname, conrelid FROM pg_catalog.pg_constraint WHERE contype = 'f'::pg_catalog."char" AND conperiod) x) c
  JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
UNION ALL
SELECT 'partition', n.nspname::pg_catalog.text, t.relname::pg_catalog.text,
       pn.nspname::pg_catalog.text, p.relname::pg_catalog.text, NULL
  FROM pg_catalog.pg_inherits i
  JOIN pg_catalog.pg_class t ON t.oid = i.inhparent AND t.relkind = 'p'::pg_catalog."char"
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
  JOIN pg_catalog.pg_class p ON p.oid = i.inhrelid
  JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
UNION ALL
SELECT 'unique', n.nspname::pg_catalog.text, t.relname::pg_catalog.text, NULL, NULL,
       pg_catalog.array_agg(a.attname::pg_catalog.text)
  FROM (SELECT x.* FROM (SELECT NULL::pg_catalog.int2 AS indnkeyatts) d CROSS JOIN LATERAL
         (SELECT indexrelid, indrelid, indkey, COALESCE(indnkeyatts, indnatts) AS nkey FROM pg_catalog.pg_index
           WHERE indisunique AND indisvalid AND indimmediate AND indpred IS NULL AND indexprs IS NULL) x) i
  CROSS JOIN LATERAL (SELECT k.att FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(att, ord)
                       WHERE k.ord <= i.nkey) k
  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.att
  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE n.nspname::pg_catalog.text !~ '^pg_'::pg_catalog.text
 GROUP BY n.nspname, t.relname, i.indexrelid
 ORDER BY 1, 2, 3, 4, 5
