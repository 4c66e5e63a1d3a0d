-- vitae's own tables, version 1.  Times are UTC.  The user's own table is
-- never altered by these.

-- One row per batch at a provider.
CREATE TABLE {status} (
    batch_key        {ascii 36} NOT NULL PRIMARY KEY, -- ours: a UUIDv7
    batch_id         {ascii 255},      -- the provider's
    section          {unicode 64},     -- [provider NAME] that made it
    provider         {ascii 32},
    host             {ascii 255},      -- that the requests went to
    account          {ascii 64},       -- digest of the credential
    wave             {ascii 64},
    model            {unicode 128},
    profile          {unicode 128},
    profile_hash     {ascii 64},
    request_hash     {ascii 64},       -- of the request file
    status           {ascii 16} NOT NULL,
    provider_status  {ascii 64},       -- the provider's own word
    input_file_id    {ascii 255},
    output_file_id   {ascii 255},
    error_file_id    {ascii 255},
    request_count    int NOT NULL DEFAULT 0,
    completed_count  int NOT NULL DEFAULT 0, -- by the provider's count
    failed_count     int NOT NULL DEFAULT 0,
    done_count       int NOT NULL DEFAULT 0, -- by our own
    retry_count      int NOT NULL DEFAULT 0,
    dead_count       int NOT NULL DEFAULT 0,
    skipped_count    int NOT NULL DEFAULT 0,
    unknown_count    int NOT NULL DEFAULT 0, -- answers to nobody's question
    input_tokens     bigint NOT NULL DEFAULT 0,
    cached_tokens    bigint NOT NULL DEFAULT 0,
    output_tokens    bigint NOT NULL DEFAULT 0,
    estimated_cost   {money},
    actual_cost      {money},
    currency         {ascii 3},
    created_at       {time} NOT NULL,
    submitted_at     {time},
    window_ends_at   {time},
    last_checked_at  {time},
    next_check_at    {time},
    listed_at        {time},           -- a whole listing showed nothing
    ended_at         {time},
    collected_at     {time},
    create_tries     int NOT NULL DEFAULT 0,
    check_failures   int NOT NULL DEFAULT 0,
    worker           {unicode 128},    -- who holds it
    lease_until      {time},           -- by the database's clock
    fence            bigint NOT NULL DEFAULT 0, -- how often it was taken
    spool            {unicode 255},
    error_code       {ascii 64},
    error_message    {unicode 512}
);
CREATE INDEX {index_status_due} ON {status} (status, next_check_at);
CREATE INDEX {index_status_id} ON {status} (batch_id);

-- One row per record in a batch.  States: claimed, submitted, then done,
-- retry (back in the pool), dead (attempts used up) or skipped (no text).
CREATE TABLE {item} (
    batch_key        {ascii 36} NOT NULL,
    userid           {key_column} NOT NULL,
    custom_id        {unicode 80},
    line_number      int,
    state            {ascii 16} NOT NULL,
    attempt          int NOT NULL DEFAULT 0,
    text_hash        {ascii 64},
    source_changed   {changed_column},
    error_code       {ascii 64},
    error_message    {unicode 512},
    input_tokens     bigint,
    cached_tokens    bigint,
    output_tokens    bigint,
    flags            {long},
    evidence         {long},           -- where values were found
    updated_at       {time},
    PRIMARY KEY (batch_key, userid)
);
CREATE INDEX {index_item_user} ON {item} (userid, state);
CREATE INDEX {index_item_custom} ON {item} (batch_key, custom_id);
CREATE INDEX {index_item_state} ON {item} (batch_key, state);

-- Who works on a record: the primary key is what prevents doubles.
CREATE TABLE {claim} (
    userid           {key_column} NOT NULL PRIMARY KEY,
    batch_key        {ascii 36} NOT NULL,
    claimed_at       {time} NOT NULL
);
CREATE INDEX {index_claim_batch} ON {claim} (batch_key);

-- What a record held before a batch wrote it, for vitae undo.
CREATE TABLE {before} (
    batch_key        {ascii 36} NOT NULL,
    userid           {key_column} NOT NULL,
    old_values       {long},
    new_values       {long},
    written_at       {time} NOT NULL,
    PRIMARY KEY (batch_key, userid)
){long_rows};
CREATE INDEX {index_before_user} ON {before} (userid);
CREATE INDEX {index_before_time} ON {before} (written_at);

-- What happened to each batch; rows are only added.
CREATE TABLE {event} (
    event_id         {serial},
    batch_key        {ascii 36} NOT NULL,
    at               {time} NOT NULL,
    from_status      {ascii 16},
    to_status        {ascii 16},
    worker           {unicode 128},
    detail           {unicode 512}
);
CREATE INDEX {index_event_batch} ON {event} (batch_key, at);

-- What a DBA asks of the workers by INSERT.
CREATE TABLE {command} (
    command_id       {serial},
    command          {ascii 16} NOT NULL, -- submit check cancel pause resume
    argument         {unicode 255},
    asked_at         {time} NOT NULL DEFAULT ({now}),
    asked_by         {unicode 128},
    state            {ascii 16} NOT NULL DEFAULT 'asked',
    taken_at         {time},
    worker           {unicode 128},
    done_at          {time},
    answer           {unicode 512}
);
CREATE INDEX {index_command_state} ON {command} (state, command_id);
