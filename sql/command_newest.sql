-- Has a DBA asked for something since?
SELECT COALESCE(MAX(command_id), 0)
  FROM {command}
