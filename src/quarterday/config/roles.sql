-- The roles, the schema rights and the extension that Quarterday needs, made before `quarterday migrate`.
--
-- For a database of your own, a superuser runs this inside it and then gives both login roles a password:
--
--     createdb quarterday
--     psql -d quarterday -f roles.sql
--     psql -d quarterday -c '\password quarterday_owner' -c '\password quarterday_login'
--
-- It can be run again at any time: it only adds what is missing, and takes away rights that would let the
-- application see a row without saying whose.

DO $$
DECLARE
    wanted text[] := ARRAY['quarterday_owner', 'quarterday_login', 'quarterday_staff', 'quarterday_scoped'];
    wanted_role text;
BEGIN
    FOREACH wanted_role IN ARRAY wanted LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted_role) THEN
            EXECUTE format('CREATE ROLE %I', wanted_role);
        END IF;
    END LOOP;

    -- owner: owns the tables and runs migrations. login: what the application connects as; it owns nothing,
    -- inherits nothing, and puts on one of the other two, inside a transaction, with SET LOCAL ROLE.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'quarterday_owner' AND NOT rolcanlogin) THEN
        ALTER ROLE quarterday_owner LOGIN;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'quarterday_login' AND (NOT rolcanlogin OR rolinherit)) THEN
        ALTER ROLE quarterday_login LOGIN NOINHERIT;
    END IF;
    IF EXISTS (
        SELECT FROM pg_roles WHERE rolname = ANY (wanted) AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)
    ) THEN
        FOREACH wanted_role IN ARRAY wanted LOOP
            EXECUTE format('ALTER ROLE %I NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB', wanted_role);
        END LOOP;
    END IF;

    FOREACH wanted_role IN ARRAY ARRAY['quarterday_staff', 'quarterday_scoped'] LOOP
        IF NOT EXISTS (
            SELECT FROM pg_auth_members
            WHERE roleid = to_regrole(wanted_role) AND member = to_regrole('quarterday_login')
        ) THEN
            EXECUTE format('GRANT %I TO quarterday_login', wanted_role);
        END IF;
    END LOOP;

    -- A worker whose machine lost its power must not keep its rows locked for hours: the server notices in half a minute.
    IF version() ILIKE '%linux%' AND NOT EXISTS (
        SELECT FROM pg_db_role_setting
        WHERE setrole = to_regrole('quarterday_login') AND setdatabase = 0 AND 'tcp_keepalives_count=3' = ANY (setconfig)
    ) THEN
        ALTER ROLE quarterday_login SET client_connection_check_interval = '5s';
        ALTER ROLE quarterday_login SET tcp_keepalives_idle = 15;
        ALTER ROLE quarterday_login SET tcp_keepalives_interval = 5;
        ALTER ROLE quarterday_login SET tcp_keepalives_count = 3;
    END IF;
END
$$;

-- GiST over plain columns beside ranges: "a device is at one customer at a time" is an exclusion constraint.
CREATE EXTENSION IF NOT EXISTS btree_gist;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO quarterday_owner;
GRANT USAGE ON SCHEMA public TO quarterday_login, quarterday_staff, quarterday_scoped;
