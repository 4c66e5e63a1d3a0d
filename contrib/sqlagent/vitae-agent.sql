-- vitae-agent.sql -- SQL Server Agent jobs for vitae, in pure T-SQL.
--
-- Agent on Linux runs no programs, and need not: a job inserts what it wants
-- into aicandidateBatchCommand, and a vitae worker (vitae --continuous under
-- systemd, or vitae --check-batch all from cron, on any host) does it once and
-- answers in the row.  A second job looks at vitae's views and raises an
-- error, which Agent notes, mails and repeats as you have set it up.
--
-- 1. Set the database (and the prefix or schema, if not the defaults) below.
-- 2. Run it as a member of sysadmin, or of SQLAgentOperatorRole with rights
--    to INSERT into aicandidateBatchCommand and SELECT from the views.
-- 3. Tell an operator: sp_update_job @job_name = N'vitae watch',
--    @notify_level_email = 2, @notify_email_operator_name = N'...'.
--
-- Running it again replaces the jobs.
USE msdb;
GO

DECLARE @database sysname = N'recruiting';
DECLARE @submit nvarchar(max) = N'
-- Not more than one of ours at a time waits for a worker.
IF NOT EXISTS (SELECT 1 FROM aicandidateBatchCommand
                WHERE command = ''submit'' AND state IN (''asked'', ''taken''))
    INSERT INTO aicandidateBatchCommand (command, argument, asked_by)
    VALUES (''submit'', N''500'', N''SQL Agent'');';
DECLARE @check nvarchar(max) = N'
IF NOT EXISTS (SELECT 1 FROM aicandidateBatchCommand
                WHERE command = ''check'' AND state IN (''asked'', ''taken''))
    INSERT INTO aicandidateBatchCommand (command, argument, asked_by)
    VALUES (''check'', N''all'', N''SQL Agent'');';
DECLARE @watch nvarchar(max) = N'
DECLARE @stuck int, @dead int, @waiting int, @text nvarchar(400);
SELECT @stuck = COUNT(*) FROM vitae_progress
 WHERE status = ''unknown'' OR hours_overdue > 1 OR hours_past_window > 1
    OR check_failures >= 3;
SELECT @dead = COUNT(*) FROM vitae_failures
 WHERE state = ''dead'' AND updated_at > DATEADD(day, -1, SYSUTCDATETIME());
SELECT @waiting = COUNT(*) FROM aicandidateBatchCommand
 WHERE state = ''asked''
   AND asked_at < DATEADD(hour, -1, SYSUTCDATETIME());
IF @stuck + @dead + @waiting > 0
BEGIN
    SET @text = N''vitae: '' + CAST(@stuck AS nvarchar(12))
        + N'' batches are stuck, '' + CAST(@dead AS nvarchar(12))
        + N'' records were given up since yesterday, ''
        + CAST(@waiting AS nvarchar(12))
        + N'' commands wait for a worker; see contrib/runbook.md'';
    RAISERROR (@text, 16, 1);
END;';

DECLARE @jobs TABLE (name sysname, step nvarchar(max), minutes int);
INSERT INTO @jobs VALUES (N'vitae submit', @submit, 60),
    (N'vitae check', @check, 30), (N'vitae watch', @watch, 15);

DECLARE @name sysname, @step nvarchar(max), @minutes int;
DECLARE job CURSOR LOCAL FAST_FORWARD FOR
    SELECT name, step, minutes FROM @jobs;
OPEN job;
FETCH NEXT FROM job INTO @name, @step, @minutes;
WHILE @@FETCH_STATUS = 0
BEGIN
    IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = @name)
        EXEC msdb.dbo.sp_delete_job @job_name = @name;
    EXEC msdb.dbo.sp_add_job @job_name = @name,
         @description = N'vitae: resumes become columns (contrib/sqlagent)';
    EXEC msdb.dbo.sp_add_jobstep @job_name = @name, @step_name = N'T-SQL',
         @subsystem = N'TSQL', @database_name = @database, @command = @step,
         @retry_attempts = 2, @retry_interval = 1;
    -- Every so many minutes.
    EXEC msdb.dbo.sp_add_jobschedule @job_name = @name, @name = @name,
         @freq_type = 4, @freq_interval = 1, @freq_subday_type = 4,
         @freq_subday_interval = @minutes;
    EXEC msdb.dbo.sp_add_jobserver @job_name = @name, @server_name = N'(local)';
    FETCH NEXT FROM job INTO @name, @step, @minutes;
END;
CLOSE job;
DEALLOCATE job;
GO
