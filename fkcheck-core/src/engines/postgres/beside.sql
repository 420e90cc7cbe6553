-- What beside a key decides what a delete does: triggers and rules of tables, what they inherit from, keys that are off in some
-- partitions, and constraints on the columns that SET NULL, SET DEFAULT and ON UPDATE write. As in `catalogue.sql`, a column that an old
-- version doesn't have falls back to the outer default of the same name. A row is about a table, or about the key of that number.
WITH RECURSIVE writes AS (   -- keys that write a column; `event` begins the words for what may refuse it
  SELECT c.oid AS key, c.conrelid AS relation, c.conkey AS attributes, v.action, v.event, c.confrelid AS parent,
         c.confkey AS parent_attributes
    FROM (SELECT 0::pg_catalog.oid AS conparentid) d
    CROSS JOIN LATERAL (
      SELECT oid, conrelid, conkey, confdeltype, confupdtype, confrelid, confkey, conparentid FROM pg_catalog.pg_constraint
       WHERE contype = 'f'::pg_catalog."char") c
    CROSS JOIN LATERAL (VALUES (c.confdeltype, ''::pg_catalog.text), (c.confupdtype, 'update_'::pg_catalog.text)) AS v(action, event)
   WHERE (c.conparentid = 0::pg_catalog.oid OR c.conparentid IS NULL)
     AND (v.action IN ('n'::pg_catalog."char", 'd'::pg_catalog."char")
          OR v.action = 'c'::pg_catalog."char" AND v.event <> ''::pg_catalog.text)
), off(key, relation, checks) AS (   -- triggers that are disabled, also of clones: these belong to the key that they come from
  SELECT t.tgconstraint, t.tgrelid, t.tgtype & 4::pg_catalog.int2 <> 0::pg_catalog.int2
    FROM pg_catalog.pg_trigger t
   WHERE t.tgisinternal AND t.tgconstraint <> 0::pg_catalog.oid
     AND t.tgenabled NOT IN ('O'::pg_catalog."char", 'A'::pg_catalog."char")
     AND t.tgtype & 12::pg_catalog.int2 <> 0::pg_catalog.int2
  UNION ALL
  SELECT c.conparentid, off.relation, off.checks
    FROM (SELECT 0::pg_catalog.oid AS conparentid) d
    CROSS JOIN off
    CROSS JOIN LATERAL (SELECT conparentid FROM pg_catalog.pg_constraint k WHERE k.oid = off.key) c
   WHERE c.conparentid <> 0::pg_catalog.oid
), domain(key, event, attribute, oid, name, base, is_not_null) AS (   -- a column's domain, and the one that that is made of
  SELECT w.key, w.event, a.attnum, t.oid, t.typname, t.typbasetype, t.typnotnull
    FROM writes w
    JOIN pg_catalog.pg_attribute a ON a.attrelid = w.relation AND a.attnum = ANY (w.attributes)
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid AND t.typtype = 'd'::pg_catalog."char"
  UNION ALL
  SELECT d.key, d.event, d.attribute, t.oid, t.typname, t.typbasetype, t.typnotnull
    FROM domain d JOIN pg_catalog.pg_type t ON t.oid = d.base AND t.typtype = 'd'::pg_catalog."char"
), above(relation, whole) AS (   -- what may be published, and what that is a part of
  SELECT c.oid, c.oid FROM pg_catalog.pg_class c
   WHERE c.relkind = 'r'::pg_catalog."char" AND c.relpersistence = 'p'::pg_catalog."char"
     AND EXISTS (SELECT FROM pg_catalog.pg_publication)
  UNION ALL
  SELECT a.relation, i.inhparent
    FROM above a
    JOIN pg_catalog.pg_class c ON c.oid = a.whole AND c.relispartition
    JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.whole
), identity(relation, is_full, keys) AS (   -- what tells rows apart
  SELECT c.oid, c.relreplident = 'f'::pg_catalog."char",
         (SELECT i.indkey::pg_catalog.int2[] FROM pg_catalog.pg_index i
           WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
             AND (c.relreplident = 'd'::pg_catalog."char" AND i.indisprimary
                  OR c.relreplident = 'i'::pg_catalog."char" AND i.indisreplident)
           LIMIT 1)
    FROM pg_catalog.pg_class c WHERE c.oid IN (SELECT a.relation FROM above a)
), published(publication, relation) AS (   -- of those, what a publication can't send on
  SELECT p.oid, i.relation
    FROM pg_catalog.pg_publication p
    JOIN identity i ON i.keys IS NULL AND NOT i.is_full
   WHERE p.puballtables
      OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel r JOIN above a ON a.whole = r.prrelid
                  WHERE r.prpubid = p.oid AND a.relation = i.relation)
      OR EXISTS (SELECT   -- by its schema, which before 15 isn't there: 6237 is pg_publication_namespace
                   FROM pg_catalog.pg_depend s
                   JOIN pg_catalog.pg_depend o ON o.classid = s.classid AND o.objid = s.objid
                        AND o.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND o.refobjid = p.oid
                   JOIN pg_catalog.pg_class c ON c.relnamespace = s.refobjid
                   JOIN above a ON a.whole = c.oid AND a.relation = i.relation
                  WHERE s.classid = 6237::pg_catalog.oid
                    AND s.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)
  UNION
  SELECT r.prpubid, i.relation   -- rows by a condition, or some columns
    FROM (SELECT NULL::pg_catalog.int2[] AS prattrs, NULL::pg_catalog.text AS prqual) d
    CROSS JOIN LATERAL (
      SELECT prpubid, prrelid, prattrs::pg_catalog.int2[] AS attributes,
             ARRAY(SELECT m.match[1]::pg_catalog.int2
                     FROM pg_catalog.regexp_matches(prqual::pg_catalog.text, ':varattno (-?[0-9]+)', 'g') AS m(match)) AS looked_at
        FROM pg_catalog.pg_publication_rel k) r
    JOIN above a ON a.whole = r.prrelid
    JOIN identity i ON i.relation = a.relation
   WHERE NOT i.is_full AND NOT r.looked_at <@ i.keys
      OR r.attributes IS NOT NULL AND (i.is_full OR NOT i.keys <@ r.attributes)
)
SELECT 'trigger'::pg_catalog.text AS kind, 0::pg_catalog.int8 AS key, n.nspname::pg_catalog.text AS schema,
       c.relname::pg_catalog.text AS name, t.tgname::pg_catalog.text AS a, t.tgtype::pg_catalog.int4::pg_catalog.text AS b,
       NULL::pg_catalog.int2[] AS attributes,
       ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr::pg_catalog.int2[]) ORDER BY a.attnum) AS columns
  FROM (SELECT x.* FROM (SELECT 0::pg_catalog.oid AS tgparentid) p CROSS JOIN LATERAL
         (SELECT tgrelid, tgname, tgtype, tgattr, tgparentid FROM pg_catalog.pg_trigger
           WHERE NOT tgisinternal AND tgenabled IN ('O'::pg_catalog."char", 'A'::pg_catalog."char")
             AND tgtype & 24::pg_catalog.int2 <> 0::pg_catalog.int2) x
         WHERE x.tgparentid = 0::pg_catalog.oid OR x.tgparentid IS NULL) t   -- no clones for partitions
  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid AND c.relkind IN ('r'::pg_catalog."char", 'p'::pg_catalog."char")
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname::pg_catalog.text !~ '^pg_'::pg_catalog.text
UNION ALL
SELECT 'rule', 0, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, r.rulename::pg_catalog.text,
       r.ev_type::pg_catalog.text || CASE WHEN r.is_instead AND r.ev_qual::pg_catalog.text = '<>'::pg_catalog.text
                                           AND r.ev_action::pg_catalog.text ~ '^[(][{]QUERY :commandType [67] [^{]* :utilityStmt <> '::pg_catalog.text   -- NOTHING: 7 since 15
                                          THEN 'nothing'::pg_catalog.text ELSE ''::pg_catalog.text END,
       NULL, NULL
  FROM pg_catalog.pg_rewrite r
  JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind IN ('r'::pg_catalog."char", 'p'::pg_catalog."char")
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE r.ev_type IN ('2'::pg_catalog."char", '4'::pg_catalog."char")   -- UPDATE, DELETE
   AND r.ev_enabled IN ('O'::pg_catalog."char", 'A'::pg_catalog."char")
   AND n.nspname::pg_catalog.text !~ '^pg_'::pg_catalog.text
