-- The same of the database as a whole.
SELECT 'spoils', 'the server is a standby: nothing can be written'
 WHERE pg_is_in_recovery()
UNION ALL
SELECT 'spoils', 'the database''s encoding is '
       || current_setting('server_encoding')
       || ': what it lacks is refused; make it UTF8'
 WHERE current_setting('server_encoding') <> 'UTF8'
UNION ALL
SELECT 'effect', 'what is committed may be lost in a power cut:'
       || ' synchronous_commit is off'
 WHERE current_setting('synchronous_commit') = 'off'
