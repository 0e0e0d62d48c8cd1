-- Which rows hold the vector that was to be written: asked after an answer that never came.
-- Parameters: as in write.sql
-- Columns: ordinal
-- Shape: i
SELECT :batch.vz_ordinal
  FROM unnest(:arrays) AS :batch (:names, vz_vector, vz_hash, vz_ordinal)
  JOIN :table ON :match
 WHERE :ref.:vector :equals :batch.vz_vector:::type
