-- The newest pause or resume that concerns a provider, by its section's name
-- or its kind; in force from the moment of the INSERT.
SELECT {top :count} LOWER(LTRIM(RTRIM(command)))
  FROM {command}
 WHERE LOWER(LTRIM(RTRIM(command))) IN ('pause', 'resume')
   AND state <> 'failed'
   AND (argument IS NULL
        OR LOWER(LTRIM(RTRIM(argument))) IN ('', 'all', :section, :provider))
 ORDER BY command_id DESC
 {limit :count}
