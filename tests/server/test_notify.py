#!/usr/bin/env python3
"""Ends of batches are told: a signed webhook, an e-mail, each once."""
import base64
import hashlib
import hmac
import importlib.util
import json
import os
import tempfile
import time

from serve import PATIENCE, Fake, Serve, done, eq, lines, ok, until
from sinks import Hook, Post

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123").decode()


def hook_settings(hook, secret=SECRET):
    """Secrets come by the environment, never on a command line."""
    os.environ["VITAE_NOTIFY_WEBHOOK_SECRET"] = secret
    return ["--set", "notify.webhook=" + hook.url]


def mail_settings(post, to="hr@example.com, boss@example.com"):
    return ["--set", "notify.smtp=" + post.url, "--set",
            "notify.from=vitae@example.com", "--set", "notify.to=" + to]


def come(what, count):
    """How many have come, when it was time for one too many to come, too."""
    until(lambda: len(what) >= count)
    time.sleep(0.3)
    return len(what)


def signature(headers, body, key=b"0123456789abcdef0123"):
    text = "%s.%s." % (headers["webhook-id"], headers["webhook-timestamp"])
    mark = hmac.new(key, text.encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mark).decode()


def each_end_is_told_once(fake):
    with Hook() as hook, Post() as post, \
            Serve(fake.url, *hook_settings(hook), *mail_settings(post)) as s:
        b = s.wait(s.batch(lines(5)))
        eq((come(hook.calls, 1), come(post.mails, 1)), (1, 1), "told once")
        path, headers, body = hook.calls[0]
        headers = {k.lower(): v for k, v in headers.items()}
        event = json.loads(body)
        eq((path, event["object"], event["type"], event["data"]["id"],
            event["created_at"]),
           ("/hook", "event", "batch.completed", b["id"], b["completed_at"]),
           "the event")
        eq(event["data"]["request_counts"],
           {"total": 5, "completed": 5, "failed": 0}, "with counts")
        eq((headers["webhook-id"], headers["content-type"]),
           (event["id"], "application/json"), "its headers")
        ok(abs(int(headers["webhook-timestamp"]) - time.time()) < 2 * PATIENCE,
           "the time")
        eq(headers["webhook-signature"], signature(headers, body),
           "the signature")
        the_official_client_checks_it(headers, body)
        sender, to, mail = post.mails[0]
        eq((sender.split(":")[1].split()[0], len(to)),
           ("<vitae@example.com>", 2), "the e-mail's sender and who gets it")
        head, text = mail.split("\r\n\r\n", 1)
        ok("Subject: vitae: %s completed, 5 of 5 answered" % b["id"] in head
           and "Message-ID: <%s@example.com>" % event["id"] in head
           and "Date: " in head, "its head")
        ok("Answered:       5" in text and b["output_file_id"] in text,
           "its text")
        ok("Be short" not in mail and b"Be short" not in body,
           "nothing of the requests is in either")
        s.stop()
        s.start()
        time.sleep(1.5)
        eq((len(hook.calls), len(post.mails)), (1, 1),
           "not again after a restart")
        b = s.wait(s.batch("no JSON\n"))
        come(hook.calls, 2)
        eq(json.loads(hook.calls[-1][2])["type"], "batch.failed",
           "failures are told too")


def the_official_client_checks_it(headers, body):
    if importlib.util.find_spec("openai") is None:
        import harness
        harness.count += 1
        print("ok %d # SKIP the official client: not installed" %
              harness.count)
        return
    import openai
    client = openai.OpenAI(api_key="x", webhook_secret=SECRET)
    event = client.webhooks.unwrap(body.decode(), headers)
    eq((event.type, event.data.id), ("batch.completed",
                                     json.loads(body)["data"]["id"]),
       "the official client unwraps it")
    try:
        client.webhooks.unwrap(body.decode() + " ", headers)
        ok(False, "and refuses a changed one")
    except openai.InvalidWebhookSignatureError:
        ok(True, "and refuses a changed one")


