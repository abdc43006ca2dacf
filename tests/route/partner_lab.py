"""partner_lab: a publisher, and a server that takes its lists, as two configurations in one folder.
Without Postfix: what arrives is the same code, whoever brings it."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from lab import DOMAIN, SOURCE

PARTNER = "kefir.example"
OTHER = "vedetas.example"
BENIGN = "text,expected\nla prueba prohibida de la semana,benign\n"
FOLDERS = ("partners", "inbox", "benign", "web", "pub", "pub/keys", "pub/lists")


class Publisher:
    """The other server: keys, a list, and the folder that its web server serves."""

    def __init__(self, root, program, name=PARTNER, make=True):
        self.root, self.program, self.name = root, program, name
        self.web = os.path.join(root, "web")
        self.conf = os.path.join(root, "pub.conf")
        self.list = os.path.join(root, "pub", "lists", "kefir.zl")
        if make:
            for part in ("web", "pub/keys", "pub/lists"):
                os.makedirs(os.path.join(root, part), exist_ok=True)
            with open(self.conf, "w") as f:
                f.write(f"hostname = mx.{name}\ndomain = {name}\nkey_folder = {root}/pub/keys\n"
                        f"list_folder = {root}/pub/lists\ndatabase = {root}/pub/none.db\n"
                        f"partner_folder = {root}/pub/partners\n")
            self.run("key", "init", "--publish", "--publisher", name, "--no-passphrase")
        self.key = self.read_key()

    def read_key(self):
        return re.search(r"RW[A-Za-z0-9+/=]{54}", self.run("key", "show")).group()

    def run(self, *words):
        done = subprocess.run([self.program, "-c", self.conf, *words], capture_output=True, text=True)
        if done.returncode:
            raise AssertionError(f"publisher: {' '.join(words)}: {done.stderr}{done.stdout}")
        return done.stdout

    def add(self, text, entry):
        self.run("list", "add", self.list, "re", text, "--cat", "threat", "--id", entry, "--yes",
                 text + " uno", "y " + text, "--no", "otra cosa", "nada de eso")

    def publish(self, *options):
        self.run("list", "publish", self.web, self.list, "--scope", "Threats our members received.",
                 "--appeals", f"apelaciones@{self.name}", *options)

    def list_id(self):
        with open(self.list) as f:
            return re.search(r"%list-id +([0-9a-f]+)", f.read()).group(1)

    def edit(self, change):
        """The list as its publisher writes it by hand."""
        with open(self.list) as f:
            text = f.read()
        with open(self.list, "w") as f:
            f.write(change(text))


class Site(unittest.TestCase):
    """A server whose partner has published one entry that was accepted."""

    template = None
    build = os.environ.get("ZAGUAN_BUILD", os.path.join(SOURCE, "build"))

    @classmethod
    def setUpClass(cls):
        cls.template = tempfile.mkdtemp(prefix="zaguan-partner-")
        cls.addClassCleanup(shutil.rmtree, cls.template, True)
        site = cls()
        site.open(cls.template)
        site.make()

    def setUp(self):
        root = tempfile.mkdtemp(prefix="zaguan-partner-")
        self.addCleanup(shutil.rmtree, root, True)
        shutil.copytree(self.template, root, dirs_exist_ok=True)
        for name in ("zaguan.conf", "pub.conf", f"partners/{PARTNER}/partner"):
            path = os.path.join(root, name)
            with open(path) as f:
                text = f.read().replace(self.template, root)
            with open(path, "w") as f:
                f.write(text)
        self.open(root)
        self.publisher = Publisher(root, self.zaguan_path, make=False)
        self.was_active = self.active()

    def open(self, root):
        self.root, self.conf = root, os.path.join(root, "zaguan.conf")
        self.zaguan_path = os.path.join(self.build, "bin", "zaguan")

    def make(self):
        for name in (*FOLDERS, "keys", "lists"):
            os.makedirs(os.path.join(self.root, name), exist_ok=True)
        with open(os.path.join(self.root, "benign", "a.csv"), "w") as f:
            f.write(BENIGN)
        with open(self.conf, "w") as f:
            f.write(f"domain = {DOMAIN}\nkey_folder = {self.root}/keys\nlist_folder = {self.root}/lists\n"
                    f"database = {self.root}/zaguan.db\npartner_folder = {self.root}/partners\n"
                    f"inbox_folder = {self.root}/inbox\nbenign_folder = {self.root}/benign\n")
        self.zaguan("key", "init")
        self.round()  # makes the database
        self.publisher = Publisher(self.root, self.zaguan_path)
        self.publisher.add("frase de prueba prohibida", "aaaa0001")
        self.publisher.publish()
        self.add_partner(self.publisher)
        self.take()
        self.zaguan("list", "accept", f"{PARTNER}/kefir")

    def zaguan(self, *words, check=True, text=None):
        done = subprocess.run([self.zaguan_path, "-c", self.conf, *words], capture_output=True,
                              text=True, errors="replace", input=text)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.stderr}{done.stdout}")
        return done

    def round(self):
        return subprocess.run([os.path.join(self.build, "bin", "zaguan-review"), "-c", self.conf,
                               "--once"], capture_output=True, text=True)

    def add_partner(self, publisher, **settings):
        self.zaguan("partner", "add", publisher.name, "--key", publisher.key, "--url",
                    "file://" + publisher.web, "--yes")
        for name, value in {"shadow-hours": "0", "shadow-messages": "0", "ceiling": "hold",
                            "hold-quorum": "1", **settings}.items():
            self.zaguan("partner", "set", publisher.name, name, value)

    def take(self, folder=None, publisher=None):
        publisher = publisher or self.publisher
        return self.zaguan("list", "import", "--partner", publisher.name, folder or publisher.web,
                           check=False)

    def other(self):
        """A second partner with a list of its own, not published yet."""
        return Publisher(os.path.join(self.root, "other-site"), self.zaguan_path, OTHER)

    def part(self, *names, partner=PARTNER):
        return os.path.join(self.root, "partners", partner, *names)

    def active(self, partner=PARTNER):
        folder = self.part("active", partner=partner)
        return {n: open(os.path.join(folder, n)).read() for n in os.listdir(folder)}

    def verdict(self, text="Una frase de prueba prohibida."):
        """What a mail with this text meets, of all lists that act: (action, hits)."""
        mail = ("From: nn@extrano.example\nTo: ana@coop.example\nSubject: x\n"
                f"Content-Type: text/plain; charset=utf-8\n\n{text}\n")
        done = self.zaguan("explain", "-", "--json", "--want", "all=hold", text=mail)
        answer = json.loads(done.stdout)
        return (answer["verdicts"][0]["action"],
                [(h.get("partner"), h["entry"]) for h in answer["hits"] if not h.get("shadow")])

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

    def accept(self, partner=PARTNER):
        self.zaguan("list", "accept", f"{partner}/kefir")

    def file(self, name):
        return os.path.join(self.publisher.web, name)

    def change(self, name, change):
        with open(self.file(name), "rb") as f:
            content = f.read()
        os.chmod(self.file(name), 0o644)
        with open(self.file(name), "wb") as f:
            f.write(change(content))
