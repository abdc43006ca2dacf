#!/usr/bin/python3
"""Writes the cases of this folder anew, with new keys: message.eml, zone and expect in each.

    tests/cases/dkim/generate.py        (python3-cryptography; python3-dkim checks what must pass)

The signer below shares nothing with common/mail. Unit tests read the cases and need no Python. The
first line of `expect` is one word per signature, in the order of the message; further lines are
words that the reasons must hold.
"""
import base64
import hashlib
import os
import re
import shutil

import dkim
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

HERE = os.path.dirname(os.path.abspath(__file__))
RSA = {bits: rsa.generate_private_key(65537, bits) for bits in (512, 1024, 2048, 4096)}
RSA[1023] = next(k for k in iter(lambda: rsa.generate_private_key(65537, 1023), None)
                 if k.public_key().public_numbers().n.bit_length() == 1023)
ED = ed25519.Ed25519PrivateKey.generate()
OTHER = rsa.generate_private_key(65537, 2048)

HEAD = [b"From: Ana <ana@example.com>", b"To: Eva <eva@example.org>", b"Subject: Cena",
        b"Date: Mon, 23 Nov 2026 09:00:00 +0000", b"Message-ID: <1@example.com>"]
# Bodies whose lines no two programs read alike: dkimpy keeps blanks before a missing line end.
ODD = ("lone-cr", "nul", "blank-at-the-end", "only-blanks")
BODY = b"Hola,\r\n\r\nnos vemos  a las 9 \t \r\n\r\n"


def spki(key):
    der = key.public_key().public_bytes(serialization.Encoding.DER,
                                        serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def pkcs1(key):
    der = key.public_key().public_bytes(serialization.Encoding.DER,
                                        serialization.PublicFormat.PKCS1)
    return base64.b64encode(der).decode()


def raw_ed():
    return base64.b64encode(ED.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw)).decode()


def relaxed_field(field):
    name, value = field.split(b":", 1)
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.strip(b" \t").lower() + b":" + value


def canon_body(body, how):
    if how == "relaxed":
        body = b"\r\n".join(re.sub(rb"[ \t]+", b" ", l).rstrip(b" ") for l in body.split(b"\r\n"))
    while body.endswith(b"\r\n"):
        body = body[:-2]
    return body + b"\r\n" if body or how == "simple" else b""


def header_hash_input(head, names, written, how):
    left = list(head)
    data = b""
    for name in names.split(":"):
        name = name.strip().lower().encode()
        for i in range(len(left) - 1, -1, -1):
            if left[i].split(b":", 1)[0].strip().lower() == name:
                field = left.pop(i)
                data += (relaxed_field(field) if how == "relaxed" else field) + b"\r\n"
                break
    return data + (relaxed_field(written) if how == "relaxed" else written)


def sign(head, body, key=None, tags=None, drop=(), hash_name="sha256", field=b"DKIM-Signature: ",
         order=None, join="; ", length=None, tail=b""):
    """A DKIM-Signature field; `tags` replaces or adds, `drop` leaves out, `order` sorts."""
    key = key or RSA[2048]
    is_ed = key is ED
    all_tags = {"v": "1", "a": "ed25519-sha256" if is_ed else "rsa-" + hash_name,
                "c": "relaxed/relaxed", "d": "example.com", "s": "sel",
                "h": "from:to:subject:date", "bh": None, "b": ""}
    all_tags.update(tags or {})
    how = all_tags.get("c", "simple").lower().split("/")
    body_how = how[1] if len(how) > 1 else "simple"
    if length is not None:
        all_tags["l"] = str(length)
    canonical = canon_body(body, body_how if body_how in ("simple", "relaxed") else "simple")
    if "l" in all_tags and all_tags["l"].isdigit():
        canonical = canonical[:int(all_tags["l"])]
    if all_tags["bh"] is None:
        all_tags["bh"] = base64.b64encode(hashlib.new(hash_name, canonical).digest()).decode()
    for tag in drop:
        del all_tags[tag]
    names = order or [t for t in all_tags if t != "b"] + ["b"] * ("b" in all_tags)
    written = field + join.join(t + "=" + all_tags[t] for t in names).encode()
    head_how = how[0] if how[0] in ("simple", "relaxed") else "simple"
    data = header_hash_input(head, all_tags.get("h", ""), written + tail, head_how)
    if is_ed:
        signature = key.sign(hashlib.sha256(data).digest())
    else:
        digest = hashes.SHA1() if hash_name == "sha1" else hashes.SHA256()
        signature = key.sign(data, padding.PKCS1v15(), digest)
    text = base64.b64encode(signature)
    if "b" not in all_tags or all_tags["b"]:
        return written
    if names[-1] == "b":
        return written + b"\r\n\t".join(text[i:i + 70] for i in range(0, len(text), 70)) + tail
    return re.sub(rb"([ ;]b=)(?=;)", rb"\1" + text, written, count=1)


