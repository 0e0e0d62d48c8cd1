-- Writes vectors to those rows that still have the text that was read and no vector.
-- Parameters: $1 … an array for each key column, then arrays of vectors, hashes, ordinals
-- Columns: ordinal of a row that was written
-- Shape: i
UPDATE :table
   SET :vector = :batch.vz_vector:::type
  FROM unnest(:arrays) AS :batch (:names, vz_vector, vz_hash, vz_ordinal)
 WHERE :match
   AND :ref.:vector IS NULL
   AND encode(sha256(convert_to(:input_text, 'UTF8')), 'hex') = :batch.vz_hash
RETURNING :batch.vz_ordinal
--: cockroach
UPDATE :table
   SET :vector = :batch.vz_vector:::type
  FROM unnest(:arrays) AS :batch (:names, vz_vector, vz_hash, vz_ordinal)
 WHERE :match
   AND :ref.:vector IS NULL
   AND sha256(:input_text) = :batch.vz_hash
RETURNING :batch.vz_ordinal
