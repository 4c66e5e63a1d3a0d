-- repeatable
-- Changes one row for one worker only: whoever comes second finds it taken.
UPDATE {command}
   SET state = 'taken', worker = :worker, taken_at = {now}
 WHERE command_id = :id
   AND (state = 'asked'
        OR (state = 'taken'
            AND (worker = :worker OR {since taken_at} > :lease)))
