-- Claims queue here, for the claim only, so that workers neither lose picks
-- nor wait on each other's inserts; released at the transaction's end.
SELECT pg_advisory_xact_lock(hashtext(:name)::bigint)
