-- The records themselves, where they have no table yet: made for the embedded
-- database, elsewhere only on request.
CREATE TABLE {source} (
    {key} {key_column} NOT NULL PRIMARY KEY,
    {text} {long},
    {changed} {datetime},
    {processed} {datetime}{each source_columns ""},
    {column} {type}{end}
);
