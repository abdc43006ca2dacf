"""Lists of a partner: published, fetched over HTTP, tried, accepted, holding, retracted, offered
again; and what a thief, a broken web server or a lying publisher sends is refused with a reason."""

import functools
import gzip
import http.server
import os
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

from lab import DOMAIN, SOURCE, Lab, wait_until
from mails import ANA, STRANGER, held_mail

PARTNER = "kefir.example"
BENIGN = "text,expected\nla prueba prohibida de la semana,benign\n"
FOLDERS = ("partners", "inbox", "benign", "web", "pub", "pub/keys", "pub/lists")


class WebServer(http.server.SimpleHTTPRequestHandler):
    """A static server with ETag and Range, as any host has; remembers what was asked."""
    asked = []
    breaks_after = None

    def log_message(self, *words):
        pass

    def do_GET(self):
        path = self.translate_path(self.path)
        type(self).asked.append((self.path, self.headers.get("If-None-Match"),
                                 self.headers.get("Range")))
        if not os.path.isfile(path):
            self.send_error(404)
            return
        with open(path, "rb") as f:
            content = f.read()
        tag = '"%x-%x"' % (os.stat(path).st_mtime_ns, len(content))
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.end_headers()
            return
        start = 0
        found = re.match(r"bytes=(\d+)-$", self.headers.get("Range") or "")
        if found:
            start = int(found.group(1))
        self.send_response(206 if found else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        if type(self).breaks_after and self.path.endswith((".zl", ".zl.gz")):
            body = body[:type(self).breaks_after]
            type(self).breaks_after = None
        self.wfile.write(body)


class Publisher:
    """The other server: keys, a list, and the folder that its web server serves."""

    def __init__(self, root, program):
        self.root, self.program, self.web = root, program, os.path.join(root, "web")
        self.conf = os.path.join(root, "pub.conf")
        with open(self.conf, "w") as f:
            f.write(f"hostname = mx.{PARTNER}\ndomain = {PARTNER}\nkey_folder = {root}/pub/keys\n"
                    f"list_folder = {root}/pub/lists\ndatabase = {root}/pub/none.db\n")
        self.list = os.path.join(root, "pub", "lists", "kefir.zl")
        self.run("key", "init", "--publish", "--publisher", PARTNER, "--no-passphrase")
        self.key = re.search(r"RW[A-Za-z0-9+/=]{54}", self.run("key", "show")).group()

    def run(self, *words):
        done = subprocess.run([self.program, "-c", self.conf, *words], capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(f"publisher: {' '.join(words)}: {done.stderr}{done.stdout}")
        return done.stdout

    def add(self, text, entry):
        self.run("list", "add", self.list, "re", text, "--cat", "threat", "--id", entry, "--yes",
                 text + " uno", "y " + text, "--no", "otra cosa", "nada de eso")

    def publish(self):
        self.run("list", "publish", self.web, self.list, "--scope", "Threats our members received.",
                 "--appeals", f"apelaciones@{PARTNER}")


class PartnerLab(Lab):
    def write_zaguan(self):
        for name in FOLDERS:
            os.makedirs(self.path(name), exist_ok=True)
        with open(self.path("benign", "a.csv"), "w") as f:
            f.write(BENIGN)
        self.extra_settings = "".join(
            f"{name}_folder = {self.path(part)}\n"
            for name, part in (("partner", "partners"), ("inbox", "inbox"), ("benign", "benign")))
        super().write_zaguan()
        for name in ("partners", "inbox", "benign"):
            self.own(self.path(name))

    def add_partner(self, key, url):
        self.zaguan("partner", "add", PARTNER, "--key", key, "--url", url, "--yes")
        for name, value in (("ceiling", "hold"), ("hold-quorum", "1"), ("shadow-hours", "0"),
                            ("shadow-messages", "0"), ("max-hits-per-10000", "10000")):
            self.zaguan("partner", "set", PARTNER, name, value)


class Route(unittest.TestCase):
    def test_a_list_arrives_holds_and_is_withdrawn(self):
        lab = PartnerLab()
        with lab:
            publisher = Publisher(lab.root, lab.path("bin", "zaguan"))
            handler = functools.partial(WebServer, directory=publisher.web)
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)
            lab.member(ANA)
            publisher.add("frase de prueba prohibida", "aaaa0001")
            publisher.publish()
            lab.add_partner(publisher.key, f"http://127.0.0.1:{server.server_port}")

            WebServer.breaks_after = 100  # the line breaks off within the list: Range goes on
            done = lab.zaguan("partner", "fetch", PARTNER, check=False)
            self.assertNotEqual(done.returncode, 0, done.stderr)
            lab.zaguan("partner", "fetch", PARTNER)
            self.assertTrue(any(r for _, _, r in WebServer.asked), "the rest was asked for")
            lab.zaguan("partner", "fetch", PARTNER)
            self.assertTrue(any(e for p, e, _ in WebServer.asked if "head" in p), "ETag was sent")
            report = lab.wait_for_mail(f"admin@{DOMAIN}")[-1].decode()
            self.assertIn("It waits for you", report)

            # In shadow: counted, of no effect.
            wait_until(lambda: lab.log("milter").count("lists-loaded") >= 2, what="the trial")
            before = lab.settle(ANA)
            lab.send(held_mail(), "nn@extrano.example", [ANA], **STRANGER)
            lab.wait_for_mail(ANA, before + 1)
            self.assertEqual(lab.held(), [])
            self.assertIn("+ aaaa0001", lab.zaguan("list", "diff", f"{PARTNER}/kefir"))

            lab.zaguan("list", "accept", f"{PARTNER}/kefir")
            wait_until(lambda: lab.log("milter").count("lists-loaded") >= 3, what="the new lists")
            lab.send(held_mail(), "nn@extrano.example", [ANA], **STRANGER)
            wait_until(lambda: len(lab.held()) == 1, what="the hold")
            lab.zaguan("digest", "--member", ANA)
            digest = self.plain(lab.wait_for_mail(ANA, before + 2)[-1])
            self.assertIn(f"kefir, de {PARTNER}", digest)

            # The publisher takes it back: the entry stops acting, and she is offered the mail.
            told = lab.settle(ANA)
            loads = lab.log("milter").count("lists-loaded")
            publisher.run("list", "retract", publisher.list, "aaaa0001", "--why", "bad-pattern")
            publisher.publish()
            lab.zaguan("partner", "fetch", PARTNER)
            notice = lab.wait_for_mail(ANA, told + 1, seconds=30)[-1]
            self.assertIn("soltar todo", self.plain(notice))
            lab.answer(notice, "soltar todo")
            lab.wait_for_mail(ANA, told + 2, seconds=30)
            wait_until(lambda: lab.held() == [], what="the release")
            wait_until(lambda: lab.log("milter").count("lists-loaded") > loads, what="the reload")
            before = lab.settle(ANA)
            lab.send(held_mail(), "nn@extrano.example", [ANA], **STRANGER)
            lab.wait_for_mail(ANA, before + 1)

    @staticmethod
    def plain(mail):
        import email
        message = email.message_from_bytes(mail)
        part = message.get_payload(0) if message.is_multipart() else message
        return part.get_payload(decode=True).decode()


class Attacks(unittest.TestCase):
    """Through `zaguan list import`, which is the same code as what the fetcher brings."""

    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="zaguan-partner-")
        self.addCleanup(shutil.rmtree, self.root, True)
        build = os.environ.get("ZAGUAN_BUILD", os.path.join(SOURCE, "build"))
        self.zaguan_path = os.path.join(build, "bin", "zaguan")
        for name in (*FOLDERS, "keys", "lists"):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)
        with open(os.path.join(self.root, "benign", "a.csv"), "w") as f:
            f.write(BENIGN)
        self.conf = os.path.join(self.root, "zaguan.conf")
        with open(self.conf, "w") as f:
            f.write(f"domain = {DOMAIN}\nkey_folder = {self.root}/keys\nlist_folder = {self.root}/lists\n"
                    f"database = {self.root}/zaguan.db\npartner_folder = {self.root}/partners\n"
                    f"inbox_folder = {self.root}/inbox\nbenign_folder = {self.root}/benign\n")
        self.run_zaguan("key", "init")
        subprocess.run([os.path.join(build, "bin", "zaguan-review"), "-c", self.conf, "--once"],
                       capture_output=True)  # makes the database
        self.publisher = Publisher(self.root, self.zaguan_path)
        self.publisher.add("frase de prueba prohibida", "aaaa0001")
        self.publisher.publish()
        self.run_zaguan("partner", "add", PARTNER, "--key", self.publisher.key, "--url",
                        "file://" + self.publisher.web, "--yes")
        for name in ("shadow-hours", "shadow-messages"):
            self.run_zaguan("partner", "set", PARTNER, name, "0")
        self.take()
        self.run_zaguan("list", "accept", f"{PARTNER}/kefir")
        self.was_active = self.active()

    def run_zaguan(self, *words, check=True):
        done = subprocess.run([self.zaguan_path, "-c", self.conf, *words], capture_output=True,
                              text=True, errors="replace")
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.stderr}{done.stdout}")
        return done

    def take(self, folder=None):
        return self.run_zaguan("list", "import", "--partner", PARTNER, folder or self.publisher.web,
                               check=False)

    def active(self):
        folder = os.path.join(self.root, "partners", PARTNER, "active")
        return {n: open(os.path.join(folder, n)).read() for n in os.listdir(folder)}

    def refused(self, *words, folder=None):
        done = self.take(folder)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("Refused", done.stdout)
        for word in words:
            self.assertIn(word, done.stdout)
        self.assertEqual(self.active(), self.was_active, "what is active stays")

    def next_number(self, text="segunda frase de prueba", entry="aaaa0002"):
        self.publisher.add(text, entry)
        self.publisher.publish()

    def file(self, name):
        return os.path.join(self.publisher.web, name)

    def change(self, name, change):
        with open(self.file(name), "rb") as f:
            content = f.read()
        os.chmod(self.file(name), 0o644)
        with open(self.file(name), "wb") as f:
            f.write(change(content))

    def test_1_a_web_host_that_adds_an_entry(self):
        self.next_number()
        self.change("lists/kefir.2.zl", lambda c: c.replace(b"segunda", b"tercera"))
        self.refused("its hash differs")

    def test_1_a_web_host_that_changes_the_head_too(self):
        self.next_number()
        self.change("head.zh", lambda c: c.replace(b" kefir 2 ", b" kefir 3 "))
        self.refused("head.zh")

    def test_2_a_replay_of_an_older_list(self):
        old = os.path.join(self.root, "old")
        shutil.copytree(self.publisher.web, old)
        self.next_number()
        self.take()
        self.was_active = self.active()
        self.refused("older", "replayed", folder=old)

    def test_4_a_mix_of_files(self):
        self.next_number()
        shutil.copy(self.file("lists/kefir.1.zl"), self.file("lists/kefir.2.zl"))
        shutil.copy(self.file("lists/kefir.1.zl.minisig"), self.file("lists/kefir.2.zl.minisig"))
        self.refused("the head says")

    def test_5_a_stolen_key_that_changes_much_at_once_waits(self):
        for i in range(3):
            self.publisher.add(f"frase de prueba numero {'abc'[i]}", f"bbbb000{i}")
        self.run_zaguan("partner", "set", PARTNER, "review", "none")
        self.publisher.publish()
        done = self.take()
        self.assertIn("mass-change brake", done.stdout)
        self.assertEqual(self.active(), self.was_active)

    def test_9_an_entry_that_hits_benign_texts_is_parked_alone(self):
        self.publisher.add("la prueba prohibida", "cccc0001")
        self.next_number()
        done = self.take()
        self.assertIn("Parked cccc0001: it matches a benign text of a.csv", done.stdout)
        self.run_zaguan("list", "accept", f"{PARTNER}/kefir")
        text = "".join(self.active().values())
        self.assertNotIn("cccc0001", text)
        self.assertIn("aaaa0002", text)

    def test_10_a_zip_bomb(self):
        self.next_number()
        os.unlink(self.file("lists/kefir.2.zl"))
        with open(self.file("lists/kefir.2.zl.gz"), "wb") as f:
            f.write(gzip.compress(b"\n" * (64 << 20)))
        self.refused("unpacks to more than")

    def test_a_packed_list_is_taken(self):
        self.next_number()
        with open(self.file("lists/kefir.2.zl"), "rb") as f:
            packed = gzip.compress(f.read())
        os.unlink(self.file("lists/kefir.2.zl"))
        with open(self.file("lists/kefir.2.zl.gz"), "wb") as f:
            f.write(packed)
        self.assertIn("0002", self.take().stdout)

    def test_18_two_lists_under_one_number(self):
        other = os.path.join(self.root, "other")
        shutil.copytree(os.path.join(self.root, "pub"), other)
        shutil.copytree(self.publisher.web, other + "-web")
        self.next_number()
        self.take()
        self.was_active = self.active()
        shutil.rmtree(os.path.join(self.root, "pub"))
        shutil.rmtree(self.publisher.web)
        shutil.move(other, os.path.join(self.root, "pub"))
        shutil.move(other + "-web", self.publisher.web)
        self.next_number("una frase muy distinta", "dddd0001")
        self.refused("equivocation")

    def test_19_cut_and_foreign_and_empty_files(self):
        for name, change in (("cut", lambda c: c[:-40]), ("empty", lambda c: b""),
                             ("not UTF-8", lambda c: c.replace(b"segunda", b"segund\xff")),
                             ("bidi", lambda c: c.replace(b"segunda", "s\u202eunda".encode()))):
            with self.subTest(name):
                self.setUp()
                self.next_number()
                self.change("lists/kefir.2.zl", change)
                self.refused("kefir")

    def test_a_list_signed_by_somebody_else(self):
        self.next_number()
        thief = os.path.join(self.root, "thief")
        os.makedirs(os.path.join(thief, "pub", "keys"))
        os.makedirs(os.path.join(thief, "pub", "lists"))
        os.makedirs(os.path.join(thief, "web"))
        other = Publisher(thief, self.zaguan_path)
        other.add("frase de prueba robada", "eeee0001")
        other.publish()
        self.refused("root.zr", folder=other.web)

    def test_undo_brings_back_what_acted_before(self):
        self.next_number()
        self.take()
        self.run_zaguan("list", "accept", f"{PARTNER}/kefir")
        self.assertIn("aaaa0002", "".join(self.active().values()))
        self.run_zaguan("list", "accept", "--undo", f"{PARTNER}/kefir")
        self.assertEqual(self.active(), self.was_active)

    def test_a_dead_web_server_leaves_all_as_it_is(self):
        self.run_zaguan("partner", "set", PARTNER, "url", "http://127.0.0.1:9")
        done = self.run_zaguan("partner", "fetch", PARTNER, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.active(), self.was_active)


if __name__ == "__main__":
    unittest.main()