def record(key=None, prefix="v=DKIM1; k=rsa; ", p=None):
    return prefix + "p=" + (p if p is not None else spki(key or RSA[2048]))


def zone_line(name, text):
    return name + " TXT " + " ".join(
        '"' + text[i:i + 200].replace("\\", "\\\\").replace('"', '\\"') + '"'
        for i in range(0, max(len(text), 1), 200))


def write(name, expect, fields, head, body, zone=None, reasons=(), check=None):
    folder = os.path.join(HERE, name)
    os.makedirs(folder)
    message = b"".join(f + b"\r\n" for f in list(fields) + list(head)) + b"\r\n" + body
    lines = zone if zone is not None else [zone_line("sel._domainkey.example.com", record())]
    for file, content in (("message.eml", message), ("zone", ("\n".join(lines) + "\n").encode()),
                          ("expect", ("\n".join([expect, *reasons]) + "\n").encode())):
        with open(os.path.join(folder, file), "wb") as out:
            out.write(content)
    if check is not None:
        txt = {"sel._domainkey.example.com.": check.encode()}
        good = dkim.verify(message, dnsfunc=lambda n, timeout=5: txt.get(n.decode()))
        assert good == (expect == "pass"), name


def simple_case(name, expect, reason=(), head=HEAD, body=BODY, zone=None, check=None, **how):
    write(name, expect, [sign(head, body, **how)], head, body, zone,
          [reason] if isinstance(reason, str) else list(reason), check)


def key_case(name, expect, text, reason=(), **how):
    simple_case(name, expect, reason, zone=[zone_line("sel._domainkey.example.com", text)], **how)


def bodies():
    texts = {"empty": b"", "one-line-end": b"\r\n", "only-line-ends": b"\r\n\r\n\r\n",
             "only-blanks": b"  \r\n\t\r\n", "no-final-line-end": b"abc", "blank-at-the-end": b"abc  ",
             "blanks-before-text": b"  abc\t\tdef\r\n", "eight-bit": "señal ¡ya!\r\n".encode(),
             "latin-1": b"se\xf1al\r\n", "lone-cr": b"a\rb\r\r\nc\r",
             "long-line": b"x" * 20000 + b" " * 5000 + b"y\r\n", "nul": b"a\0b\r\n",
             "empty-lines-inside": b"a\r\n\r\n \r\n\r\nb\r\n\r\n\r\n"}
    for how in ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"):
        for name, body in texts.items():
            simple_case("body-%s-%s" % (name, how.replace("/", "-")), "pass", body=body,
                        tags={"c": how}, check=record() if name not in ODD else None)
    write("body-changed", "fail", [sign(HEAD, BODY)], HEAD, BODY.replace(b"9", b"10"),
          reasons=["body hash"])
    write("body-empty-lines-added-at-the-end", "pass", [sign(HEAD, BODY)], HEAD, BODY + b"\r\n\r\n")
    write("body-blank-added-fails-simple", "fail", [sign(HEAD, BODY, tags={"c": "relaxed/simple"})],
          HEAD, BODY.replace(b",", b", "), reasons=["body hash"])
    write("body-blank-widened-passes-relaxed", "pass", [sign(HEAD, BODY)], HEAD,
          BODY.replace(b" a ", b" \t a\t"))


