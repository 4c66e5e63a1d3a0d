-- What waves and failover need, version 4.
ALTER TABLE {status} ADD request_tokens bigint NOT NULL DEFAULT 0;
GO
-- The limit of enqueued tokens that a refusal named.
ALTER TABLE {status} ADD token_limit bigint NOT NULL DEFAULT 0;
GO
-- The section of the settings that records without a result go to.
ALTER TABLE {status} ADD forward_to {unicode 64};
