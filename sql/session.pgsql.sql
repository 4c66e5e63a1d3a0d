-- What a connection begins with: no lock and no statement waits for ever,
-- times are UTC.
SET lock_timeout = {lock_ms};
SET statement_timeout = {statement_ms};
SET idle_in_transaction_session_timeout = 600000;
SET application_name = 'vitae';
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
