-- Not to be processed again by itself: that would pay again.
UPDATE {item}
   SET state = 'skipped', error_code = 'undone',
       error_message = 'undone; vitae retry sends it again',
       updated_at = {now}
 WHERE batch_key = :batch AND userid = CAST(:userid AS {key_type})
