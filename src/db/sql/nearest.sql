-- Rows nearest to a vector.
-- Parameters: $1 the vector, $2 most rows
-- Columns: distance, the key's, the selected ones
SELECT (:vector :operator $1:::type)::text AS distance, :columns
  FROM :table :as_of
 :where
 ORDER BY (:vector :operator $1:::type) :exact
 LIMIT $2::int8
