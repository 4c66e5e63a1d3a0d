-- All texts, so that a file is not loaded twice.
SELECT {whole c.{text}} FROM {source} c WHERE c.{text} IS NOT NULL
