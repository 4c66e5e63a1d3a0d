#!/usr/bin/env python3
"""Uploads in parts, as OpenAI's uploads go; the official client's helper too.
"""
import hashlib
import importlib.util
import io
import os
import time

from serve import Fake, Serve, done, eq, lines, ok

CONTENT = lines(60).encode()


def begin(s, size=len(CONTENT), **more):
    body = {"filename": "in.jsonl", "purpose": "batch", "bytes": size,
            "mime_type": "application/jsonl"}
    body.update(more)
    return s.ask("POST", "/v1/uploads", body)


def add(s, upload, data, name="data"):
    body, kind = s.form(data, purpose=None)
    body = body.replace(b'name="file"', b'name="%s"' % name.encode())
    return s.ask("POST", "/v1/uploads/%s/parts" % upload, body,
                 {"Content-Type": kind})


def complete(s, upload, ids, **more):
    return s.ask("POST", "/v1/uploads/%s/complete" % upload,
                 dict(more, part_ids=ids))


def code(answer):
    return answer[0], answer[1].get("error", {}).get("code")


def left(s):
    return sorted(os.listdir(os.path.join(s.folder, "serve/uploads")))


def parts_become_a_file(s):
    status, u, _ = begin(s)
    eq((status, u["object"], u["status"], u["bytes"], u["filename"],
        u["purpose"], u["file"], u["expires_at"] - u["created_at"]),
       (200, "upload", "pending", len(CONTENT), "in.jsonl", "batch", None,
        3600), "an upload")
    # sent in another order than they are joined in
    status, second, _ = add(s, u["id"], CONTENT[1000:])
    eq((status, second["object"], second["upload_id"]),
       (200, "upload.part", u["id"]), "a part")
    first = add(s, u["id"], CONTENT[:1000])[1]
    order = [first["id"], second["id"]]
    eq(code(complete(s, u["id"], order[:1])), (400, "bytes_mismatch"),
       "a part that is missing")
    eq(code(complete(s, u["id"], order + ["part_none"])),
       (400, "part_not_found"), "a part that never was")
    eq(code(complete(s, u["id"], order, md5="0" * 32)),
       (400, "md5_mismatch"), "another md5")
    status, u, _ = complete(s, u["id"], order,
                            md5=hashlib.md5(CONTENT).hexdigest())
    eq((status, u["status"], u["file"]["object"], u["file"]["bytes"],
        u["file"]["purpose"]), (200, "completed", "file", len(CONTENT),
                                "batch"), "it is completed")
    eq(s.content(u["file"]["id"]), CONTENT, "its bytes are the parts'")
    eq(complete(s, u["id"], order)[1]["file"]["id"], u["file"]["id"],
       "completing it again gives the same file")
    eq(left(s), [u["id"] + ".json"], "the parts are gone")
    eq(code(add(s, u["id"], b"x")), (409, "invalid_status"),
       "nothing is added to it any more")
    b = s.wait(s.create(u["file"]["id"])[1]["id"])
    eq((b["status"], b["request_counts"]["completed"]), ("completed", 60),
       "a batch runs from it")


def an_upload_is_cancelled(s):
    u = begin(s)[1]
    add(s, u["id"], CONTENT[:500])
    status, got, _ = s.ask("POST", "/v1/uploads/%s/cancel" % u["id"])
    eq((status, got["status"], got["file"]), (200, "cancelled", None),
       "cancelled")
    eq([n for n in left(s) if n.startswith(u["id"])], [u["id"] + ".json"],
       "its parts are gone")
    eq(code(complete(s, u["id"], [])), (409, "invalid_status"),
       "it is never completed")


