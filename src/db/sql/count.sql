-- How far a table is.
-- Parameters: $1 the blank characters
-- Columns: rows, embedded, missing, NULL text, blank text, vectors of unusable texts
-- Shape: iiiiii
SELECT count(*),
       count(*) FILTER (WHERE has),
       count(*) FILTER (WHERE NOT has AND usable),
       count(*) FILTER (WHERE NOT has AND body IS NULL),
       count(*) FILTER (WHERE NOT has AND body IS NOT NULL AND NOT usable),
       count(*) FILTER (WHERE has AND NOT usable)
  FROM (SELECT has, body, body IS NOT NULL AND btrim(body, $1::text) <> '' AS usable
          FROM (SELECT :vector IS NOT NULL AS has, :input_text AS body
                  FROM :table
                 WHERE :where) AS texts) AS rows
