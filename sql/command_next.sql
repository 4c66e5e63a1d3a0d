-- The next thing that a DBA asked by INSERT: not taken yet, or taken by a
-- worker that did not come to answer.
SELECT {top :count} command_id, command, argument
  FROM {command}
 WHERE command_id > :after
   AND (state = 'asked'
        OR (state = 'taken'
            AND (worker = :worker OR {since taken_at} > :lease)))
 ORDER BY command_id
 {limit :count}
