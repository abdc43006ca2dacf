"""`zaguan setup` on a Postfix that somebody else configured: exact lines, kept neighbours, full undo."""

import os
import shutil
import subprocess
import tempfile
import unittest

from lab import SOURCE

MAIN = """compatibility_level = 3.6
myhostname = mx.coop.example
mydomain = coop.example
mydestination = localhost
virtual_mailbox_domains = coop.example
virtual_mailbox_maps = inline:{ana@coop.example=ana/}
transport_maps = inline:{lista.example=smtp:[127.0.0.1]}
smtpd_milters = inet:127.0.0.1:11332
mail_owner = postfix
setgid_group = postdrop
queue_directory = %s/spool
data_directory = %s/data
"""


class Setup(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="zaguan-setup-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        for name in ("etc", "spool", "data"):
            os.mkdir(os.path.join(self.folder, name))
        with open(os.path.join(self.folder, "etc", "main.cf"), "w") as f:
            f.write(MAIN % (self.folder, self.folder))
        shutil.copy("/usr/share/postfix/master.cf.dist", os.path.join(self.folder, "etc", "master.cf"))
        self.conf = os.path.join(self.folder, "zaguan.conf")
        with open(self.conf, "w") as f:
            f.write("hostname = mx.coop.example\ndomain = coop.example\n"
                    f"database = {self.folder}/z.db\nkey_folder = {self.folder}/keys\n"
                    f"list_folder = {self.folder}/lists\n")
        build = os.environ.get("ZAGUAN_BUILD", os.path.join(SOURCE, "build"))
        self.zaguan = os.path.join(build, "bin", "zaguan")
        self.env = {**os.environ, "MAIL_CONFIG": os.path.join(self.folder, "etc")}

    def run_setup(self, *words):
        done = subprocess.run([self.zaguan, "-c", self.conf, "setup", *words], env=self.env,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def postconf(self, *words):
        return subprocess.run(["postconf", *words], env=self.env, capture_output=True, text=True,
                              check=True).stdout

    def files(self):
        result = []
        for name in ("main.cf", "master.cf"):
            with open(os.path.join(self.folder, "etc", name)) as f:
                result.append(f.read())
        return result

    def test_dry_run_prints_the_lines_and_changes_nothing(self):
        before = self.files()
        lines = self.run_setup("--dry-run")
        self.assertEqual(self.files(), before)
        for line in ("zaguan-answer unix - n n - 4 pipe", "127.0.0.1:10026 inet n - n - - smtpd",
                     "-o smtpd_milters=\n", "inet:127.0.0.1:8891", "inet:127.0.0.1:11332",
                     "default_action=tempfail", "zaguan@coop.example", "recipient_delimiter = +",
                     "zaguan_policy = check_policy_service { inet:127.0.0.1:8892, default_action=DUNNO",
                     "smtpd_restriction_classes = zaguan_policy",
                     "smtpd_recipient_restrictions = zaguan_policy"):
            self.assertIn(line, lines)

    def test_a_submission_listener_with_restrictions_of_its_own_learns_too(self):
        before = self.postconf("-Mf")
        subprocess.run(["postconf", "-M", "submission/inet=submission inet n - y - - smtpd"],
                       env=self.env, check=True)
        subprocess.run(["postconf", "-P", "submission/inet/smtpd_recipient_restrictions="
                        "permit_sasl_authenticated,reject"], env=self.env, check=True)
        self.assertNotEqual(self.postconf("-Mf"), before)
        self.run_setup("--postfix-only")
        self.assertEqual(self.postconf("-Ph", "submission/inet/smtpd_recipient_restrictions").strip(),
                         "zaguan_policy,permit_sasl_authenticated,reject")
        self.run_setup("--undo")
        self.assertEqual(self.postconf("-Ph", "submission/inet/smtpd_recipient_restrictions").strip(),
                         "permit_sasl_authenticated,reject")

    def test_applied_twice_is_applied_once_and_undone_is_as_before(self):
        before = self.postconf("-n"), self.postconf("-Mf")
        self.run_setup("--postfix-only")
        self.assertIn("every line it needs", self.run_setup("--dry-run", "--postfix-only"))
        milters = self.postconf("-Pxh", "smtp/inet/smtpd_milters")
        self.assertLess(milters.index("11332"), milters.index("8891"))
        self.assertIn("zaguan-answer:", self.postconf("-h", "transport_maps"))
        self.assertIn("lista.example", self.postconf("-h", "transport_maps"))
        found = subprocess.run(["postmap", "-q", "zaguan@coop.example",
                                "inline:{{zaguan@coop.example = zaguan-answer:}}"],
                               env=self.env, capture_output=True, text=True).stdout
        self.assertEqual(found.strip(), "zaguan-answer:")
        self.run_setup("--postfix-only")
        self.run_setup("--undo")
        self.assertEqual((self.postconf("-n"), self.postconf("-Mf")), before)


if __name__ == "__main__":
    unittest.main()
