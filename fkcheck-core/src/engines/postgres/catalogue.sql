-- Every foreign key, PostgreSQL 10 to 18, without a version branch: a column that an old version doesn't have falls back
-- to the outer default of the same name. Raw columns of pg_catalog alone: they belong to one snapshot, take no lock on a
-- user's table and are there for every role.
WITH fk AS (
  SELECT c.*
    FROM (SELECT 0::pg_catalog.oid AS conparentid, TRUE AS conenforced, NULL::pg_catalog.int2[] AS confdelsetcols) d
    CROSS JOIN LATERAL (
      SELECT oid, conname, conrelid, confrelid, conkey, confkey, confdeltype, confupdtype, confmatchtype,
             condeferrable, condeferred, convalidated, conparentid, conenforced, confdelsetcols
        FROM pg_catalog.pg_constraint WHERE contype = 'f'::pg_catalog."char") c
   WHERE (c.conparentid = 0::pg_catalog.oid OR c.conparentid IS NULL)   -- no clones for partitions; NULL on CockroachDB
), cols AS (   -- sorted once: array_agg keeps the order
  SELECT s.oid,
         pg_catalog.array_agg(s.cname) AS child_columns, pg_catalog.array_agg(s.pname) AS parent_columns,
         pg_catalog.array_agg(s.nullable) AS child_nullable, pg_catalog.array_agg(s.hasdef) AS child_has_default,
         pg_catalog.array_agg(s.gen) AS child_generated,
         pg_catalog.array_agg(s.cname) FILTER (WHERE s.isset) AS delete_set_columns
    FROM (SELECT fk.oid, ca.attname::pg_catalog.text AS cname, pa.attname::pg_catalog.text AS pname,
                 NOT ca.attnotnull AS nullable,
                 ca.atthasdef AND ca.attgenerated = ''::pg_catalog."char" AS hasdef,
                 ca.attgenerated <> ''::pg_catalog."char" OR ca.attidentity = 'a'::pg_catalog."char" AS gen,
                 k.catt = ANY (fk.confdelsetcols) AS isset
            FROM fk
            CROSS JOIN ROWS FROM (pg_catalog.unnest(fk.conkey), pg_catalog.unnest(fk.confkey))
                 WITH ORDINALITY AS k(catt, patt, ord)
            JOIN (SELECT a.* FROM (SELECT ''::pg_catalog."char" AS attgenerated) da CROSS JOIN LATERAL
                   (SELECT attrelid, attnum, attname, attnotnull, atthasdef, attidentity, attgenerated
                      FROM pg_catalog.pg_attribute) a) ca
              ON ca.attrelid = fk.conrelid AND ca.attnum = k.catt
            JOIN pg_catalog.pg_attribute pa ON pa.attrelid = fk.confrelid AND pa.attnum = k.patt
           ORDER BY fk.oid, k.ord) s
   GROUP BY s.oid
), trg AS (   -- bit 4: INSERT, the check of a child; bit 8: DELETE, the action on a parent
  SELECT t.tgconstraint,
         pg_catalog.bool_or(t.tgenabled NOT IN ('O'::pg_catalog."char", 'A'::pg_catalog."char"))
           FILTER (WHERE t.tgtype & 4::pg_catalog.int2 <> 0::pg_catalog.int2) AS check_disabled,
         pg_catalog.bool_or(t.tgenabled NOT IN ('O'::pg_catalog."char", 'A'::pg_catalog."char"))
           FILTER (WHERE t.tgtype & 8::pg_catalog.int2 <> 0::pg_catalog.int2) AS delete_disabled,
         pg_catalog.min(t.tgname::pg_catalog.text)
           FILTER (WHERE t.tgtype & 8::pg_catalog.int2 <> 0::pg_catalog.int2) AS delete_trigger
    FROM pg_catalog.pg_trigger t
   WHERE t.tgisinternal AND t.tgconstraint <> 0::pg_catalog.oid GROUP BY t.tgconstraint
), idx AS (   -- a text for each usable index, matched in the client: method | number of keys | keys | predicate
  SELECT i.indrelid,
         pg_catalog.array_agg(am.amname::pg_catalog.text || '|'::pg_catalog.text || i.nkey::pg_catalog.text
           || '|'::pg_catalog.text || i.keys || '|'::pg_catalog.text || i.pred) AS indexes
    FROM (SELECT x.* FROM (SELECT NULL::pg_catalog.int2 AS indnkeyatts) di CROSS JOIN LATERAL
           (SELECT indrelid, indexrelid, indkey::pg_catalog.text AS keys, COALESCE(indnkeyatts, indnatts) AS nkey,
                   COALESCE(indpred::pg_catalog.text, ''::pg_catalog.text) AS pred   -- pg_get_expr() would lock the table
              FROM pg_catalog.pg_index WHERE indisvalid AND indrelid IN (SELECT conrelid FROM fk)) x) i
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    JOIN pg_catalog.pg_am am ON am.oid = ic.relam
   GROUP BY i.indrelid
)
SELECT fk.oid::pg_catalog.int8 AS fk_oid, fk.conname::pg_catalog.text AS name,
       cn.nspname::pg_catalog.text AS child_schema, ct.relname::pg_catalog.text AS child_table,
       ct.relkind::pg_catalog.text AS child_kind, ct.relispartition AS child_is_partition,
       ct.reltuples::pg_catalog.float8 AS child_rows,
       pn.nspname::pg_catalog.text AS parent_schema, pt.relname::pg_catalog.text AS parent_table,
       pt.relkind::pg_catalog.text AS parent_kind,
       cols.child_columns, cols.parent_columns, cols.child_nullable, cols.child_has_default, cols.child_generated,
       fk.confdeltype::pg_catalog.text AS on_delete, fk.confupdtype::pg_catalog.text AS on_update,
       fk.confmatchtype::pg_catalog.text AS match_type,
       fk.condeferrable AS is_deferrable, fk.condeferred AS initially_deferred, fk.convalidated AS validated,
       fk.conenforced AS enforced, cols.delete_set_columns,
       trg.check_disabled, trg.delete_disabled, trg.delete_trigger,
       fk.conkey AS child_attributes, idx.indexes, ext.extname::pg_catalog.text AS extension
  FROM fk
  JOIN cols ON cols.oid = fk.oid
  JOIN pg_catalog.pg_class ct ON ct.oid = fk.conrelid
  JOIN pg_catalog.pg_namespace cn ON cn.oid = ct.relnamespace
  JOIN pg_catalog.pg_class pt ON pt.oid = fk.confrelid
  JOIN pg_catalog.pg_namespace pn ON pn.oid = pt.relnamespace
  LEFT JOIN trg ON trg.tgconstraint = fk.oid
  LEFT JOIN idx ON idx.indrelid = fk.conrelid
  LEFT JOIN pg_catalog.pg_depend dep
    ON dep.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND dep.objid = fk.conrelid
   AND dep.objsubid = 0 AND dep.deptype = 'e'::pg_catalog."char"
  LEFT JOIN pg_catalog.pg_extension ext ON ext.oid = dep.refobjid
 WHERE cn.nspname::pg_catalog.text !~ '^pg_'::pg_catalog.text
 ORDER BY cn.nspname, ct.relname, fk.conname
