ALTER TABLE {source} {each source_columns ", "}ADD COLUMN {column} {type}{end};