def headers():
    odd = [b"FROM :  Ana\r\n\t <ana@example.com>  ", b"To:eva@example.org",
           b"Subject:\r\n =?utf-8?q?ca=C3=B1a?=\t\t x\r\n\t\r\n y", b"Date: Mon, 23 Nov 2026 09:00:00 +0000",
           b"X-Empty:", b"X-Blank: \t "]
    for how in ("simple", "relaxed"):
        simple_case("header-folded-oddly-" + how, "pass", head=odd,
                    tags={"c": how, "h": "from:to:subject:date:x-empty:x-blank"})
        simple_case("header-eight-bit-" + how, "pass", head=HEAD + ["X-N: señor".encode()],
                    tags={"c": how, "h": "from:x-n"})
    write("header-folding-changed-passes-relaxed", "pass", [sign(HEAD, BODY)],
          [HEAD[0].replace(b" <", b"\r\n\t  <").replace(b"From", b"fRoM"), *HEAD[1:]], BODY)
    write("header-folding-changed-fails-simple", "fail", [sign(HEAD, BODY, tags={"c": "simple/simple"})],
          [HEAD[0].replace(b" <", b"\r\n <"), *HEAD[1:]], BODY, reasons=["signature"])
    write("header-changed", "fail", [sign(HEAD, BODY)],
          [*HEAD[:2], b"Subject: Otra", *HEAD[3:]], BODY, reasons=["signature"])
    write("header-unsigned-may-change", "pass", [sign(HEAD, BODY)], HEAD + [b"X-New: 1"], BODY)
    twice = HEAD + [b"Received: one", b"Received: two"]
    simple_case("header-twice-signed-twice", "pass", head=twice, tags={"h": "from:received:received"})
    write("header-twice-bottom-is-taken-first", "pass",
          [sign(HEAD + [b"Received: two"], BODY, tags={"h": "from:received"})], twice, BODY)
    write("header-added-below-breaks", "fail", [sign(HEAD + [b"Received: two"], BODY, tags={"h": "from:received"})],
          HEAD + [b"Received: two", b"Received: three"], BODY)
    simple_case("header-oversigned-absent", "pass", tags={"h": "from:from:to:cc:subject:subject"}, check=record())
    write("header-oversigned-from-added", "fail", [sign(HEAD, BODY, tags={"h": "from:from:subject"})],
          [b"From: Otra <otra@example.net>", *HEAD], BODY)
    write("header-second-from-on-top", "policy", [sign(HEAD, BODY)],
          [b"From: Otra <otra@example.net>", *HEAD], BODY, reasons=["several From"])
    simple_case("header-second-from-signed-too", "policy", "several From", head=[HEAD[0], *HEAD],
                tags={"h": "from:from:subject"})
    simple_case("header-without-from", "permerror", "no From field", head=HEAD[1:])
    simple_case("header-from-with-two-mailboxes", "pass",
                head=[b"From: a@example.com, b@example.net", *HEAD[1:]], check=record())
    simple_case("header-signs-itself-by-name", "pass", tags={"h": "from:dkim-signature"})


