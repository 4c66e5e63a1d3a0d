-- Records whose text another one has as well.
SELECT COUNT(*) - COUNT(DISTINCT text) FROM {source}
