-- Records that were given up.
SELECT COUNT(*)
  FROM {failures_view}
 WHERE state = 'dead'
