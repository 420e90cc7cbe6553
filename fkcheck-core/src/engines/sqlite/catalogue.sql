-- All that SQLite tells of its foreign keys, in one statement and so in one snapshot.
SELECT 0 AS kind, m.name AS tbl, f.id AS i1, f.seq AS i2,          -- keys: id counts from the last declared
       f."table" AS a, f."from" AS b, f."to" AS c, f.on_delete AS d, f.on_update AS e
  FROM main.sqlite_master m JOIN pragma_foreign_key_list(m.name, 'main') f WHERE m.type = 'table' AND m.rootpage > 0
UNION ALL          -- columns: cid, position in the primary key, name, type, NOT NULL, default, hidden (2, 3: generated)
SELECT 1, m.name, x.cid, x.pk, x.name, x.type, CAST(x."notnull" AS TEXT), x.dflt_value, CAST(x.hidden AS TEXT)
  FROM main.sqlite_master m JOIN pragma_table_xinfo(m.name, 'main') x WHERE m.type = 'table' AND m.rootpage > 0
UNION ALL          -- tables and views: 0 for a virtual table and a view, place in the catalogue, CREATE text, type
SELECT 2, m.name, m.rootpage, m.rowid, m.sql, m.type, NULL, NULL, NULL
  FROM main.sqlite_master m WHERE m.type IN ('table', 'view')
UNION ALL          -- indexes: number, position, column (NULL: an expression), origin, CREATE text if partial, unique, collation
SELECT 3, m.name, il.seq, ii.seqno, ii.name, il.origin, CASE WHEN il.partial THEN COALESCE(s.sql, '') END,
       CAST(il."unique" AS TEXT), ii.coll
  FROM main.sqlite_master m
  JOIN pragma_index_list(m.name, 'main') il
  JOIN pragma_index_xinfo(il.name, 'main') ii
  LEFT JOIN main.sqlite_master s ON s.type = 'index' AND s.name = il.name
 WHERE m.type = 'table' AND m.rootpage > 0 AND ii.key
UNION ALL          -- what was made on a table: number, name, CREATE text
SELECT 5, m.tbl_name, m.rowid, 0, m.name, m.sql, NULL, NULL, NULL
  FROM main.sqlite_master m WHERE m.type IN ('index', 'trigger') AND m.sql IS NOT NULL
UNION ALL
SELECT 4, '', 0, 0, sqlite_version(), NULL, NULL, NULL, NULL
