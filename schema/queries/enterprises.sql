-- Which enterprises are there: those with files, and those that a declaration names?
SELECT name FROM named_sources
WHERE kind IN ('cloud', 'sync-status', 'visual-studio', 'cost-centers')
UNION
SELECT value FROM declarations WHERE what = 'enterprise'
