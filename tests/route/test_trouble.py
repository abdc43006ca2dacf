"""When a part fails: mail is delivered, held, or still with the sender's server. Never lost."""

import os
import signal
import smtplib
import sqlite3
import subprocess
import time
import unittest

from lab import Lab, wait_until
from mails import ANA, LIST, LUZ, STRANGER, held_mail, mail, only_trace


class Trouble(unittest.TestCase):
    def setUp(self):
        self.lab = Lab()
        self.lab.start()
        self.addCleanup(self.lab.stop)
        self.lab.add_list("route.zl", LIST)
        self.lab.member(ANA)

    def send_held(self):
        """None when taken, else the SMTP code."""
        try:
            self.lab.send(held_mail(), "nn@extrano.example", [ANA], **STRANGER)
            return None
        except smtplib.SMTPResponseException as error:
            return error.smtp_code
        except smtplib.SMTPRecipientsRefused as error:
            return list(error.recipients.values())[0][0]

    def assert_temporary(self, code):
        self.assertIsNotNone(code, "taken although it could not be stored")
        self.assertTrue(400 <= code < 500, code)

    def restart_milter(self):
        self.lab.stop_process("milter")
        self.lab.start_milter()

    def test_a_read_only_database_is_a_temporary_failure(self):
        files = [self.lab.path("db", n) for n in os.listdir(self.lab.path("db"))]
        self.lab.stop_process("review")
        self.lab.stop_process("milter")
        for name in files + [self.lab.path("db")]:
            if os.path.exists(name):
                os.chmod(name, 0o555 if os.path.isdir(name) else 0o444)
        self.lab.start_milter()
        self.assert_temporary(self.send_held())
        for name in files + [self.lab.path("db")]:
            if os.path.exists(name):
                os.chmod(name, 0o755 if os.path.isdir(name) else 0o644)
        self.restart_milter()
        self.assertIsNone(self.send_held())
        self.assertEqual(len(self.lab.held()), 1)

    def test_a_full_disk_is_a_temporary_failure(self):
        # A file system of 24 MB for what the daemons write.
        db = self.lab.path("db")
        self.lab.stop_process("review")
        self.lab.stop_process("milter")
        saved = self.lab.path("saved")
        subprocess.run(["cp", "-a", db, saved], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", db], check=True)
        try:
            subprocess.run(["cp", "-a", saved + "/.", db], check=True)
            self.lab.own(db)
            self.lab.start_milter()
            self.assertIsNone(self.send_held())
            with open(os.path.join(db, "filler"), "wb") as f:
                try:
                    while True:
                        f.write(b"x" * 65536)
                        f.flush()
                except OSError:
                    pass
            codes = [self.send_held() for _ in range(3)]
            for code in codes:
                self.assert_temporary(code)
            # Mail of others passes all the while.
            self.lab.send(mail(to=LUZ), "nn@extrano.example", [LUZ], **STRANGER)
            self.lab.wait_for_mail(LUZ, 1)
            os.unlink(os.path.join(db, "filler"))
            self.assertIsNone(self.send_held())
            self.assertEqual(len(self.lab.held()), 2)
        finally:
            self.lab.stop_process("milter")
            subprocess.run(["umount", db], check=True)

    def test_dead_dns_is_temperror_and_the_mail_passes(self):
        self.lab.stop_process("nsd", signal.SIGKILL)
        sent = mail(to=LUZ)
        self.lab.send(sent, "nn@extrano.example", [LUZ], **STRANGER)
        copy = self.lab.wait_for_mail(LUZ, 1)[0]
        self.assertTrue(only_trace(copy, sent))
        self.assertIn(b"spf=temperror", copy)

    def test_a_milter_that_is_gone_is_a_temporary_failure(self):
        self.lab.stop_process("milter", signal.SIGKILL)
        self.assert_temporary(self.send_held())
        self.lab.start_milter()
        self.assertIsNone(self.send_held())

    def test_a_broken_list_keeps_the_old_one(self):
        self.lab.add_list("broken.zl", "this is no list\n")
        wait_until(lambda: "broken.zl" in self.lab.log("milter"), what="a line about the list")
        self.assertIsNone(self.send_held())
        self.assertEqual(len(self.lab.held()), 1)

    def test_a_locked_database_delays_and_loses_nothing(self):
        lock = sqlite3.connect(self.lab.path("db", "zaguan.db"), isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        code = self.send_held()
        self.assertLess(time.monotonic() - started, 30)
        lock.execute("ROLLBACK")
        lock.close()
        if code is not None:
            self.assert_temporary(code)
            self.assertIsNone(self.send_held())
        self.assertEqual(len(self.lab.held()), 1)

    def test_backup_while_mail_flows_restores(self):
        self.assertIsNone(self.send_held())
        copy = self.lab.path("db", "copy.db")
        self.lab.zaguan("backup", copy)
        self.assertIsNone(self.send_held())
        rows = sqlite3.connect(copy).execute("PRAGMA integrity_check").fetchall()
        self.assertEqual(rows, [("ok",)])


if __name__ == "__main__":
    unittest.main()
