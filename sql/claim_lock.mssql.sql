-- Claims queue here, for the claim only; released at the transaction's end.
-- A negative result (no lock in 30 s) becomes an error that is retried.
DECLARE @got int;
EXEC @got = sp_getapplock @Resource = :name, @LockMode = 'Exclusive',
     @LockOwner = 'Transaction', @LockTimeout = 30000;
IF @got < 0 RAISERROR ('no claim lock', 16, 1);