UNION ALL
SELECT 'inherits', 0, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, pn.nspname::pg_catalog.text,
       p.relname::pg_catalog.text, NULL, NULL
  FROM pg_catalog.pg_inherits i
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
       AND c.relkind IN ('r'::pg_catalog."char", 'p'::pg_catalog."char", 'f'::pg_catalog."char")
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
  JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
 WHERE n.nspname::pg_catalog.text !~ '^pg_'::pg_catalog.text
UNION ALL
SELECT 'publication', 0, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, p.pubname::pg_catalog.text,
       (CASE WHEN p.pubdelete THEN 8 ELSE 0 END + CASE WHEN p.pubupdate THEN 16 ELSE 0 END)::pg_catalog.text, NULL, NULL
  FROM published u
  JOIN pg_catalog.pg_publication p ON p.oid = u.publication
  JOIN pg_catalog.pg_class c ON c.oid = u.relation
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname::pg_catalog.text !~ '^pg_'::pg_catalog.text AND n.nspname <> 'information_schema'::pg_catalog.name
UNION ALL
SELECT 'off', off.key::pg_catalog.int8, n.nspname::pg_catalog.text, c.relname::pg_catalog.text,
       CASE WHEN off.checks THEN 'check'::pg_catalog.text ELSE 'action'::pg_catalog.text END, NULL, NULL, NULL
  FROM off
  JOIN pg_catalog.pg_class c ON c.oid = off.relation AND c.relispartition AND c.relkind <> 'p'::pg_catalog."char"
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
UNION ALL
SELECT w.event || 'check'::pg_catalog.text, w.key::pg_catalog.int8, NULL, NULL, con.conname::pg_catalog.text,
       CASE WHEN pg_catalog.length(con.conbin::pg_catalog.text) < 4000 THEN con.conbin::pg_catalog.text END,
       CASE WHEN con.is_of_columns THEN con.conkey ELSE w.attributes END, NULL
  FROM (SELECT TRUE AS conenforced) d
  CROSS JOIN writes w
  CROSS JOIN LATERAL (
    SELECT conname, conkey, conbin, conenforced,   -- 0: the whole row; one that is not valid may find fault with a row as it was
           convalidated AND conkey IS NOT NULL AND NOT 0 = ANY (conkey) AS is_of_columns
      FROM pg_catalog.pg_constraint k
     WHERE k.conrelid = w.relation AND k.contype = 'c'::pg_catalog."char") con
 WHERE con.conenforced AND (con.conkey && w.attributes OR NOT con.is_of_columns)
