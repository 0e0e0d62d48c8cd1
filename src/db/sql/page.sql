-- The next rows to embed, in key order. The keys stand qualified: bare, ORDER BY would mean their
-- texts in the output, and sort the table by them.
-- Parameters: $1 … the key to go on after, if any
-- Columns: the key's, the text
SELECT :key_texts, :input_text
  FROM :table :as_of
 WHERE :ref.:vector IS NULL AND :ref.:input IS NOT NULL :after :where
 ORDER BY :keys
 LIMIT :limit
