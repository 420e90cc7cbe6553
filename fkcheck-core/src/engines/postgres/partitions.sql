-- The bounds of a table's partitions, where these are all there is and one column of whole numbers decides; from 15 on, when a row that
-- moves to another partition became an update to the keys that refer to it.
SELECT a.attname::pg_catalog.text AS column_name, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound
  FROM pg_catalog.pg_partitioned_table p
  JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
  JOIN pg_catalog.pg_inherits i ON i.inhparent = p.partrelid
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
 WHERE p.partrelid = $1::pg_catalog.regclass AND p.partnatts = 1 AND p.partstrat <> 'h'::pg_catalog."char"
   AND a.atttypid IN ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype, 'pg_catalog.int8'::pg_catalog.regtype)
   AND pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 150000
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits j JOIN pg_catalog.pg_class k ON k.oid = j.inhrelid
                    WHERE j.inhparent = p.partrelid AND k.relkind <> 'r'::pg_catalog."char")
 ORDER BY c.oid
