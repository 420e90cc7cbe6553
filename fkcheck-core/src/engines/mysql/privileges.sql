-- How many privileges the role has that show it every table of this database: global ones, and those on the database
-- (its name there is a pattern). Any one will do; for triggers it takes TRIGGER,
-- for the keys of other databases a global one that isn't SELECT, to which MariaDB shows no rules.
SELECT COUNT(*) AS privileges, COUNT(CASE WHEN p.privilege_type = 'TRIGGER' THEN 1 END) AS triggers,
       COUNT(CASE WHEN p.is_global AND p.privilege_type <> 'SELECT' THEN 1 END) AS everywhere
  FROM (SELECT u.grantee, u.privilege_type, TRUE AS is_global FROM information_schema.user_privileges u
        UNION ALL
        SELECT s.grantee, s.privilege_type, FALSE FROM information_schema.schema_privileges s
         WHERE DATABASE() LIKE s.table_schema) p
 WHERE p.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER',
                            'TRIGGER')
   AND p.grantee = CONCAT('''', SUBSTRING(CURRENT_USER(), 1, CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1),
                          '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')