def what_is_wrong_is_refused(s):
    for more, want in (
            ({"purpose": "fine-tune"}, (400, "invalid_value")),
            ({"filename": "in.csv"}, (400, None)),
            ({"filename": ""}, (400, "missing_required_parameter")),
            ({"mime_type": None}, (400, "missing_required_parameter")),
            ({"bytes": 0}, (400, "invalid_value")),
            ({"bytes": None}, (400, "missing_required_parameter")),
            ({"bytes": 1 << 40}, (413, "file_too_large"))):
        eq(code(begin(s, **more)), want, "%r" % more)
    eq(code(s.ask("POST", "/v1/uploads", "x")), (400, "invalid_json"),
       "no JSON")
    eq(code(add(s, "upload_none", b"x")), (404, "not_found"), "unknown")
    eq(code(s.ask("POST", "/v1/uploads/..%2f..%2fx/cancel")),
       (404, "unknown_url"), "a path instead of an id")
    u = begin(s, size=10)[1]["id"]
    eq(code(add(s, u, b"x", name="other")),
       (400, "missing_required_parameter"), "a part without data")
    eq(code(s.ask("POST", "/v1/uploads/%s/complete" % u,
                  {"part_ids": [1]})), (400, "invalid_value"),
       "part_ids that are no ids")
    eq(code(s.ask("POST", "/v1/uploads/%s/complete" % u, {})),
       (400, "invalid_value"), "no part_ids")


def it_survives_a_kill(s):
    u = begin(s)[1]["id"]
    first = add(s, u, CONTENT[:700])[1]["id"]
    s.kill()
    with open(os.path.join(s.folder, "serve/uploads",
                           u + ".part_x.tmp"), "w") as f:
        f.write("half")
    s.start()
    eq(sum(n.startswith(u) for n in left(s)), 2,
       "after a kill the part is there, what was half written is not")
    second = add(s, u, CONTENT[700:])[1]["id"]
    got = complete(s, u, [first, second])[1]
    eq(s.content(got["file"]["id"]), CONTENT, "and the upload goes on")


def it_lapses(s):
    u = begin(s)[1]["id"]
    add(s, u, CONTENT[:700])
    s.kill()
    path = os.path.join(s.folder, "serve/uploads", u + ".json")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace('"created_at":%s' % text.split(
            '"created_at":')[1].split(",")[0],
            '"created_at":%d' % (time.time() - 3601)))
    s.start()
    eq([n for n in left(s) if n.startswith(u)], [],
       "after an hour nothing of it is left")


def keys_keep_their_own(fake):
    import tempfile
    with tempfile.NamedTemporaryFile("w") as keys:
        keys.write("a aaaaaaaaaaaaaaaaaaaa\nb bbbbbbbbbbbbbbbbbbbb\n")
        keys.flush()
        with Serve(fake.url, "--set", "serve.api_key_file=" + keys.name,
                   key="a" * 20) as s:
            u = begin(s)[1]["id"]
            part = add(s, u, CONTENT)[1]["id"]
            s.key = "b" * 20
            eq(code(add(s, u, b"x")), (404, "not_found"),
               "somebody else's upload is absent")
            eq(code(complete(s, u, [part])), (404, "not_found"),
               "and can't be completed")


def the_official_client_uploads(s):
    if importlib.util.find_spec("openai") is None:
        import harness
        harness.count += 1
        print("ok %d # SKIP the official client: not installed" %
              harness.count)
        return
    import openai
    client = openai.OpenAI(base_url=s.url, api_key="local")
    u = client.uploads.upload_file_chunked(
        file=CONTENT, filename="in.jsonl", bytes=len(CONTENT),
        mime_type="application/jsonl", purpose="batch", part_size=3000,
        md5=hashlib.md5(CONTENT).hexdigest())
    eq((u.status, u.file.bytes), ("completed", len(CONTENT)),
       "the client's helper")
    eq(client.files.content(u.file.id).read(), CONTENT, "its file")
    u = client.uploads.create(filename="x.jsonl", bytes=4, purpose="batch",
                              mime_type="application/jsonl")
    part = client.uploads.parts.create(u.id, data=io.BytesIO(b"abc\n"))
    ok(part.object == "upload.part", "a part by hand")
    eq(client.uploads.cancel(u.id).status, "cancelled", "cancelled by hand")


def main():
    with Fake() as fake:
        with Serve(fake.url) as s:
            parts_become_a_file(s)
            an_upload_is_cancelled(s)
            what_is_wrong_is_refused(s)
            it_survives_a_kill(s)
            it_lapses(s)
            the_official_client_uploads(s)
        keys_keep_their_own(fake)
    done()


main()
