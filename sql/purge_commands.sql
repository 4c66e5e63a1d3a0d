-- What a DBA asked for, answered long ago.  Pauses and resumes stay: they
-- say who is paused.
DELETE FROM {command}
 WHERE state IN ('done', 'failed')
   AND LOWER(LTRIM(RTRIM(command))) NOT IN ('pause', 'resume')
   AND {since asked_at} > :seconds
