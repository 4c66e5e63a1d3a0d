{each source_columns ""}ALTER TABLE {source} ADD COLUMN {column} {type};
{end}
