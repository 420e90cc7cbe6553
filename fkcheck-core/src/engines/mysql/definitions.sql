-- Indexes of whole columns, column by column; and at position 0 the names that CHECK constraints have taken.
SELECT s.table_name AS t, s.index_name AS n, CAST(s.seq_in_index AS SIGNED) AS pos, s.column_name AS c
  FROM information_schema.statistics s
 WHERE s.table_schema = DATABASE() AND s.sub_part IS NULL
UNION ALL
SELECT c.table_name, c.constraint_name, CAST(0 AS SIGNED), NULL
  FROM information_schema.table_constraints c
 WHERE c.table_schema = DATABASE() AND c.constraint_type = 'CHECK'
 ORDER BY t, n, pos
