"""zaguan-policy on a real Postfix: its answers reach the sender, its death loses nothing, and whom a
member writes to is learned at the submission listener and forgotten by one word."""

import os
import random
import re
import signal
import smtplib
import socket
import sqlite3
import threading
import time
import unittest

from lab import DOMAIN, SOURCE, Lab, wait_until
from mails import ANA, LIST, LUZ, STRANGER, held_mail, mail

ZONES_FAIL = dict(client_ip="198.51.100.99", helo="mx.other.example")


class Policy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = Lab(with_policy=True)
        cls.lab.start()
        cls.lab.add_list("route.zl", LIST)
        cls.lab.member(ANA)

    @classmethod
    def tearDownClass(cls):
        cls.lab.stop()

    def code_of(self, sender, to, **client):
        """The reply to RCPT."""
        s = self.lab.smtp(**client)
        try:
            s.mail(sender)
            code, text = s.rcpt(to)
            return code, text.decode()
        finally:
            s.close()

    def contacts(self, member=ANA):
        db = sqlite3.connect(f"file:{self.lab.path('db', 'zaguan.db')}?mode=ro", uri=True)
        try:
            return db.execute("SELECT count(*) FROM contact JOIN member ON id = member_id "
                              "WHERE address = ?", (member,)).fetchone()[0]
        finally:
            db.close()

    def rules(self, text):
        with open(self.lab.path("policy.rules"), "w") as f:
            f.write(text)
        self.addCleanup(self.rules_gone)
        self.reload()

    def rules_gone(self):
        os.unlink(self.lab.path("policy.rules"))
        self.reload()

    def reload(self):
        self.lab.processes["policy"].send_signal(signal.SIGHUP)
        time.sleep(0.3)

    def test_a_stranger_passes_and_nothing_is_said_of_it(self):
        before = len(self.lab.mails(LUZ))
        self.lab.send(mail(to=LUZ), "nn@extrano.example", [LUZ], **STRANGER)
        wait_until(lambda: len(self.lab.mails(LUZ)) > before, what="the mail")

    def test_the_admins_rule_refuses_with_a_code_and_words(self):
        self.rules("refuse sender @extrano.example Write to the office: 555-0100.\n"
                   "defer  helo   .slow.example\n")
        code, text = self.code_of("nn@extrano.example", LUZ, **STRANGER)
        self.assertEqual(code, 554)
        self.assertIn("5.7.1", text)
        self.assertIn("Write to the office", text)
        code, text = self.code_of("x@amiga.example", LUZ, helo="mx.slow.example")
        self.assertEqual(code, 450)
        self.assertIn("4.7.1", text)

    def test_a_rules_file_with_a_mistake_keeps_the_old_rules(self):
        self.rules("refuse sender @extrano.example\n")
        with open(self.lab.path("policy.rules"), "a") as f:
            f.write("burn sender x@y.example\n")
        self.reload()
        self.assertIn("policy.rules:2:", self.lab.log("policy"))
        self.assertEqual(self.code_of("nn@extrano.example", LUZ, **STRANGER)[0], 554)

    def test_spf_fail_is_refused_only_where_the_admin_says_so(self):
        self.assertEqual(self.code_of("x@amiga.example", LUZ, **ZONES_FAIL)[0], 250)
        self.rules("refuse spf-fail amiga.example\n")
        self.assertEqual(self.code_of("x@amiga.example", LUZ, **ZONES_FAIL)[0], 554)
        self.assertEqual(self.code_of("x@amiga.example", LUZ)[0], 250)
        self.assertEqual(self.code_of("x@boletin.example", LUZ, **ZONES_FAIL)[0], 250)

    def test_whom_she_writes_to_is_learned_and_one_word_forgets_it(self):
        before = self.contacts()
        codes = self.lab.writes_to("ana", "uno@amiga.example", "dos@boletin.example")
        self.assertEqual(codes, [250, 250])
        wait_until(lambda: self.contacts() == before + 2, what="her correspondents")
        self.lab.writes_to("luz", "tres@amiga.example")  # no member
        self.lab.writes_to(f"ana@{DOMAIN}", "uno@amiga.example")
        time.sleep(1.5)
        self.assertEqual(self.contacts(), before + 2)
        self.lab.zaguan("member", "set", ANA, "correspondents", "off")
        self.assertEqual(self.contacts(), 0)
        self.lab.writes_to("ana", "cuatro@amiga.example")
        time.sleep(1.5)
        self.assertEqual(self.contacts(), 0)
        self.lab.zaguan("member", "set", ANA, "correspondents", "on")

    def test_an_own_login_puts_nobody_into_the_book_of_another(self):
        before = self.contacts()
        s = self.lab.submission_session("eva")
        s.mail(ANA)
        s.rcpt("ladron@amiga.example")
        s.close()
        time.sleep(1.5)
        self.assertEqual(self.contacts(), before)

    def send_load(self, number, load):
        """Strangers to a member and to others, and mail of our own people, until it is over."""
        count = 0
        while not load.is_over.is_set():
            name = f"carga-{number}-{count}"
            to, build = ((ANA, mail), (LUZ, mail), (ANA, held_mail), (LUZ, mail))[count % 4]
            letter = build(to=to, extra=f"X-Id: {name}\r\n".encode())
            try:
                if count % 4 == 3:
                    self.lab.submit(letter, "eva", f"eva@{DOMAIN}", [to])
                else:
                    self.lab.send(letter, f"p{number}.{count}@d{count % 40}.example", [to], **STRANGER)
                (load.held if build is held_mail else load.taken).append((to, name))
            except smtplib.SMTPRecipientsRefused as refused:
                self.assertEqual(list(refused.recipients.values())[0][0], 450)  # the flood valve: it comes again
                load.deferred.append((to, name))
            except Exception as trouble:  # a thread has nobody else to tell
                load.troubles.append(repr(trouble))
                return
            count += 1

    def test_killed_and_restarted_under_load_no_mail_is_lost_or_refused(self):
        class Load:
            is_over, taken, held, deferred, troubles = threading.Event(), [], [], [], []

        load, kills = Load(), 0
        threads = [threading.Thread(target=self.send_load, args=(n, load)) for n in range(4)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + 60
        while (kills < 20 or len(load.taken) + len(load.held) < 300) and time.monotonic() < end and not load.troubles:
            time.sleep(random.uniform(0.02, 0.5))
            self.lab.stop_process("policy", signal.SIGKILL)
            time.sleep(random.uniform(0, 0.3))
            self.lab.start_policy()
            kills += 1
        load.is_over.set()
        for thread in threads:
            thread.join(60)
        self.assertEqual(load.troubles, [])
        self.assertGreaterEqual(kills, 20)
        self.assertGreaterEqual(len(load.taken) + len(load.held), 300)
        self.lab.wait_for_queue()
        self.assertGreater(len(load.held), 20)
        self.assertEqual(len(self.lab.held(ANA)), len(load.held))
        for address in (ANA, LUZ):
            wanted = sorted(name for to, name in load.taken if to == address)
            came = [re.findall(rb"^X-Id: (\S+)", m, re.M) for m in self.lab.mails(address)]
            self.assertEqual(sorted(n[0].decode() for n in came if n), wanted)  # each, and none twice

    def test_every_attribute_that_this_postfix_sends_is_one_we_read(self):
        with open(os.path.join(SOURCE, "policy", "request.c")) as f:
            known = set(re.findall(r"^    (?:TEXT|NUMBER)\((\w+)\),", f.read(), re.M))
        self.lab.stop_process("policy", signal.SIGKILL)
        asked = []

        def listen(server):
            connection, _ = server.accept()
            with connection:
                text = b""
                while not text.endswith(b"\n\n"):
                    text += connection.recv(4096)
                asked.extend(text.decode().split())
                connection.sendall(b"action=DUNNO\n\n")

        try:
            with socket.create_server(("127.0.0.1", self.lab.policy)) as server:
                thread = threading.Thread(target=listen, args=(server,))
                thread.start()
                self.assertEqual(self.code_of("nn@extrano.example", LUZ, **STRANGER)[0], 250)
                thread.join(10)
        finally:
            self.lab.start_policy()
        names = {line.split("=")[0] for line in asked}
        self.assertGreater(len(names), 25)
        self.assertEqual(names - known, set())

    def test_with_the_daemon_gone_postfix_goes_on_at_once(self):
        self.lab.stop_process("policy", signal.SIGKILL)
        try:
            before, started = len(self.lab.mails(LUZ)), time.monotonic()
            for _ in range(5):
                self.lab.send(mail(to=LUZ), "nn@extrano.example", [LUZ], **STRANGER)
            self.assertLess(time.monotonic() - started, 5)
            wait_until(lambda: len(self.lab.mails(LUZ)) == before + 5, what="the mails")
        finally:
            self.lab.start_policy()


class Refusal(unittest.TestCase):
    def test_a_blocked_sender_is_refused_only_when_spf_proves_it_and_she_said_so(self):
        with Lab(with_policy=True) as lab:
            lab.member(ANA, reveal="who", digest="each")
            lab.zaguan("member", "set", ANA, "shield", "1")
            lab.settle(ANA)
            count = len(lab.mails(ANA))
            lab.send(mail(to=ANA), "nn@extrano.example", [ANA], **STRANGER)
            digest = lab.wait_for_mail(ANA, count + 1)[-1]
            lab.answer(digest, "block 1\r\nset blocked-sender refuse\r\nshield off")
            wait_until(lambda: "refuse" in lab.zaguan("member", "show", ANA), what="her wish")
            time.sleep(0.2)

            def reply(sender, **client):
                s = lab.smtp(**client)
                s.mail(sender)
                code, text = s.rcpt(ANA)
                s.close()
                return code, text.decode()

            code, text = reply("nn@extrano.example", **STRANGER)
            self.assertEqual(code, 554, text)
            self.assertIn("5.7.1", text)
            self.assertIn("chosen not to receive", text)
            self.assertEqual(reply("nn@extrano.example", client_ip="203.0.113.9")[0], 250)
            self.assertEqual(reply("otra@extrano.example", **STRANGER)[0], 250)
            lab.zaguan("member", "set", ANA, "blocked-sender", "hold")
            time.sleep(0.2)
            self.assertEqual(reply("nn@extrano.example", **STRANGER)[0], 250)


class ReceivedSpf(unittest.TestCase):
    def test_without_a_milter_one_field_a_message_says_what_spf_says(self):
        with Lab(with_milter=False, with_policy=True, settings="policy_received_spf = yes") as lab:
            lab.send(mail(to=f"{ANA}, {LUZ}"), "x@amiga.example", [ANA, LUZ])
            for address in (ANA, LUZ):
                copy = lab.wait_for_mail(address)[0]
                self.assertEqual(copy.lower().count(b"received-spf:"), 1)
                self.assertIn(b"Received-SPF: pass", copy)
                self.assertIn(b"identity=mailfrom", copy)
                self.assertIn(b"client-ip=192.0.2.10", copy)
            lab.send(mail(to=ANA), "x@amiga.example", [ANA], **ZONES_FAIL)
            self.assertIn(b"Received-SPF: fail", lab.wait_for_mail(ANA, 2)[1])


class Brake(unittest.TestCase):
    def test_an_account_that_writes_to_too_many_is_put_off_and_the_admin_told_once(self):
        with Lab(with_policy=True, settings="outgoing_limit = 20") as lab:
            codes = lab.writes_to("eva", *[f"r{n}@amiga.example" for n in range(30)])
            self.assertEqual(codes, [250] * 20 + [450] * 10)
            self.assertEqual(lab.writes_to("luz", "r1@amiga.example"), [250])
            told = lab.wait_for_mail(f"admin@{DOMAIN}")
            time.sleep(2)
            told = lab.mails(f"admin@{DOMAIN}")
            self.assertEqual(len(told), 1)
            self.assertIn(b'"eva"', told[0])


if __name__ == "__main__":
    unittest.main()