def tags():
    far, past = "9999999999", "1000000000"
    for tag in ("v", "a", "b", "bh", "d", "h", "s"):
        simple_case("tag-missing-" + tag, "permerror", tag + "= is missing", drop=[tag])
    simple_case("tag-c-missing-is-simple", "pass", tags={"c": "simple/simple"}, drop=["c"])
    simple_case("tag-c-one-word-is-simple-body", "pass", tags={"c": "relaxed"}, check=record())
    for name, extra, reason in (
            ("v-2", {"v": "2"}, "v="), ("v-0.5", {"v": "0.5"}, "v="), ("v-01", {"v": "01"}, "v="),
            ("a-unknown", {"a": "rsa-sha512"}, "a="), ("a-empty", {"a": ""}, "a="),
            ("c-unknown", {"c": "nofws"}, "c="), ("c-unknown-body", {"c": "simple/strict"}, "c="),
            ("d-empty", {"d": ""}, "d="), ("d-no-domain", {"d": "exam ple.com"}, "d="),
            ("s-empty", {"s": ""}, "s="), ("h-empty", {"h": ""}, "From"),
            ("h-with-blank", {"h": "from:re ply"}, "h="), ("h-without-from", {"h": "to:subject"}, "From"), ("bh-no-base64", {"bh": "@@@@"}, "bh="),
            ("bh-empty", {"bh": ""}, "bh="), ("b-no-base64", {"b": "!!!"}, "b="),
            ("i-other-domain", {"i": "@example.org"}, "i="), ("i-parent", {"i": "@com"}, "i="),
            ("i-looks-alike", {"i": "@badexample.com"}, "i="), ("i-without-at", {"i": "example.com"}, "i="),
            ("l-no-number", {"l": "12a"}, "l="), ("l-negative", {"l": "-1"}, "l="),
            ("q-unknown", {"q": "http/json"}, "q="), ("x-past", {"x": past}, "expired"),
            ("x-before-t", {"t": past, "x": "999999999"}, "before"), ("t-no-number", {"t": "now"}, "t="),
            ("x-no-number", {"x": "never"}, "x="), ("t-future", {"t": far}, "future")):
        simple_case("tag-" + name, "permerror", reason, tags=extra)
    for name, extra in (
            ("i-domain", {"i": "@example.com"}), ("i-below", {"i": "ana@news.example.com"}),
            ("i-case", {"i": "Ana@EXAMPLE.com"}), ("q-dns-txt", {"q": "dns/txt"}),
            ("q-among-others", {"q": "http : dns/txt"}), ("x-future", {"x": far}),
            ("t-past", {"t": past, "x": far}), ("unknown", {"zz": "a; y_1=b"}),
            ("z", {"z": "From:x@example.com|To:y=7C"}), ("d-case", {"d": "EXAMPLE.com"}),
            ("h-case", {"h": "FROM : To : subJECT"}), ("h-empty-names", {"h": ":from::to:"}), ("h-folded", {"h": "from\r\n\t:\r\n to"}),
            ("a-case", {"a": "RSA-SHA256"})):
        simple_case("tag-" + name, "pass", tags=extra)
    simple_case("tag-b-before-the-others", "pass", order=["b", "v", "a", "c", "d", "s", "h", "bh"],
                join=";\r\n ", field=b"DKIM-Signature: n=1; ")
    simple_case("tag-order-b-not-last", "pass", order=["v", "a", "c", "d", "b", "s", "h", "bh"])
    simple_case("tag-blanks-everywhere", "pass", join=" \r\n\t;\t ", field=b"DKIM-Signature :\r\n ")
    simple_case("tag-blanks-everywhere-simple", "pass", join=" \r\n\t;\t ", tags={"c": "simple"},
                field=b"dkim-signature :\r\n ")
    for tag, value in (("d", "example.org"), ("d", "example.com"), ("zz", "1; zz=2"), ("s", "sel")):
        again = ("; %s=%s" % (tag, value)).encode()
        write("tag-twice-%s-%s" % (tag, value.split(";")[0]), "permerror",
              [sign(HEAD, BODY) + again if tag != "zz" else sign(HEAD, BODY, tags={"zz": value})],
              HEAD, BODY, reasons=["twice"])
    write("tag-empty-in-the-middle", "permerror", [sign(HEAD, BODY).replace(b"; c=", b";; c=")], HEAD,
          BODY, reasons=["empty tag"])
    write("tag-without-equals", "permerror", [sign(HEAD, BODY) + b"; hello"], HEAD, BODY, reasons=["without ="])
    write("signature-empty", "permerror", [b"DKIM-Signature:"], HEAD, BODY, reasons=["empty tag"])
    write("signature-text", "permerror", [b"DKIM-Signature: hello"], HEAD, BODY, reasons=["without ="])
    write("signature-none", "none", [], HEAD, BODY)
    simple_case("tag-semicolon-after-b", "pass", tail=b"; ", check=record())
    simple_case("tag-semicolon-after-b-simple", "pass", tail=b";", tags={"c": "simple"})
    cut = sign(HEAD, BODY)
    write("signature-cut", "fail", [cut[:-30]], HEAD, BODY, reasons=["signature does not verify"])
    write("signature-by-another-key", "fail", [sign(HEAD, BODY, key=OTHER)], HEAD, BODY,
          reasons=["signature does not verify"])


def lengths():
    size = len(canon_body(BODY, "relaxed"))
    simple_case("length-whole", "pass", length=size, check=record())
    write("length-text-added", "pass", [sign(HEAD, BODY.rstrip() + b"\r\n", length=len(canon_body(BODY, "relaxed")))],
          HEAD, BODY.rstrip() + b"\r\nadded\r\n", reasons=["partial"])
    simple_case("length-zero", "pass", reason=["partial"], length=0)
    simple_case("length-beyond-the-body", "fail", reason="shorter than l=", length=size + 1)
    simple_case("length-far-beyond", "fail", reason="shorter than l=", tags={"l": "1" + "0" * 18})
    write("length-change-within", "fail", [sign(HEAD, BODY, length=size)], HEAD, BODY.replace(b"H", b"h"),
          reasons=["body hash"])


