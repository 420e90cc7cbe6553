-- What looks at rows of a table that are written and may refuse them, in a way that isn't followed, with the columns that it looks
-- at; none: it looks at every such row. Those of its partitions, too. What isn't there in older versions is the outer one's.
WITH RECURSIVE part(oid) AS (
  SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.regclass
  UNION ALL
  SELECT i.inhrelid FROM pg_catalog.pg_inherits i
    JOIN part ON i.inhparent = part.oid
    JOIN pg_catalog.pg_class p ON p.oid = part.oid AND p.relkind = 'p'::pg_catalog."char"
), domain(relation, attribute, oid, name, base) AS (   -- a column's domain, and the one that that is made of
  SELECT a.attrelid, a.attnum, t.oid, t.typname, t.typbasetype
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
   WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped AND t.typtype = 'd'::pg_catalog."char"
  UNION ALL
  SELECT d.relation, d.attribute, t.oid, t.typname, t.typbasetype
    FROM domain d JOIN pg_catalog.pg_type t ON t.oid = d.base AND t.typtype = 'd'::pg_catalog."char"
), watcher(relation, name, attributes, is_partition_key) AS (
  SELECT con.conrelid, con.conname,   -- one that is not valid may find fault with a row as it was
         CASE WHEN con.convalidated THEN con.conkey ELSE '{}'::pg_catalog.int2[] END, FALSE
    FROM (SELECT TRUE AS conenforced) d
    CROSS JOIN part
    CROSS JOIN LATERAL (
      SELECT conrelid, conname, conkey, convalidated, conenforced FROM pg_catalog.pg_constraint k
       WHERE k.conrelid = part.oid AND k.contype = 'c'::pg_catalog."char") con
   WHERE con.conenforced
  UNION ALL
  SELECT d.relation, d.name, ARRAY[d.attribute], FALSE
    FROM domain d
   WHERE EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.contypid = d.oid AND k.contype = 'c'::pg_catalog."char")
  UNION ALL
  SELECT i.indrelid, r.relname,
         ARRAY(SELECT k.attribute FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(attribute, ord)
                WHERE k.ord <= i.nkeys AND k.attribute <> 0
               UNION
               SELECT m.match[1]::pg_catalog.int2
                 FROM pg_catalog.regexp_matches(i.trees, ':varattno (-?[0-9]+)', 'g') AS m(match)), FALSE
    FROM (SELECT NULL::pg_catalog.int2 AS indnkeyatts) d
    CROSS JOIN part
    CROSS JOIN LATERAL (
      SELECT indexrelid, indrelid, indkey, indisunique, indisexclusion, indisvalid, indimmediate, indexprs, indpred,
             COALESCE(indnkeyatts, indnatts) AS nkeys,
             COALESCE(indexprs::pg_catalog.text, '') || COALESCE(indpred::pg_catalog.text, '') AS trees
        FROM pg_catalog.pg_index k
       WHERE k.indrelid = part.oid AND k.indisready) i
    JOIN pg_catalog.pg_class r ON r.oid = i.indexrelid
   WHERE i.indisexclusion
      OR i.indisunique AND (NOT i.indisvalid OR NOT i.indimmediate OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
      OR i.indisunique AND i.indrelid <> $1::pg_catalog.regclass   -- of a partition alone
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid)
  UNION ALL
  SELECT p.partrelid, r.relname,
         ARRAY(SELECT k.attribute FROM pg_catalog.unnest(p.partattrs::pg_catalog.int2[]) AS k(attribute) WHERE k.attribute <> 0
               UNION
               SELECT m.match[1]::pg_catalog.int2
                 FROM pg_catalog.regexp_matches(p.trees, ':varattno (-?[0-9]+)', 'g') AS m(match)), TRUE
    FROM (SELECT 0::pg_catalog.oid AS partdefid) d
    CROSS JOIN part
    CROSS JOIN LATERAL (
      SELECT partrelid, partattrs, partdefid, COALESCE(partexprs::pg_catalog.text, '') AS trees
        FROM pg_catalog.pg_partitioned_table k WHERE k.partrelid = part.oid) p
    JOIN pg_catalog.pg_class r ON r.oid = p.partrelid
   WHERE p.partdefid = 0::pg_catalog.oid   -- none takes what no other does
)
SELECT DISTINCT w.name::pg_catalog.text AS name,
       CASE WHEN 0 = ANY (w.attributes) THEN '{}'::pg_catalog.text[]   -- the whole row
            ELSE ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = w.relation AND a.attnum = ANY (w.attributes) AND a.attnum > 0 ORDER BY a.attname)
            END AS columns, w.is_partition_key
  FROM watcher w
 ORDER BY 1, 2
