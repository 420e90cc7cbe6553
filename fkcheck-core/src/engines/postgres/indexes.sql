-- The unique indexes of a table that hold for each row at once and for all rows. What isn't there in older versions is the outer one's.
SELECT c.name, c.columns, c.is_unique, c.nulls_are_equal
  FROM (SELECT FALSE AS indnullsnotdistinct, NULL::pg_catalog.int2 AS indnkeyatts) d
  CROSS JOIN LATERAL (
    SELECT r.relname::pg_catalog.text AS name, TRUE AS is_unique, indnullsnotdistinct AS nulls_are_equal, i.indexrelid,
           ARRAY(SELECT a.attname::pg_catalog.text
                   FROM pg_catalog.generate_series(0, COALESCE(indnkeyatts, i.indnatts) - 1) AS k(at)
                   JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.at]
                  ORDER BY k.at) AS columns
      FROM (SELECT * FROM pg_catalog.pg_index) i
      JOIN pg_catalog.pg_class r ON r.oid = i.indexrelid
     WHERE i.indrelid = $1::pg_catalog.regclass AND i.indisunique AND NOT i.indisexclusion AND i.indisvalid AND i.indimmediate
       AND i.indpred IS NULL AND i.indexprs IS NULL) c
 ORDER BY c.indexrelid