def keys():
    rsa_key = record()
    key_case("key-strings", "pass", rsa_key)
    key_case("key-bare-pkcs1", "pass", record(p=pkcs1(RSA[2048])))
    key_case("key-without-v", "pass", record(prefix="k=rsa; "))
    key_case("key-only-p", "pass", record(prefix=""))
    key_case("key-blanks", "pass", " v = DKIM1 ;\t k = rsa ; p = " + spki(RSA[2048])[:40] + " \t" + spki(RSA[2048])[40:] + " ; ")
    key_case("key-unknown-tags", "pass", record(prefix="v=DKIM1; g=*; zz=1; n=note; "))
    key_case("key-v-not-first", "permerror", record(prefix="k=rsa; v=DKIM1; "), "v= of the key")
    key_case("key-v-other", "permerror", record(prefix="v=DKIM2; "), "no key record")
    key_case("key-tag-twice", "permerror", record(prefix="v=DKIM1; k=rsa; k=rsa; "), "twice")
    key_case("key-p-twice", "permerror", record() + "; p=" + spki(OTHER), "twice")
    key_case("key-p-missing", "permerror", "v=DKIM1; k=rsa", "no p=")
    key_case("key-revoked", "permerror", "v=DKIM1; k=rsa; p=", "revoked")
    key_case("key-revoked-blank", "permerror", "v=DKIM1; p= ;", "revoked")
    key_case("key-no-base64", "permerror", "v=DKIM1; p=%%%", "base64")
    key_case("key-no-der", "permerror", "v=DKIM1; p=aGVsbG8=", "no RSA key")
    key_case("key-der-cut", "permerror", "v=DKIM1; p=" + base64.b64encode(base64.b64decode(spki(RSA[2048]))[:-9]).decode(), "no RSA key")
    key_case("key-k-unknown", "permerror", record(prefix="v=DKIM1; k=dsa; "), "k=")
    key_case("key-k-case", "pass", record(prefix="v=DKIM1; k=RSA; "))
    key_case("key-h-sha256", "pass", record(prefix="v=DKIM1; h=sha1 : sha256; "))
    key_case("key-h-sha1-only", "permerror", record(prefix="v=DKIM1; h=sha1; "), "h=")
    key_case("key-s-email", "pass", record(prefix="v=DKIM1; s=tlsrpt:email; "))
    key_case("key-s-any", "pass", record(prefix="v=DKIM1; s=*; "))
    key_case("key-s-other", "permerror", record(prefix="v=DKIM1; s=tlsrpt; "), "s=")
    key_case("key-t-s-same", "pass", record(prefix="v=DKIM1; t=s; "), tags={"i": "@example.com"})
    key_case("key-t-s-no-i", "pass", record(prefix="v=DKIM1; t=y:s; "))
    key_case("key-t-s-below", "permerror", record(prefix="v=DKIM1; t=y : s; "), "t=s", tags={"i": "@a.example.com"})
    key_case("key-t-y", "pass", record(prefix="v=DKIM1; t=y; "))
    key_case("key-text", "permerror", "hello", "without =")
    key_case("key-other-text-record-alone", "permerror", "v=spf1 -all", "no key record")
    lines = [zone_line("sel._domainkey.example.com", t) for t in ("v=spf1 -all", record())]
    simple_case("key-beside-another-text-record", "pass", zone=lines)
    lines = [zone_line("sel._domainkey.example.com", t) for t in (record(OTHER), record())]
    simple_case("key-two-records", "permerror", "several key records", zone=lines)
    simple_case("key-no-name", "permerror", "there is no key", zone=["example.com TXT x"])
    simple_case("key-no-data", "permerror", "there is no key", zone=["sel._domainkey.example.com A 192.0.2.1"])
    simple_case("key-servfail", "temperror", "looked up", zone=["sel._domainkey.example.com SERVFAIL"])
    simple_case("key-timeout", "temperror", "looked up", zone=["sel._domainkey.example.com TIMEOUT"])
    for bits, expect in ((512, "policy"), (1023, "policy"), (1024, "pass"), (4096, "pass")):
        key_case("key-rsa-%d" % bits, expect, record(RSA[bits]), ["too small"] if expect == "policy" else [], key=RSA[bits])
        key_case("key-rsa-%d-bare" % bits, expect, record(p=pkcs1(RSA[bits])), key=RSA[bits])
    key_case("algorithm-rsa-sha1", "permerror", record(), "rsa-sha1", hash_name="sha1")
    ed = record(prefix="v=DKIM1; k=ed25519; ", p=raw_ed())
    for how in ("simple/simple", "relaxed/relaxed"):
        key_case("algorithm-ed25519-" + how.replace("/", "-"), "pass", ed, key=ED, tags={"c": how})
    key_case("algorithm-ed25519-key-without-k", "permerror", record(prefix="v=DKIM1; ", p=raw_ed()), "k=", key=ED)
    key_case("algorithm-ed25519-key-says-rsa", "permerror", record(prefix="v=DKIM1; k=rsa; ", p=raw_ed()), "k=", key=ED)
    key_case("algorithm-rsa-key-says-ed25519", "permerror", ed, "k=")
    key_case("algorithm-ed25519-key-short", "permerror", record(prefix="k=ed25519; ", p=raw_ed()[:40]), "no Ed25519 key", key=ED)
    write("algorithm-ed25519-changed", "fail", [sign(HEAD, BODY, key=ED)], [*HEAD[:2], b"Subject: x", *HEAD[3:]],
          BODY, [zone_line("sel._domainkey.example.com", ed)], ["signature does not verify"])
    simple_case("domain-u-label", "pass", tags={"d": "españa.example"},
                zone=[zone_line("sel._domainkey.xn--espaa-rta.example", record())])
    simple_case("selector-with-dots", "pass", tags={"s": "a.b_c"},
                zone=[zone_line("a.b_c._domainkey.example.com", record())])


