-- Indexes of whole columns, column by column.
SELECT s.table_name AS t, s.index_name AS n, CAST(s.seq_in_index AS SIGNED) AS pos, s.column_name AS c
  FROM information_schema.statistics s
 WHERE s.table_schema = DATABASE() AND s.sub_part IS NULL
 ORDER BY s.table_name, s.index_name, s.seq_in_index
