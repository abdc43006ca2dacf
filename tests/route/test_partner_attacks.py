"""What a thief, a broken web server or a lying publisher sends is refused or parked with a reason
(docs/lists.md, "What an attack meets"). Through `zaguan list import`, which is the same code as what
the fetcher brings."""

import gzip
import http.server
import os
import re
import shutil
import sqlite3
import threading
import unittest
from datetime import datetime, timedelta, timezone

from partner_lab import OTHER, PARTNER, Publisher, Site


class Attacks(Site):
    def explained(self, action, *hits):
        self.assertEqual(self.verdict(), (action, list(hits)))
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

    def test_3_nothing_new_comes_any_more(self):
        self.explained("hold", (PARTNER, "aaaa0001"))
        told = 0
        for days, reach in ((-13, "hold"), (-15, "tag"), (-61, "observe")):
            ended = datetime.now(timezone.utc) + timedelta(days=days)
            for name, when in (("issued", ended - timedelta(days=90)), ("fresh-until", ended)):
                self.rewrite(self.part("head.zh"), rf"%{name} \S+",
                             f"%{name} {when:%Y-%m-%dT%H:%M:%SZ}")
            self.explained(reach, (PARTNER, "aaaa0001"))
            for _ in range(2):
                self.round()
            told += reach != "hold"
            self.assertEqual(self.mails_queued(), told, f"the admin is told once at {reach}")
        with open(self.part("report", "silence")) as f:
            self.assertIn("reach observe at most", f.read())
        self.publisher.publish()  # the same list under a new head: all is well again
        self.take()
        self.explained("hold", (PARTNER, "aaaa0001"))
        self.assertFalse(os.path.exists(self.part("report", "silence")))

    def rewrite(self, path, pattern, by):
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(re.sub(pattern, by, text))

    def mails_queued(self):
        with sqlite3.connect(os.path.join(self.root, "zaguan.db")) as db:
            return db.execute("SELECT count(*) FROM outbox WHERE kind = 'report'").fetchone()[0]

    def test_4_a_mix_of_files(self):
        self.next_number()
        shutil.copy(self.file("lists/kefir.1.zl"), self.file("lists/kefir.2.zl"))
        shutil.copy(self.file("lists/kefir.1.zl.minisig"), self.file("lists/kefir.2.zl.minisig"))
        self.refused("the head says")

    def test_5_a_stolen_key_that_changes_much_at_once_waits(self):
        for i in range(3):
            self.publisher.add(f"frase de prueba numero {'abc'[i]}", f"bbbb000{i}")
        self.zaguan("partner", "set", PARTNER, "review", "none")
        self.publisher.publish()
        done = self.take()
        self.assertIn("mass-change brake", done.stdout)
        self.assertEqual(self.active(), self.was_active)

    def test_5_what_a_revoked_key_signed_only_observes(self):
        """Number 2 is the thief's and was accepted, number 3 waits: the new root says since 1."""
        self.next_number()
        self.take()
        self.accept()
        self.next_number("tercera frase de prueba", "aaaa0003")
        self.take()
        self.publisher.run("key", "revoke", "--list", self.publisher.list_id(), "--since", "1",
                           "--no-passphrase")
        for name in os.listdir(self.file("lists")):
            if name.startswith("kefir.4"):
                os.unlink(self.file(f"lists/{name}"))
        for name in ("root.zr", "root.zr.minisig"):  # the root comes first, no list with it
            shutil.copy(os.path.join(self.root, "pub", "keys", "publish", name), self.file(name))
        done = self.take()
        self.assertIn("only observe from now on: the key that vouched for it was revoked since "
                      "number 1", done.stdout)
        self.explained("hold", (PARTNER, "aaaa0001"))
        self.assertEqual(self.verdict("Una segunda frase de prueba.")[0], "observe")
        self.accept()
        self.assertEqual(self.verdict("Una tercera frase de prueba.")[0], "observe",
                         "accepting what the thief signed does not give it weight")
        # Signed anew with a key that counts it has its weight back.
        self.publisher.publish()
        self.take()
        self.assertEqual(self.verdict("Una segunda frase de prueba.")[0], "hold")

    def test_5_another_pinned_key_takes_the_weight_of_what_the_old_one_signed(self):
        shutil.rmtree(os.path.join(self.root, "pub", "keys", "publish"))
        self.publisher.run("key", "init", "--publish", "--publisher", PARTNER, "--no-passphrase")
        self.zaguan("partner", "set", PARTNER, "key", self.publisher.read_key(), "--yes")
        self.explained("observe", (PARTNER, "aaaa0001"))
        self.take()
        self.assertEqual(self.verdict()[0], "observe", "the old signature is not enough")
        self.publisher.publish()
        self.take()  # the entry that was accepted, and somebody who counts vouches for it again
        self.explained("hold", (PARTNER, "aaaa0001"))

    def test_7_an_echo_is_no_second_voice(self):
        self.zaguan("partner", "set", PARTNER, "hold-quorum", "2")
        self.explained("tag", (PARTNER, "aaaa0001"))
        other = self.other()
        other.add("frase de prueba", "bbbb0001")
        origin = f"{PARTNER}/{self.publisher.list_id()}/aaaa0001"
        other.edit(lambda text: text.replace("basis own", f"basis adopted  from {origin}"))
        other.publish()
        self.add_partner(other, **{"hold-quorum": "2"})
        self.take(publisher=other)
        self.accept(OTHER)
        both = [(PARTNER, "aaaa0001"), (OTHER, "bbbb0001")]
        action, hits = self.verdict()
        self.assertEqual((action, sorted(hits)), ("tag", sorted(both)), "adopted is no voice")
        # A second list of the same partner is none either; its own opinion is.
        other.edit(lambda text: text.replace(f"basis adopted  from {origin}", "basis own"))
        other.publish()
        self.take(publisher=other)
        self.accept(OTHER)
        self.assertEqual(self.verdict()[0], "hold", "two partners that say it by themselves")
        self.zaguan("partner", "remove", OTHER)
        self.assertEqual(self.verdict()[0], "tag", "who is not pinned does not count")

    def rotate(self):
        """The old key is thrown away, so only a root in between leads from it to the newest."""
        folder = os.path.join(self.root, "pub", "keys", "publish")
        old = [n for n in os.listdir(folder) if n.endswith(".key")]
        self.publisher.run("key", "rotate", "--no-passphrase")
        for name in old:
            os.unlink(os.path.join(folder, name))

    def test_6_a_partner_that_rotated_three_times_while_we_slept_is_followed(self):
        for _ in range(3):
            self.rotate()
            self.publisher.publish()
        self.zaguan("partner", "fetch", PARTNER)
        inbox = os.path.join(self.root, "inbox", PARTNER)
        for number in (2, 3):
            self.assertTrue(os.path.exists(os.path.join(inbox, f"root.{number}.zr.minisig")))
        broken = os.path.join(self.root, "broken")
        shutil.copytree(inbox, broken)
        os.unlink(os.path.join(broken, "root.2.zr"))
        self.refused("root", folder=broken)
        done = self.take(inbox)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("root 4", self.zaguan("partner", "show", PARTNER).stdout)
        self.explained("hold", (PARTNER, "aaaa0001"))
        self.publisher.publish()
        soon = os.stat(self.file("head.zh")).st_mtime + 9
        os.utime(self.file("head.zh"), (soon, soon))  # or it is the same second, and not asked for
        self.zaguan("partner", "fetch", PARTNER)
        self.assertEqual([n for n in os.listdir(inbox) if n.startswith("root.") and n[5].isdigit()],
                         [], "what is not needed any more is gone")

    def test_6_the_first_root_may_be_later_than_the_pinned_key(self):
        """A key that is pinned anew belongs to root 3: 1 and 2 are passed over."""
        for _ in range(2):
            self.rotate()
        self.publisher.publish()
        pinned = self.publisher.read_key()
        for _ in range(2):
            self.rotate()
        self.publisher.publish()
        self.zaguan("partner", "set", PARTNER, "key", pinned, "--yes")
        self.assertEqual(self.take().returncode, 0)
        self.assertIn("root 5", self.zaguan("partner", "show", PARTNER).stdout)

    def test_8_what_was_adopted_goes_with_its_origin(self):
        other = self.other()
        other.add("otra frase de prueba", "bbbb0001")
        other.publish()
        self.add_partner(other)
        self.take(publisher=other)
        origin = f"{OTHER}/{other.list_id()}/bbbb0001"
        self.publisher.add("otra frase de prueba", "aaaa0002")
        self.publisher.edit(lambda text: re.sub(
            r"(id aaaa0002.*?)basis own", rf"\1basis adopted  from {origin}", text, flags=re.S))
        self.publisher.publish()
        self.take()
        self.accept()
        mail = "Otra frase de prueba."
        self.assertEqual(self.verdict(mail), ("hold", [(PARTNER, "aaaa0002")]))
        # The origin was never accepted here; its publisher's word against it counts all the same.
        other.run("list", "retract", other.list, "bbbb0001", "--why", "wrong-person")
        other.publish()
        self.take(publisher=other)
        self.assertEqual(self.verdict(mail), ("none", []))
        self.explained("hold", (PARTNER, "aaaa0001"))

    def test_9_an_entry_that_members_release_again_and_again_only_tags(self):
        for released, action in ((3, "hold"), (4, "tag")):
            with sqlite3.connect(os.path.join(self.root, "zaguan.db")) as db:
                db.execute("INSERT OR REPLACE INTO entry_count(list, entry, released) VALUES"
                           "('kefir', 'aaaa0001', ?)", (released,))
            self.round()
            self.explained(action, (PARTNER, "aaaa0001"))
        self.assertEqual(self.mails_queued(), 1)
        self.assertIn("Tags only aaaa0001: members released 4 mails",
                      self.zaguan("list", "diff", f"{PARTNER}/kefir").stdout)
        self.zaguan("list", "park", f"{PARTNER}/kefir", "aaaa0001", "--as", "hold")
        self.round()
        self.explained("hold", (PARTNER, "aaaa0001"))
        self.zaguan("list", "park", f"{PARTNER}/kefir", "aaaa0001")
        self.explained("none")

    def test_9_an_entry_that_hits_benign_texts_is_parked_alone(self):
        self.publisher.add("la prueba prohibida", "cccc0001")
        self.next_number()
        done = self.take()
        self.assertIn("Parked cccc0001: it matches a benign text of a.csv", done.stdout)
        self.zaguan("list", "accept", f"{PARTNER}/kefir")
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

    def test_18_a_partner_was_shown_another_list(self):
        """vedetas took number 1 of kefir with other bytes than we did, and says so in its head."""
        other = self.other()
        seen = os.path.join(other.root, "pub", "partners", PARTNER)
        os.makedirs(seen)
        with open(self.part("partner")) as f, open(os.path.join(seen, "partner"), "w") as copy:
            copy.write(f.read())
        with open(self.part("floors")) as f:
            floors = f.read()
        for text, is_news in ((floors, False),
                              (re.sub(r"(floor \S{16} 1) ..", r"\1 ff", floors), True)):
            with open(os.path.join(seen, "floors"), "w") as f:
                f.write(text)
            other.add(f"otra cosa {'muy' if is_news else 'nada'} distinta", f"bbbb000{is_news:d}")
            other.publish("--saw")
            if not is_news:
                self.add_partner(other)
            done = self.take(publisher=other)
            self.assertEqual("Equivocation" in done.stdout, is_news, done.stdout)
        self.assertIn(f"another number 1 of list {self.publisher.list_id()} by {PARTNER}",
                      done.stdout)
        self.explained("hold", (PARTNER, "aaaa0001"))

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
        self.zaguan("list", "accept", f"{PARTNER}/kefir")
        self.assertIn("aaaa0002", "".join(self.active().values()))
        self.zaguan("list", "accept", "--undo", f"{PARTNER}/kefir")
        self.assertEqual(self.active(), self.was_active)

    def serve(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        Liar.folder, Liar.lie, Liar.asked = self.publisher.web, "none", []
        url = f"http://127.0.0.1:{server.server_port}"
        self.zaguan("partner", "set", PARTNER, "url", url)
        return url

    def test_who_has_an_earlier_number_asks_for_the_difference(self):
        self.serve()
        self.publisher.run("list", "add", self.publisher.list, "domain", "d0.extrano.example",
                           "--cat", "other", "--id", "dddd0000")
        block = "+ domain d{0}.extrano.example\n  id dddd{0:04}  cat other  expires 2027-01-01  " \
                "added 2026-11-20  basis own\n"
        self.publisher.edit(lambda text: re.sub(
            r"@end \d+", "".join(block.format(i) for i in range(1, 60)) + "@end 61", text))
        self.publisher.publish()
        self.zaguan("partner", "fetch", PARTNER)
        for number, lie, asked in ((3, "none", ".2-3.rcs"), (4, "other difference", ".4.zl.gz"),
                                   (5, "none", ".4-5.rcs")):
            Liar.lie, Liar.asked = lie, []
            self.publisher.run("list", "add", self.publisher.list, "domain",
                               f"n{number}.extrano.example", "--cat", "other", "--id",
                               f"eeee000{number}")
            self.publisher.publish()
            self.zaguan("partner", "fetch", PARTNER)
            lists = [p for p in Liar.asked if "/lists/" in p and not p.endswith(".minisig")]
            self.assertEqual(lists[-1], f"/lists/kefir{asked}")
            if lie == "none":
                self.assertEqual(len(lists), 1, "nothing else was asked for")
            done = self.take(os.path.join(self.root, "inbox", PARTNER))
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn(f" -> {number}: ", done.stdout)

    def test_a_dead_or_lying_web_server_leaves_all_as_it_is(self):
        self.next_number()
        here = self.serve()
        for lie, url in [("dead", "http://127.0.0.1:9")] + [(lie, here) for lie in Liar.lies]:
            with self.subTest(lie):
                Liar.lie = lie
                self.zaguan("partner", "set", PARTNER, "url", url)
                done = self.zaguan("partner", "fetch", PARTNER, check=False)
                inbox = os.path.join(self.root, "inbox", PARTNER)
                if lie in ("longer list", "other list"):  # the fetcher trusts nothing, and judges nothing
                    self.take(inbox)
                else:
                    self.assertNotEqual(done.returncode, 0, done.stdout)
                    self.assertIn(PARTNER, done.stderr)
                self.assertEqual(self.active(), self.was_active)
                self.assertFalse(os.path.exists(self.part("shadow", f"{self.publisher.list_id()}.zl")))
                size = sum(os.path.getsize(os.path.join(folder, name))
                           for folder, _, names in os.walk(inbox) for name in names)
                self.assertLess(size, 200000, "what it sent without end is not kept")
        Liar.lie = "none"
        self.zaguan("partner", "fetch", PARTNER)
        self.assertIn("+ aaaa0002", self.take(inbox).stdout)


class Liar(http.server.BaseHTTPRequestHandler):
    """A web server that was broken into, or is only broken."""
    lies = ("page", "endless", "cut", "elsewhere", "a file of yours", "longer list", "other list",
            "no answer")
    lie, folder, asked = "none", None, []

    def log_message(self, *words):
        pass

    def answer(self, body, length=None, code=200, **fields):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.asked.append(self.path)
        path = os.path.join(self.folder, self.path.lstrip("/"))
        if not os.path.isfile(path):
            self.answer(b"", code=404)
            return
        with open(path, "rb") as f:
            content = f.read()
        is_list = ".zl" in self.path and not self.path.endswith(".minisig")
        try:
            if self.lie == "page":
                self.answer(b"<html>This domain is for sale.</html>" * 30)
            elif self.lie == "endless":
                self.answer(b"", length=1 << 40)
                for _ in range(100000):
                    self.wfile.write(b"#" * 65536)
            elif self.lie == "cut":
                self.answer(content[:len(content) // 2], length=len(content))
            elif self.lie == "elsewhere":
                self.answer(b"", code=302, Location="gopher://127.0.0.1:25/_QUIT")
            elif self.lie == "a file of yours":
                self.answer(b"", code=302, Location="file:///etc/passwd")
            elif self.lie == "no answer":
                self.answer(b"", code=500)
            elif self.lie == "longer list" and is_list:
                self.answer(content + b"# more\n" * 20)
            elif self.lie == "other difference" and self.path.endswith(".rcs"):
                self.answer(b"d1 1\n")
            elif self.lie == "other list" and is_list:
                self.answer(gzip.compress(b"%zaguan-list 1\n"))
            else:
                self.answer(content)
        except OSError:
            pass  # it hung up, as it should
        self.close_connection = True


if __name__ == "__main__":
    unittest.main()
