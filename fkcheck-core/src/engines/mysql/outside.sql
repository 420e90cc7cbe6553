-- The keys of all other databases, with their tables' columns; as in catalogue.sql, behind the database's name.
SELECT k.table_schema AS s, 'k' AS kind, k.table_name AS t, k.constraint_name AS n, CAST(k.ordinal_position AS SIGNED) AS pos,
       k.column_name AS c1, k.referenced_table_schema AS c2, k.referenced_table_name AS c3, k.referenced_column_name AS c4
  FROM information_schema.key_column_usage k
 WHERE k.table_schema <> DATABASE() AND k.referenced_table_name IS NOT NULL
UNION ALL
SELECT r.constraint_schema, 'r', r.table_name, r.constraint_name, 0, r.delete_rule, r.update_rule, r.match_option, r.unique_constraint_name
  FROM information_schema.referential_constraints r WHERE r.constraint_schema <> DATABASE()
UNION ALL
SELECT c.table_schema, 'c', c.table_name, c.column_name, CAST(c.ordinal_position AS SIGNED), c.is_nullable, c.column_default, c.extra, NULL
  FROM information_schema.columns c
 WHERE c.table_schema NOT IN (DATABASE(), 'information_schema', 'performance_schema', 'mysql', 'sys')
