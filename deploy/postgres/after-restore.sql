-- After pg_restore, before the first node starts: psql --dbname=rapport --file=deploy/postgres/after-restore.sql
-- All counters and ids go on far beyond what anybody can have seen of the time that is gone, so that nobody takes a new
-- message for one that they have. (`rapport restore` does the same for a database in a file.)
BEGIN;
UPDATE conversation SET rev = rev + 1000000;
UPDATE account SET user_rev = user_rev + 1000000;
SELECT setval('message_id', nextval('message_id') + 1000000);
SELECT setval(id, nextval(id) + 1000000)
    FROM (VALUES (pg_get_serial_sequence('account', 'id')), (pg_get_serial_sequence('conversation', 'id'))) AS ids (id);
COMMIT;
