-- How long ago something went on.
SELECT MIN({since at})
  FROM {event}
