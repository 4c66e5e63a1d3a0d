-- Which upgrades of vitae's own tables were made.
CREATE TABLE {schema} (
    version          int NOT NULL PRIMARY KEY,
    applied_at       {time} NOT NULL
);
