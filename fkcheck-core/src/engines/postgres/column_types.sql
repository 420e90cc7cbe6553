-- Whether columns are of types that come with the server, or are enums. Takes the child, its columns, the parent and its columns.
SELECT COALESCE(pg_catalog.bool_and('pg_catalog'::pg_catalog.regnamespace IN (t.typnamespace, b.typnamespace)
                                    OR t.typtype = 'e'::pg_catalog."char"), FALSE) AS are_built_in
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
 WHERE a.attrelid = $1::pg_catalog.regclass AND a.attname::pg_catalog.text = ANY ($2)
    OR a.attrelid = $3::pg_catalog.regclass AND a.attname::pg_catalog.text = ANY ($4)
