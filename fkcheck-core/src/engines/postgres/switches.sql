-- Who works with session_replication_role = replica, which turns every foreign key off.
SELECT (SELECT r.rolname::pg_catalog.text FROM pg_catalog.pg_roles r WHERE r.oid = s.setrole) AS role,
       (SELECT d.datname::pg_catalog.text FROM pg_catalog.pg_database d WHERE d.oid = s.setdatabase) AS database
  FROM pg_catalog.pg_db_role_setting s
 WHERE 'session_replication_role=replica'::pg_catalog.text = ANY (s.setconfig)
   AND (s.setdatabase = 0::pg_catalog.oid
        OR s.setdatabase = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
UNION ALL
SELECT NULL, NULL
  FROM pg_catalog.pg_settings p
 WHERE p.name = 'session_replication_role'::pg_catalog.text AND p.setting = 'replica'::pg_catalog.text
   AND p.source NOT IN ('user'::pg_catalog.text, 'database'::pg_catalog.text, 'database user'::pg_catalog.text)
