-- Pauses and resumes in their order: who is paused follows from them.
SELECT LOWER(LTRIM(RTRIM(command))),
       COALESCE(LOWER(LTRIM(RTRIM(argument))), ''), {since asked_at}, asked_by
  FROM {command}
 WHERE LOWER(LTRIM(RTRIM(command))) IN ('pause', 'resume')
   AND state <> 'failed'
 ORDER BY command_id
