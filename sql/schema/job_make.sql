-- job.db: a job of vitae run (job.h).  The job itself is one row; its records
-- are the source that batches are made of, in the input's order.
CREATE TABLE {job} (
    job_id           text NOT NULL PRIMARY KEY,
    name             text NOT NULL,
    status           text NOT NULL,    -- pending running completed failed
    model            text,
    provider         text,             -- its section in the settings
    base_url         text,
    profile          text NOT NULL,
    profile_hash     text NOT NULL,
    input            text NOT NULL,    -- absolute path
    input_bytes      bigint NOT NULL,
    input_hash       text NOT NULL,    -- SHA-256 of the file
    input_changed    double NOT NULL,  -- when it was, Unix seconds
    loaded           int NOT NULL,     -- 1: all records are in the table
    left_out         int NOT NULL,     -- of the input: could not be used
    total            int NOT NULL,
    completed        int NOT NULL,
    failed           int NOT NULL,
    seconds          double NOT NULL,  -- at work, over all runs
    created_at       text NOT NULL,
    started_at       text,
    completed_at     text,
    updated_at       text NOT NULL,
    options          text NOT NULL,    -- of the command line, JSON
    checksum         text NOT NULL     -- SHA-256 of all the fields above
);
CREATE TABLE {source} (
    position         integer NOT NULL PRIMARY KEY,
    id               text,
    custom_id        text NOT NULL,
    text             text,
    LastProcessed    datetime,
    response         text,
    tokens_in        int,
    tokens_out       int,
    duration         double,           -- seconds, NULL = not told
    success          int,              -- NULL = not yet
    error            text,
    answer_batch     text,             -- where its answer's line stands
    answer_file      int,              -- 1 output, 2 errors
    answer_at        bigint,
    answer_bytes     int
);
CREATE UNIQUE INDEX record_custom_id ON {source} (custom_id);
