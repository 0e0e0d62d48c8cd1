-- How far a schema change is.
-- Parameters: $1 job id
-- Columns: status, fraction, error
-- Shape: tFT
SELECT status, fraction_completed, error FROM [SHOW JOBS] WHERE job_id = $1::int8
--: postgres
SELECT 'unknown', NULL, NULL WHERE $1::text IS NULL
