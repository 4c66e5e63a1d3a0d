-- What a connection begins with: vitae is a guest, so it is the deadlock
-- victim, waits for no lock for ever, leaves no transaction half done, and
-- gets long text whole.
SET DEADLOCK_PRIORITY LOW;
SET LOCK_TIMEOUT {lock_ms};
SET XACT_ABORT ON;
SET TEXTSIZE 2147483647;
SET ANSI_NULLS ON;
SET QUOTED_IDENTIFIER ON;
