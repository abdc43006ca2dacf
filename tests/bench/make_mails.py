"""Mails for `make bench`, the same ones each time: median about 24 KB, three in four DKIM-signed."""

import base64
import os
import random
import subprocess

import dkim

WORDS = ("la casa de mi abuela tiene un patio con flores y una puerta que siempre estaba abierta para "
         "los vecinos que venían por la tarde a hablar del tiempo y del pueblo mientras el café se "
         "hacía despacio en la cocina we wrote to you last week about the meeting of the committee "
         "and would like to know whether friday still suits everyone who said they would come").split()
DOMAINS = [f"d{i}.example" for i in range(20)]
SIGNED = (b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type")


def text(rng, size):
    lines, line, total = [], "", 0
    while total < size:
        word = rng.choice(WORDS)
        if len(line) + len(word) > 72:
            lines.append(line)
            line = ""
        line += ("" if not line else " ") + word
        total += len(word) + 1
    return "\r\n".join(lines + [line]) + "\r\n"


def part(kind, encoding, content, more=""):
    return (f"Content-Type: {kind}{more}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
            f"{content}")


def base64_lines(content):
    encoded = base64.b64encode(content).decode()
    return "\r\n".join(encoded[i:i + 76] for i in range(0, len(encoded), 76)) + "\r\n"


def body(rng):
    """Plain and HTML text, and an attachment that makes the size: log-normal, median 24 KB."""
    plain = text(rng, int(min(rng.lognormvariate(7.6, 0.7), 40000)))
    html = "<html><body>" + "".join(f"<p>{line}</p>\r\n" for line in plain.splitlines()) + "</body></html>\r\n"
    wanted = int(min(rng.lognormvariate(10.1, 0.9), 2000000))
    attachment = rng.randbytes(max(0, wanted - len(plain) - len(html)) * 3 // 4)
    parts = [part("text/plain; charset=utf-8", "8bit", plain),
             part("text/html; charset=utf-8", "8bit", html)]
    if attachment:
        parts.append(part("application/pdf", "base64", base64_lines(attachment),
                          '; name="acta.pdf"'))
    return "".join(f"--=_b\r\n{p}\r\n" for p in parts) + "--=_b--\r\n"


def header(rng, number, domain):
    return (f"From: Alguien <persona{number}@{domain}>\r\nTo: member@example.org\r\n"
            f"Subject: {text(rng, 40).strip()}\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n"
            f"Message-ID: <{number}@{domain}>\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/mixed; boundary="=_b"\r\n\r\n')


def make_keys(folder, count=4):
    """[(private PEM, record)]"""
    keys = []
    for i in range(count):
        path = os.path.join(folder, f"key{i}.pem")
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", path, "2048"], check=True,
                       capture_output=True)
        public = subprocess.run(["openssl", "rsa", "-in", path, "-pubout"], check=True,
                                capture_output=True, text=True).stdout
        with open(path, "rb") as f:
            keys.append((f.read(), "v=DKIM1; k=rsa; p=" + "".join(public.splitlines()[1:-1])))
    return keys


def make(folder, count):
    """Writes the mails and the zone; returns the paths of both."""
    rng = random.Random(20261101)
    keys = make_keys(folder)
    paths = []
    for number in range(count):
        domain = rng.choice(DOMAINS)
        mail = (header(rng, number, domain) + body(rng)).encode()
        if rng.random() < 0.77:
            private, _ = keys[DOMAINS.index(domain) % len(keys)]
            mail = dkim.sign(mail, b"s1", domain.encode(), private, include_headers=SIGNED,
                             canonicalize=(b"relaxed", b"relaxed")) + mail
        paths.append(os.path.join(folder, f"{number:04}.eml"))
        with open(paths[-1], "wb") as f:
            f.write(mail)
    zone = os.path.join(folder, "zone")
    with open(zone, "w", encoding="ascii") as f:
        f.write("$TTL 3600\nclient.example A 192.0.2.1\nsender.example TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n")
        for i, domain in enumerate(DOMAINS):
            record = keys[i % len(keys)][1]
            f.write(f'{domain} TXT "v=spf1 ip4:192.0.2.0/24 -all"\n'
                    f'_dmarc.{domain} TXT "v=DMARC1; p=quarantine"\n'
                    f's1._domainkey.{domain} TXT "{record[:250]}" "{record[250:]}"\n')
    return paths, zone, keys
