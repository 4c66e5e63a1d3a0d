-- The least rights for daily work (vitae init itself needs more).
GRANT SELECT, UPDATE ON {source} TO {user};
GRANT SELECT, INSERT, UPDATE ON {status} TO {user};
GRANT SELECT, INSERT, UPDATE, DELETE ON {item} TO {user};
GRANT SELECT, INSERT, UPDATE, DELETE ON {claim} TO {user};
GRANT SELECT, INSERT, UPDATE, DELETE ON {before} TO {user};
GRANT SELECT, INSERT, DELETE ON {event} TO {user};
GRANT SELECT, INSERT, UPDATE, DELETE ON {command} TO {user};
GRANT SELECT ON {schema} TO {user};
GRANT SELECT ON {progress_view} TO {user};
GRANT SELECT ON {failures_view} TO {user};
GRANT SELECT ON {cost_view} TO {user};
GRANT SELECT ON {backlog_view} TO {user};
GRANT SELECT ON {workers_view} TO {user};