UNION ALL
SELECT d.event || CASE WHEN d.is_not_null THEN 'not_null'::pg_catalog.text ELSE 'check'::pg_catalog.text END,
       d.key::pg_catalog.int8, NULL, NULL, d.name::pg_catalog.text,
       CASE WHEN pg_catalog.length(con.conbin::pg_catalog.text) < 4000 THEN con.conbin::pg_catalog.text END,
       ARRAY[d.attribute], NULL
  FROM domain d
  LEFT JOIN pg_catalog.pg_constraint con
    ON con.contypid = d.oid AND con.contype = 'c'::pg_catalog."char" AND NOT d.is_not_null
 WHERE d.is_not_null OR con.oid IS NOT NULL
UNION ALL
SELECT w.event || CASE WHEN i.is_hard THEN 'check'::pg_catalog.text WHEN i.indnullsnotdistinct THEN 'unique_null'::pg_catalog.text
                       ELSE 'unique'::pg_catalog.text END,
       w.key::pg_catalog.int8, NULL, NULL, c.relname::pg_catalog.text, NULL, i.keys, NULL
  FROM (SELECT FALSE AS indnullsnotdistinct, NULL::pg_catalog.int2 AS indnkeyatts) d
  CROSS JOIN writes w
  CROSS JOIN LATERAL (   -- also of an expression, for some rows, or not by equality: what they make of a value isn't followed
    SELECT indexrelid, indnullsnotdistinct, indisexclusion OR indexprs IS NOT NULL OR indpred IS NOT NULL AS is_hard,
           ARRAY(SELECT u.att FROM pg_catalog.unnest(indkey::pg_catalog.int2[]) WITH ORDINALITY AS u(att, ord)
                  WHERE u.ord <= COALESCE(indnkeyatts, indnatts)
                 UNION
                 SELECT m.match[1]::pg_catalog.int2
                   FROM pg_catalog.regexp_matches(COALESCE(indexprs::pg_catalog.text, '') || COALESCE(indpred::pg_catalog.text, ''),
                                                  ':varattno (-?[0-9]+)', 'g') AS m(match)) AS keys
      FROM pg_catalog.pg_index k
     WHERE k.indrelid = w.relation AND (k.indisunique OR k.indisexclusion) AND k.indisvalid) i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
 WHERE i.keys && w.attributes
   AND CASE WHEN i.is_hard THEN TRUE
            WHEN w.action = 'n'::pg_catalog."char" THEN i.indnullsnotdistinct
            WHEN w.action = 'c'::pg_catalog."char" THEN NOT w.attributes <@ i.keys   -- else as unique as the parent's new value
            ELSE TRUE END
