-- repeatable
UPDATE {command}
   SET state = :state, answer = :answer, done_at = {now}
 WHERE command_id = :id AND state = 'taken' AND worker = :worker
