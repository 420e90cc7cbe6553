-- The columns of a table, in their order. `attgenerated` came with 12, and an unqualified name that isn't there is the outer one's.
-- `spelling` is the way in which values are written: columns that have one in common hold equal values where they hold equal texts;
-- NULL: equal values may be written in several ways. `width` is how much a column of that spelling can hold.
SELECT c.name, c.nullable, c.generated, c.is_computed, c.default_text,
       CASE WHEN c.is_enum THEN 'enum '::pg_catalog.text || c.type_oid::pg_catalog.text
            WHEN NOT c.is_system OR NOT c.is_deterministic THEN NULL
            WHEN c.type IN ('int2', 'int4', 'int8') THEN 'integer'
            WHEN c.type IN ('text', 'varchar', 'name') THEN 'text'
            WHEN c.type IN ('bpchar', 'bit') AND c.modifier > 0 THEN c.type || ' '::pg_catalog.text || c.modifier::pg_catalog.text
            WHEN c.type = 'numeric' AND c.modifier > 0
              THEN 'numeric '::pg_catalog.text || ((c.modifier - 4) & 65535)::pg_catalog.text   -- by its scale
            WHEN c.type IN ('bool', 'bytea', 'char', 'cidr', 'date', 'inet', 'macaddr', 'macaddr8', 'money', 'oid', 'time', 'timestamp',
                            'timestamptz', 'timetz', 'uuid', 'varbit') THEN c.type END AS spelling,
       CASE WHEN c.type = 'int2' THEN 2 WHEN c.type = 'int4' THEN 4 WHEN c.type = 'int8' THEN 8
            WHEN c.type = 'name' THEN 63
            WHEN c.type = 'varchar' AND c.modifier > 0 THEN c.modifier - 4
            WHEN c.type = 'numeric' AND c.modifier > 0 THEN (c.modifier - 4) >> 16
            WHEN c.type = 'varbit' AND c.modifier > 0 THEN c.modifier
            WHEN c.type IN ('time', 'timestamp', 'timestamptz', 'timetz') AND c.modifier >= 0 THEN c.modifier
            ELSE 2147483647 END AS width
  FROM (SELECT ''::pg_catalog."char" AS attgenerated, TRUE AS collisdeterministic) d
  CROSS JOIN LATERAL (
    SELECT a.attnum, a.attname::pg_catalog.text AS name, NOT a.attnotnull AS nullable,
           attgenerated <> ''::pg_catalog."char" OR a.attidentity = 'a'::pg_catalog."char" AS generated,
           attgenerated <> ''::pg_catalog."char" AS is_computed,
           CASE WHEN a.attidentity <> ''::pg_catalog."char" THEN 'its sequence'::pg_catalog.text   -- an expression, as far as we go
                ELSE COALESCE(pg_catalog.pg_get_expr(df.adbin, df.adrelid),
                              pg_catalog.pg_get_expr(t.typdefaultbin, 0::pg_catalog.oid)) END AS default_text,
           b.oid AS type_oid, b.typname::pg_catalog.text AS type, b.typtype = 'e'::pg_catalog."char" AS is_enum,
           n.nspname = 'pg_catalog'::pg_catalog.name AS is_system,
           CASE WHEN t.typtype = 'd'::pg_catalog."char" THEN t.typtypmod ELSE a.atttypmod END AS modifier,
           COALESCE((SELECT collisdeterministic FROM pg_catalog.pg_collation k WHERE k.oid = a.attcollation), TRUE) AS is_deterministic
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd'::pg_catalog."char" THEN t.typbasetype ELSE t.oid END
      JOIN pg_catalog.pg_namespace n ON n.oid = b.typnamespace
      LEFT JOIN pg_catalog.pg_attrdef df ON df.adrelid = a.attrelid AND df.adnum = a.attnum
     WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped) c
 ORDER BY c.attnum
