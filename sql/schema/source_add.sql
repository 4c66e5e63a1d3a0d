ALTER TABLE {source} ADD {each source_columns ", "}{column} {type}{end};