def what_fails_is_tried_again(fake):
    with Hook([500, 302]) as hook, Post(["451 later"]) as post, \
            Serve(fake.url, *hook_settings(hook, "a plain secret of 20"),
                  *mail_settings(post)) as s:
        b = s.wait(s.batch(lines(2)))
        eq(b["status"], "completed", "a sink that fails harms no batch")
        come(post.mails, 1)
        eq(len(post.mails), 1, "the e-mail comes at the second try")
        come(hook.calls, 2)
        ids = {c[1]["webhook-id"] for c in hook.calls}
        eq((len(ids), {c[0] for c in hook.calls}), (1, {"/hook"}),
           "the webhook is tried again with the same id, redirects are not "
           "followed")
        headers = {k.lower(): v for k, v in hook.calls[0][1].items()}
        eq(headers["webhook-signature"],
           signature(headers, hook.calls[0][2], b"a plain secret of 20"),
           "signed with a secret of plain text")


def a_kill_loses_none(fake):
    with Hook([503] * 1000) as hook, Serve(fake.url, *hook_settings(hook)) as s:
        s.wait(s.batch(lines(2)))
        come(hook.calls, 1)
        s.kill()
        hook.statuses.clear()
        was = len(hook.calls)
        s.start()
        ok(come(hook.calls, was + 1) > was,
           "what wasn't told before a kill is told after it")


def a_program_is_run(fake):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "told")
        with open(path, "w") as f:
            # The first try fails; what it was told is kept by the second.
            f.write("#!/bin/sh\ncd %s\n[ -e once ] || { : >once; exit 7; }\n"
                    "cat >event.part\necho \"$1\" >type\n"
                    "ls /proc/self/fd >files 2>&1\nenv >env\n"
                    "mv event.part event\n" % folder)
        os.chmod(path, 0o700)
        event = os.path.join(folder, "event")
        os.environ["VITAE_NOTIFY_WEBHOOK_SECRET"] = SECRET
        with Serve(fake.url, "--set", "notify.command=" + path) as s:
            b = s.wait(s.batch(lines(3)))
            until(lambda: os.path.exists(event))
            told = json.load(open(event))
            eq((told["type"], told["data"]["id"], told["object"]),
               ("batch.completed", b["id"], "event"),
               "a program gets the event, when its first try has failed")
            eq(open(os.path.join(folder, "type")).read(), "batch.completed\n",
               "and its type")
            held = open(os.path.join(folder, "env")).read()
            ok("PATH=" in held and SECRET not in held,
               "and a way to programs, but no secret")
            if os.path.exists("/proc/self/fd"):
                held = open(os.path.join(folder, "files")).read().split()
                # The last is of that folder, as ls reads it.
                eq(set(held) - {"0", "1", "2", "3"}, set(),
                   "and none of our files or sockets")


def sinks_that_are_away_harm_nobody(fake):
    os.environ["VITAE_NOTIFY_WEBHOOK_SECRET"] = SECRET
    with Serve(fake.url, "--set", "notify.webhook=http://127.0.0.1:1/x") as s:
        b = s.wait(s.batch(lines(2)))
        eq(b["status"], "completed", "nobody listens: the batch ends")
        eq(s.stop(), 0, "and the server")


def settings_are_checked(fake):
    del os.environ["VITAE_NOTIFY_WEBHOOK_SECRET"]
    for settings, why in (
            (["notify.webhook=http://127.0.0.1/x"], "no secret"),
            (["notify.webhook=ftp://x/"], "no web address"),
            (["notify.smtp=smtp://x"], "no sender"),
            (["notify.smtp=smtp://x", "notify.from=a@b", "notify.to=x"],
             "no recipient"),
            (["notify.smtp=http://x", "notify.from=a@b", "notify.to=a@b"],
             "no mail server"),
            (["notify.command=true"], "no absolute path"),
            (["notify.command=/no/such/program"], "no program")):
        args = [x for one in settings for x in ("--set", one)]
        with Serve(fake.url, *args) as s:
            eq(s.url, "", "refused: " + why)


def main():
    with Fake() as fake:
        each_end_is_told_once(fake)
        what_fails_is_tried_again(fake)
        a_kill_loses_none(fake)
        a_program_is_run(fake)
        sinks_that_are_away_harm_nobody(fake)
        settings_are_checked(fake)
    done()


main()
