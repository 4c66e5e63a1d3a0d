#!/usr/bin/env python3
"""A full disk: uploads are refused with 507, batches wait and go on."""
import os

from serve import SHIM, Fake, Serve, done, eq, lines, ok


def main():
    with Fake("--set", "hold=30") as fake:
        s = Serve(fake.url, "--set", "runner.concurrency=2", start=False)
        full = os.path.join(s.folder, "full")
        with s:
            s.start(env={"LD_PRELOAD": SHIM, "SHIM_FULL": full})
            b = s.batch(lines(300))
            s.wait(b, lambda x: x["request_counts"]["completed"] == 30)
            open(full, "w").close()
            status, answer, _ = s.upload(lines(2000))
            eq((status, answer["error"]["code"]), (507, "disk_full"),
               "an upload")
            ok(set(answer["error"]) == {"message", "type", "param", "code"},
               "in OpenAI's shape")
            status, answer, _ = s.ask("POST", "/v1/uploads", {
                "filename": "a.jsonl", "purpose": "batch", "bytes": 10,
                "mime_type": "text/jsonl"})
            eq((status, answer["error"]["code"]), (507, "disk_full"),
               "an upload in parts")
            fake.script("set hold=-1")
            got = s.wait(b, lambda x: "waiting_for" in x["metadata"])
            eq((got["status"], "waiting_for" in got["metadata"]),
               ("in_progress", True), "a running batch waits")
            print("# " + got["metadata"].get("waiting_for", ""))
            was = fake.ledger()["chats"]
            part = s.content(b.replace("batch_", "batch_output_", 1))
            ok(part.endswith(b"}\n"), "what it has is whole lines")
            s.wait(b, lambda x: fake.ledger()["chats"] > was + 20, 5)
            ok(fake.ledger()["chats"] <= was + 20,
               "nothing is asked for answers that can't be kept: %d" %
               (fake.ledger()["chats"] - was))
            os.remove(full)
            got = s.wait(b)
            eq((got["status"], got["request_counts"]["completed"]),
               ("completed", 300), "with room it goes on by itself")
            eq(sorted(s.results(got["output_file_id"])),
               sorted("unified_%d" % i for i in range(300)),
               "each answer once")
            eq(s.upload(lines(5))[0], 200, "uploads work again")
            eq([n for n in s.files() if n.endswith(".tmp")], [],
               "nothing half written is left")
    done()


main()
