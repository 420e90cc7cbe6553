-- The columns of a table, in their order. `attgenerated` came with 12, and an unqualified name that isn't there is the outer one's.
SELECT c.name, c.nullable, c.generated, c.default_text, c.is_built_in
  FROM (SELECT ''::pg_catalog."char" AS attgenerated) d
  CROSS JOIN LATERAL (
    SELECT a.attnum, a.attname::pg_catalog.text AS name, NOT a.attnotnull AS nullable,
           attgenerated <> ''::pg_catalog."char" OR a.attidentity = 'a'::pg_catalog."char" AS generated,
           COALESCE(pg_catalog.pg_get_expr(df.adbin, df.adrelid), pg_catalog.pg_get_expr(t.typdefaultbin, 0::pg_catalog.oid)) AS default_text,
           (n.nspname = 'pg_catalog'::pg_catalog.name OR b.typtype = 'e'::pg_catalog."char")
             AND b.typname <> 'float4'::pg_catalog.name AND b.typname <> 'float8'::pg_catalog.name AS is_built_in
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd'::pg_catalog."char" THEN t.typbasetype ELSE t.oid END
      JOIN pg_catalog.pg_namespace n ON n.oid = b.typnamespace
      LEFT JOIN pg_catalog.pg_attrdef df ON df.adrelid = a.attrelid AND df.adnum = a.attnum
     WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped) c
 ORDER BY c.attnum
