-- Every table and view that a user made.
SELECT n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name, c.relkind::pg_catalog.text AS kind,
       c.relispartition AS is_partition
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r'::pg_catalog."char", 'p'::pg_catalog."char", 'f'::pg_catalog."char", 'v'::pg_catalog."char",
                     'm'::pg_catalog."char")
   AND n.nspname::pg_catalog.text !~ '^pg_'::pg_catalog.text
   AND n.nspname <> 'information_schema'::pg_catalog.name
 ORDER BY n.nspname, c.relname
