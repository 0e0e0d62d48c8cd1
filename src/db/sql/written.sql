-- Which rows hold the vector that was to be written: asked after an answer that never came.
-- Parameters: as in write.sql
-- Columns: ordinal
SELECT vz_batch.vz_ordinal
  FROM unnest(:arrays) AS vz_batch (:names, vz_vector, vz_hash, vz_ordinal)
  JOIN :table ON :match
 WHERE :ref.:vector :equals vz_batch.vz_vector:::type
