-- Rows nearest to a vector.
-- Parameters: $1 the vector, $2 most rows
-- Columns: distance, the key's, the selected ones
SELECT (:vector :operator $1:::type)::text, :columns
  FROM :table :as_of
 WHERE :where
 ORDER BY :vector :operator $1:::type
 LIMIT $2::int8
