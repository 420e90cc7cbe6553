-- ` COLLATE ..` for each child column whose collation isn't its parent's; empty where it is. Takes the child, its columns, the
-- parent and its columns. No value may stand in a comment: a name with a line's end would leave it.
SELECT ARRAY(
  SELECT CASE WHEN ca.attcollation <> pa.attcollation AND co.oid IS NOT NULL
              THEN ' COLLATE ' || pg_catalog.quote_ident(n.nspname::pg_catalog.text) || '.'
                   || pg_catalog.quote_ident(co.collname::pg_catalog.text)
              ELSE '' END
    FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($4)) WITH ORDINALITY AS k(child, parent, ord)
    JOIN pg_catalog.pg_attribute ca
      ON ca.attrelid = $1::pg_catalog.regclass AND ca.attname = k.child::pg_catalog.name
    JOIN pg_catalog.pg_attribute pa
      ON pa.attrelid = $3::pg_catalog.regclass AND pa.attname = k.parent::pg_catalog.name
    LEFT JOIN pg_catalog.pg_collation co ON co.oid = pa.attcollation
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = co.collnamespace
   ORDER BY k.ord) AS texts
