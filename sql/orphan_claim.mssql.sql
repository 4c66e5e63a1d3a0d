-- Records of a batch that only the provider knew, unless they were written or
-- claimed meanwhile.
INSERT INTO {claim} (userid, batch_key, claimed_at)
SELECT c.{key}, :batch, {now}
  FROM OPENJSON(:rows) WITH (u nvarchar(450) '$.u') j
  JOIN {source} c ON c.{key} = CAST(j.u AS {key_type})
 WHERE c.{processed} IS NULL
   AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = c.{key})
