-- The running schema change that builds an index.
-- Parameters: $1 name of the index
-- Columns: job id
-- Shape: i
SELECT job_id
  FROM [SHOW JOBS]
 WHERE job_type IN ('SCHEMA CHANGE', 'NEW SCHEMA CHANGE')
   AND status IN ('pending', 'running', 'reverting', 'paused', 'pause-requested')
   AND strpos(description, $1::text) > 0 AND strpos(upper(description), 'INDEX') > 0
 ORDER BY created DESC
 LIMIT 1
--: postgres
SELECT NULL WHERE $1::text IS NULL
