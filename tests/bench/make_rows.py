#!/usr/bin/env python3
"""Fill an SQLite file made by `vitae init` with N resumes of some 6 KB.

    make_rows.py vitae.db N [SEED]

Each resume states what it holds (known truth), and ends with a line
"@@answer {...}" that the fake provider of the tests gives back as the
model's answer: some 3 KB of JSON in the profile's schema.
"""
import json
import random
import sqlite3
import sys

import answer_shape

FIRST = "Ada Ben Chloe Dmitri Elif Farid Grace Hugo Ines Jun Kofi Lena".split()
LAST = ("Abel Baker Costa Dietz Evans Fabre Gupta Hansen Ivanov Jensen Kim "
        "Lopez Meyer Novak Okafor Patel Quinn Rossi Sato Tan").split()
COMPANY = ("Northwind Contoso Fabrikam Initech Globex Umbra Vandelay Hooli "
           "Acme Soylent Stark Wayne").split()
SUFFIX = ["Inc.", "LLC", "GmbH", "Ltd", "Group", "Systems"]
TITLE = ["Software Engineer", "Data Analyst", "Project Manager",
         "Systems Administrator", "QA Engineer", "Product Owner"]
CITY = ["Austin, TX", "Boston, MA", "Denver, CO", "Seattle, WA",
        "Chicago, IL", "Portland, OR"]
SKILL = ("Python SQL Java Linux Docker Kubernetes Excel Tableau Spark Kafka "
         "Git Jenkins Terraform Ansible React").split()
WORDS = ("led built designed improved maintained delivered automated tested "
         "migrated the a platform pipeline service report dashboard team "
         "with for and customers reducing cost time errors by using new "
         "existing legacy internal tools across regions").split()


def sentence(rng, n):
    return " ".join(rng.choice(WORDS) for _ in range(n)).capitalize() + "."


def person(rng, i):
    first, last = rng.choice(FIRST), rng.choice(LAST)
    jobs = []
    year = 2024
    for k in range(rng.randint(3, 7)):
        start = year - rng.randint(1, 3)
        jobs.append({
            "company": "%s %s" % (rng.choice(COMPANY), rng.choice(SUFFIX)),
            "title": rng.choice(TITLE),
            "location": rng.choice(CITY),
            "start": "%02d/%d" % (rng.randint(1, 12), start),
            "end": "Present" if k == 0 else "%02d/%d" % (rng.randint(1, 12),
                                                       year)})
        year = start
    return {"first": first, "last": last,
            "email": "%s.%s%d@example.com" % (first.lower(), last.lower(), i),
            "phone": "(555) %03d-%04d" % (i // 10000 % 1000, i % 10000),
            "city": rng.choice(CITY), "jobs": jobs,
            "skills": rng.sample(SKILL, 8),
            "specialty": sentence(rng, 12),
            "summary": sentence(rng, 120)}


def text(rng, p, answer):
    out = ["# %s %s" % (p["first"], p["last"]), "",
           "%s | %s | %s" % (p["email"], p["phone"], p["city"]), "",
           "## Summary", p["summary"], "", "## Experience"]
    for j in p["jobs"]:
        out += ["**%s**, %s, %s" % (j["title"], j["company"], j["location"]),
                "%s - %s" % (j["start"], j["end"])]
        out += ["- " + sentence(rng, 14) for _ in range(3)]
    out += ["", "## Skills", ", ".join(p["skills"]), ""]
    tail = "\n@@answer " + answer + "\n"
    body = "\n".join(out)
    while len(body) + len(tail) < 6000:
        body += "\n- " + sentence(rng, 14)
    return body + tail


def main():
    path, n = sys.argv[1], int(sys.argv[2])
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous = OFF")
    batch = []
    for i in range(1, n + 1):
        p = person(rng, i)
        answer = json.dumps(answer_shape.shape(p), ensure_ascii=False)
        batch.append((i, text(rng, p, answer)))
        if len(batch) == 5000 or i == n:
            db.executemany("INSERT INTO aicandidate (userid, markdownResume,"
                           " datelastmodified) VALUES (?, ?,"
                           " '2026-01-01 00:00:00')", batch)
            db.commit()
            batch = []
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


if __name__ == "__main__":
    main()
