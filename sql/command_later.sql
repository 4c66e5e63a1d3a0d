-- repeatable
-- It can't be done now: any worker may try again.
UPDATE {command}
   SET state = 'asked', worker = NULL, taken_at = NULL, answer = :answer
 WHERE command_id = :id AND state = 'taken' AND worker = :worker
