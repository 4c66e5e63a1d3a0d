SELECT MAX(version)
  FROM {schema}
