-- The three roles of docs/operating.md, for psql as a superuser in the database of the program. It may run again at any time:
-- missing roles are created, and all get the passwords of these files.
\set ON_ERROR_STOP on
\set owner `cat /run/secrets/database_owner_password`
\set app `cat /run/secrets/database_app_password`
\set reader `cat /run/secrets/database_reader_password`

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['console_owner', 'console_app', 'console_reader']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE console_owner PASSWORD :'owner';
ALTER ROLE console_app PASSWORD :'app';
ALTER ROLE console_reader PASSWORD :'reader';
ALTER DATABASE :"DBNAME" OWNER TO console_owner;
