-- How many privileges the role has that show it every table of this database: global ones, and those on the database
-- (its name there is a pattern). Any one will do; for triggers it takes TRIGGER.
SELECT COUNT(*) AS privileges, COUNT(CASE WHEN p.privilege_type = 'TRIGGER' THEN 1 END) AS triggers
  FROM (SELECT u.grantee, u.privilege_type FROM information_schema.user_privileges u
        UNION ALL
        SELECT s.grantee, s.privilege_type FROM information_schema.schema_privileges s
         WHERE DATABASE() LIKE s.table_schema) p
 WHERE p.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER',
                            'TRIGGER')
   AND p.grantee = CONCAT('''', SUBSTRING(CURRENT_USER(), 1, CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1),
                          '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')
