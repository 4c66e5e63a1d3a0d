"""Shows what quickstart has done, and judges it.

    python3 quickstart_report.py DATABASE

Prints the filled columns of each resume and vitae's own tables.  Exit status
0 when each of the six records is done or has a reason, and four are done.
"""

import sqlite3
import sys

SHOWN = ("FirstName", "LastName", "Email", "City", "PrimaryTitle",
         "MostRecentCompany", "PrimarySoftwareLanguage")
NOT_FILLED = ("userid", "markdownResume", "datelastmodified", "LastProcessed")


def table(names, rows, width):
    """Prints rows in columns of at most that width."""
    cells = [[("" if v is None else str(v)).replace("\n", " ")[:width]
              for v in row] for row in rows]
    sizes = [max(len(r[i]) for r in cells + [list(names)])
             for i in range(len(names))]
    for row in [list(names)] + cells:
        print("  ".join(v.ljust(n) for v, n in zip(row, sizes)).rstrip())
    print()


def columns_of(db):
    rows = db.execute("SELECT * FROM aicandidate ORDER BY userid").fetchall()
    out = []
    for row in rows:
        filled = sum(1 for k in row.keys()
                     if k not in NOT_FILLED and row[k] not in (None, ""))
        out.append([row["userid"], filled] + [row[k] for k in SHOWN] +
                   [row["LastProcessed"]])
    return out


def outcomes_of(db):
    """The latest item of each record: state, reason."""
    return db.execute(
        "SELECT i.userid, i.state, COALESCE(i.error_code, '') AS reason,"
        " COALESCE(i.error_message, '') AS message, i.output_tokens, i.flags"
        " FROM aicandidateBatchItem i"
        " JOIN aicandidateBatchStatus s ON s.batch_key = i.batch_key"
        " WHERE i.updated_at = (SELECT MAX(o.updated_at)"
        "  FROM aicandidateBatchItem o WHERE o.userid = i.userid)"
        " ORDER BY CAST(i.userid AS INTEGER)").fetchall()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    db = sqlite3.connect(sys.argv[1])
    db.row_factory = sqlite3.Row
    print("aicandidate: the columns (of 70; some are shown)")
    table(("userid", "filled") + SHOWN + ("LastProcessed",),
          columns_of(db), 24)
    print("aicandidateBatchStatus")
    names = ("batch_key", "status", "model", "request_count", "done_count",
             "retry_count", "dead_count", "input_tokens", "output_tokens",
             "ended_at")
    table(names, db.execute("SELECT %s FROM aicandidateBatchStatus"
                            " ORDER BY created_at" % ", ".join(names)), 36)
    outcomes = outcomes_of(db)
    print("aicandidateBatchItem: flags tell what a resume does not say")
    table(("userid", "state", "reason", "tokens", "flags"),
          [(o["userid"], o["state"], o["reason"], o["output_tokens"],
            o["flags"]) for o in outcomes], 60)
    print("aicandidateBatchEvent")
    table(("at", "from", "to", "why"), db.execute(
        "SELECT at, from_status, to_status, detail FROM aicandidateBatchEvent"
        " ORDER BY at"), 60)
    done = sum(o["state"] == "done" for o in outcomes)
    stated = sum(o["state"] == "done" or o["reason"] != ""
                 for o in outcomes)
    print("%d of %d done, %d with a reason" %
          (done, len(outcomes), stated - done))
    return len(outcomes) == 6 and stated == 6 and done >= 4


sys.exit(0 if main() else 1)
