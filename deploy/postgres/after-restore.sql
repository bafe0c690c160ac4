-- After pg_restore, before the first node starts: psql --dbname=rapport --file=deploy/postgres/after-restore.sql
-- Moves all counters and ids far beyond the values that clients may have seen after the backup, so that no client takes a
-- new message for a known one. (`rapport restore` does the same for SQLite.)
BEGIN;
UPDATE conversation SET rev = rev + 1000000;
UPDATE account SET user_rev = user_rev + 1000000;
SELECT setval('message_id', nextval('message_id') + 1000000);
SELECT setval(id, nextval(id) + 1000000)
    FROM (VALUES (pg_get_serial_sequence('account', 'id')), (pg_get_serial_sequence('conversation', 'id'))) AS ids (id);
COMMIT;