def several():
    zone = [zone_line("sel._domainkey.example.com", record()),
            zone_line("sel._domainkey.example.net", record(prefix="k=ed25519; ", p=raw_ed())),
            "gone._domainkey.example.com SERVFAIL"]
    good, ed = sign(HEAD, BODY), sign(HEAD, BODY, key=ED, tags={"d": "example.net", "c": "simple/simple"})
    gone = sign(HEAD, BODY, tags={"s": "gone"})
    broken = b"DKIM-Signature: v=1; a=rsa-sha256"
    write("several-good-and-bad", "permerror pass temperror pass", [broken, good, gone, ed], HEAD, BODY, zone)
    second = sign([good] + HEAD, BODY, tags={"h": "from:dkim-signature"})
    write("several-one-signs-the-other", "pass pass", [second, good], HEAD, BODY, zone)
    write("several-with-eight-lengths", "pass pass pass pass pass pass neutral neutral",
          [sign(HEAD, BODY, length=n) for n in range(8)], HEAD, BODY, zone, ["too many different"])
    write("several-twenty", " ".join(["pass"] * 16), [good] * 20, HEAD, BODY, zone)


def rfc8463():
    """Appendix A of RFC 8463, both signatures."""
    head = [b"From: Joe SixPack <joe@football.example.com>", b"To: Suzie Q <suzie@shopping.example.net>",
            b"Subject: Is dinner ready?", b"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
            b"Message-ID: <20030712040037.46341.5F8J@football.example.com>"]
    body = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
    common = (b"c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n q=dns/txt; s=%s;"
              b" t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n"
              b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=")
    fields = [b"DKIM-Signature: v=1; a=ed25519-sha256; " + common % b"brisbane" +
              b"/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
              b" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==",
              b"DKIM-Signature: v=1; a=rsa-sha256; " + common % b"test" +
              b"F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
              b" DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
              b" dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8="]
    write("rfc8463-appendix-a", "pass pass", fields, head, body,
          ["brisbane._domainkey.football.example.com TXT \"v=DKIM1; k=ed25519; "
           "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"",
           "test._domainkey.football.example.com TXT \"v=DKIM1; k=rsa; "
           "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16J\" "
           "\"Yi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3"
           "G+2kryOTIKT+l/K4w3QIDAQAB\""])


for entry in os.listdir(HERE):
    if os.path.isdir(os.path.join(HERE, entry)):
        shutil.rmtree(os.path.join(HERE, entry))
for part in (bodies, headers, tags, lengths, keys, several, rfc8463):
    part()
