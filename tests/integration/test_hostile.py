#!/usr/bin/env python3
"""What strangers send: files that are no text, resumes beyond measure,
error messages of any alphabet.  One of them never stops the others."""
import json
import os
import stat

import harness
from harness import Fake, Site, eq, ok, resume

harness.needs_fake()


def a_file_that_is_no_text_stops_no_other():
    with Site() as site:
        site.init()
        for name, data in (("a.txt", b"\0\0\xff Anna \xc3 Text"),
                           ("b.txt", b"Bert Text"),
                           ("c.csv", b"userid,resume\n7,\xff Carla\n\xff,x\n")):
            with open(site.path(name), "wb") as f:
                f.write(data)
        out = site.vitae("load", "a.txt", "b.txt", "c.csv")
        eq(out.returncode, 1, "one row is skipped: 1 %s" % out.stderr[-200:])
        ok("row 3: no id in UTF-8" in out.stderr, "and named")
        eq(site.sql("SELECT userid, markdownResume FROM aicandidate ORDER BY"
                    " userid"),
           [(1, "\ufffd Anna \ufffd Text"), (2, "Bert Text"),
            (7, "\ufffd Carla")], "the others are there, repaired")
        mode = stat.S_IMODE(os.stat(site.path("vitae.db")).st_mode)
        eq(oct(mode & 0o077), "0o0", "nobody else may read the database")


def a_resume_beyond_measure_stops_no_other():
    with Fake() as fake, Site(fake) as site:
        filler = "\n" + "lorem ipsum " * (1 << 20)
        texts = {i: resume(i) + filler for i in range(1, 5)}
        texts[5] = "q " * (35 << 20)
        texts[6] = resume(6)
        site.init().fill(texts)
        out = site.vitae("--continuous", "--quiet")
        eq(out.returncode, 0, "a run ends with 0 %s" % out.stderr[-300:])
        items = site.items()
        eq(items[5][0][:2], ("skipped", "too_large"), "70 MB are passed over")
        eq([items[i][0][0] for i in (1, 2, 3, 4, 6)], ["done"] * 5,
           "four of 12 MB and an ordinary one are done")


def a_message_of_any_alphabet_is_kept():
    for extra in ("", "x"):
        with Fake() as fake, Site(fake) as site:
            site.init().fill({1: resume(1)})
            body = json.dumps({"error": {"message": extra + "\u00e9" * 200,
                                         "code": "\u00f6" * 30}},
                              ensure_ascii=False).replace('"', '\\"')
            fake.script('create@1 status=401 body="%s"' % body)
            out = site.vitae("--submit")
            eq(out.returncode, 5, "a refused key: 5")
            ok("the key is wrong" in out.stderr,
               "and the reason is the provider's: %s" % out.stderr[-300:])
            eq(site.statuses(), ["uploaded"], "it was clearly not taken")
            eq(site.vitae("--continuous", "--quiet").returncode, 0,
               "and goes out when the key is right")
            eq(fake.accepted(1), 1, "once")


def columns_of_other_types_take_what_fits():
    with Fake() as fake, Site(fake) as site:
        site.sql("CREATE TABLE aicandidate (userid INTEGER PRIMARY KEY,"
                 " markdownResume TEXT, LastName TEXT, City INTEGER,"
                 " YearsofExperience INTEGER, MostRecentCompany DATE,"
                 " datelastmodified TEXT, LastProcessed TEXT)")
        site.init().fill({1: resume(1)})
        out = site.vitae("--continuous", "--quiet")
        eq(out.returncode, 0, "a run ends with 0 %s" % out.stderr[-300:])
        row = site.sql("SELECT LastName, City, MostRecentCompany,"
                       " typeof(YearsofExperience) FROM aicandidate")[0]
        eq(row, ("Testerb", None, None, "integer"),
           "no text in a number or a date, whole years in an integer")
        ok("dropped:City" in site.items()[1][0][2], "flagged")


def names_may_hold_anything():
    keys = ["a b", "it's", 'q"q', "\u00fcn\u00ef", "", "x\\y", "{key}", ":key",
            "?", " lead", "trail ", "%s", "/../etc", "k" * 300, "1", "01"]
    table, key, text = '"T ""x"" \u00e4"', '"the.key"', '"my ""text"" [1]"'
    settings = ("source.table=" + table, "source.id_column=the.key",
                'source.text_column=my "text" [1]', "source.changed_column=")
    with Fake() as fake, Site(fake) as site:
        site.sql("CREATE TABLE %s (%s TEXT PRIMARY KEY, %s TEXT, LastName TEXT,"
                 " LastProcessed TEXT)" % (table, key, text))
        out = site.vitae("init", settings=settings)
        eq(out.returncode, 0, "tables and columns of odd names %s" % out.stderr)
        for i, name in enumerate(keys):
            site.sql("INSERT INTO %s VALUES (?, ?, NULL, NULL)" % table,
                     name, resume(i))
        out = site.vitae("--continuous", "--quiet", settings=settings)
        eq(out.returncode, 0, "a run ends with 0 %s" % out.stderr[-300:])
        eq(dict(site.sql("SELECT %s, LastName FROM %s" % (key, table))),
           {name: harness.last_name(i) for i, name in enumerate(keys)},
           "every odd key got its own values")


def a_broken_condition_is_named():
    with Site() as site:
        site.init()
        for where in ("broken (", "nix = 1"):
            out = site.vitae("status", settings=("source.where=" + where,))
            eq(out.returncode, 4, "source.where=%s: 4" % where)
            ok("source.where" in out.stderr, "and named: " + out.stderr)


names_may_hold_anything()
a_broken_condition_is_named()
a_file_that_is_no_text_stops_no_other()
columns_of_other_types_take_what_fits()
a_resume_beyond_measure_stops_no_other()
a_message_of_any_alphabet_is_kept()
harness.done()