UNION ALL
SELECT 'update_room', w.key::pg_catalog.int8, NULL, NULL, NULL, NULL, ARRAY[a.attnum], NULL
  FROM writes w
  CROSS JOIN ROWS FROM (pg_catalog.unnest(w.attributes), pg_catalog.unnest(w.parent_attributes)) AS k(child, parent)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = w.relation AND a.attnum = k.child
  JOIN pg_catalog.pg_attribute pa ON pa.attrelid = w.parent AND pa.attnum = k.parent
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  JOIN pg_catalog.pg_type pt ON pt.oid = pa.atttypid
 WHERE w.event <> ''::pg_catalog.text AND w.action = 'c'::pg_catalog."char"
   AND (t.typname IN ('int2', 'int4') AND (pt.typlen > t.typlen OR pt.typlen < 0)
        OR t.typname = 'int8' AND pt.typlen < 0
        OR a.atttypmod >= 0 AND (t.oid <> pt.oid OR t.typname = 'numeric' AND a.atttypmod <> pa.atttypmod
                                 OR pa.atttypmod < 0 OR pa.atttypmod > a.atttypmod))
UNION ALL
SELECT w.event || 'partition_key'::pg_catalog.text, w.key::pg_catalog.int8, NULL, NULL, c.relname::pg_catalog.text, NULL, ARRAY[a.attnum], NULL
  FROM writes w
  JOIN (SELECT x.* FROM (SELECT 0::pg_catalog.oid AS partdefid) d CROSS JOIN LATERAL
         (SELECT partrelid, partattrs, partdefid FROM pg_catalog.pg_partitioned_table
           WHERE partstrat <> 'h'::pg_catalog."char") x) p
    ON p.partrelid = w.relation AND p.partdefid = 0::pg_catalog.oid
    OR p.partrelid = (SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = w.relation LIMIT 1)
  JOIN pg_catalog.pg_class c ON c.oid = p.partrelid
  JOIN pg_catalog.pg_attribute a ON a.attrelid = w.relation AND a.attnum = ANY (w.attributes)
  JOIN pg_catalog.pg_attribute pa ON pa.attrelid = p.partrelid AND pa.attname = a.attname
       AND pa.attnum = ANY (p.partattrs::pg_catalog.int2[])
 ORDER BY 1, 2, 3, 4, 5, 6, 7
