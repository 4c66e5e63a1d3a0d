-- A load that was broken off begins anew.
DELETE FROM {source}
