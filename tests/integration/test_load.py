#!/usr/bin/env python3
"""vitae load: files of each kind into the embedded database."""
import glob
import os
import shutil
import zipfile

import harness
from harness import Site, eq, ok

DOCX = ('<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats'
        '.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>Dorothea Docx,'
        ' Data Analyst</w:t></w:r></w:p></w:body></w:document>')


def write(site, name, data):
    path = site.path(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def texts(site):
    return [r[0] for r in site.sql("SELECT markdownResume FROM aicandidate"
                                   " ORDER BY userid")]


def files_of_each_kind():
    with Site() as site:
        site.init()
        write(site, "in/a.txt", "Anna Text\n")
        write(site, "in/b.md", "# Bert Markdown\n")
        write(site, "in/deep/c.txt", "Carla Deep\n")
        write(site, "in/.hidden.txt", "not this one\n")
        write(site, "in/photo.jpg", b"\xff\xd8")
        out = site.vitae("load", "in")
        eq(out.returncode, 0, "a folder loads %s" % out.stderr)
        eq(texts(site), ["Anna Text\n", "# Bert Markdown\n", "Carla Deep\n"],
           "what it holds, in order of names")
        write(site, "d.txt", "Dora Text\n")
        out = site.vitae("load", "in/photo.jpg", "d.txt", "no-such-file")
        eq(out.returncode, 1, "what can't be read is skipped: 1")
        ok("photo.jpg" in out.stderr and "no-such-file" in out.stderr,
           "and named: %s" % out.stderr)
        eq(len(texts(site)), 4, "the rest is loaded")
        write(site, "other-name.txt", "Dora Text\n")
        out = site.vitae("load", "in", "d.txt", "other-name.txt")
        ok("0 texts loaded, 5 there already" in out.stderr,
           "a text is loaded once, whatever its name: " + out.stderr)
        eq(len(texts(site)), 4, "no record is made twice")


def nothing_is_passed_over_in_silence():
    with Site() as site:
        site.init()
        write(site, "in/" + "d/" * 20 + "a.txt", "Dora Deep\n")
        write(site, "in/b.txt", "Bert Beside\n")
        out = site.vitae("load", "in")
        eq(out.returncode, 1, "a folder too deep in folders: 1")
        ok("d/d: too many folders in folders" in out.stderr,
           "it is named, with the reason: " + out.stderr)
        eq(texts(site), ["Bert Beside\n"], "the rest is loaded")


def csv_rows():
    with Site() as site:
        site.init()
        write(site, "c.csv", '\ufeffuserid;markdownResume\r\n7;"Ida\r\nCsv"\r\n'
                             '9;Otto\r\n11;\r\n')
        out = site.vitae("load", "c.csv")
        eq(out.returncode, 1, "a row without text is skipped")
        ok("row 4" in out.stderr, "and named by its number: " + out.stderr)
        eq(site.sql("SELECT userid, markdownResume FROM aicandidate ORDER BY"
                    " userid"), [(7, "Ida\r\nCsv"), (9, "Otto")],
           "ids and texts")
        site.sql("UPDATE aicandidate SET LastProcessed = '2026-01-01'")
        write(site, "c.csv", "userid,markdownResume\n7,Ida anew\n9,Otto\n")
        out = site.vitae("load", "c.csv")
        ok("1 texts loaded, 1 there already" in out.stderr, out.stderr)
        eq(site.sql("SELECT userid, LastProcessed IS NULL FROM aicandidate"
                    " ORDER BY userid"), [(7, 1), (9, 0)],
           "only the changed one waits again")
        write(site, "e.csv", "userid,markdownResume\n31,Carl\n31,Dora\n")
        out = site.vitae("load", "e.csv")
        ok(out.returncode == 1 and "row 3: its id" in out.stderr,
           "of two rows with one id the later is named: " + out.stderr)
        eq(site.sql("SELECT markdownResume FROM aicandidate WHERE userid ="
                    " 31"), [("Carl",)], "and the first stays")
        site.sql("DELETE FROM aicandidate WHERE userid = 31")
        write(site, "d.csv", "candidate,name,skills\n21,Eva,SQL\n")
        out = site.vitae("load", "d.csv", "--id", "candidate")
        eq(site.sql("SELECT markdownResume FROM aicandidate WHERE userid ="
                    " 21"), [("name: Eva\nskills: SQL",)],
           "without a text column the whole row is the text")
        out = site.vitae("load", "d.csv", "--text", "nosuch")
        ok("nosuch" in out.stderr and out.returncode == 1,
           "a column that isn't there is named: " + out.stderr)


def pdf_and_docx():
    with Site() as site:
        site.init()
        pdfs = sorted(glob.glob(os.path.join(
            os.environ["srcdir"], "tests/data/resumes/*/*.pdf")) + glob.glob(
                os.path.join(os.environ["srcdir"],
                             "tests/data/resumes/*/*/*.pdf")))
        if not shutil.which("pdftotext") or not pdfs:
            harness.skip("no pdftotext (Debian: poppler-utils)")
        else:
            shutil.copy(pdfs[0], site.path("p.pdf"))
            out = site.vitae("load", "p.pdf")
            eq(out.returncode, 0, "a PDF loads %s" % out.stderr)
            ok(len(texts(site)[0]) > 300, "its text is there")
            write(site, "broken.pdf", b"%PDF-1.4 nothing")
            eq(site.vitae("load", "broken.pdf").returncode, 1,
               "a broken one is skipped")
        with zipfile.ZipFile(site.path("d.docx"), "w") as z:
            z.writestr("[Content_Types].xml", "<Types/>")
            z.writestr("word/document.xml", DOCX)
        if not shutil.which("docx2txt"):
            out = site.vitae("load", "d.docx")
            ok("docx2txt" in out.stderr, "what is missing: " + out.stderr)
            harness.skip("no docx2txt (Debian: docx2txt)")
        else:
            out = site.vitae("load", "d.docx")
            eq(out.returncode, 0, "a DOCX loads %s" % out.stderr)
            ok("Dorothea Docx" in texts(site)[-1], "its text is there")


files_of_each_kind()
nothing_is_passed_over_in_silence()
csv_rows()
pdf_and_docx()
harness.done()
