"""lab: a private mail server for the demo and the route tests.

A folder of its own, ports of its own on loopback: a real Postfix (the machine's binaries, our own
configuration), a real name server (nsd) with test zones, and zaguan's programs on SQLite. Nothing of
the machine's own configuration is read or changed, and stop() leaves nothing behind.

    with Lab() as lab:
        lab.member("ana@coop.example")
        lab.send(mail, sender="x@amiga.example", to=["ana@coop.example"])
        lab.wait_for_mail("ana@coop.example")
"""

import email
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DOMAIN = "coop.example"
HOSTNAME = "mx.coop.example"
# Everything of zaguan runs as this user, so that pipe(8), which may not be root, can reach it.
USER = "nobody"

ZONES = {
    # A friend's server: its mail is signed and its SPF passes.
    "amiga.example": """
@       IN TXT  "v=spf1 ip4:192.0.2.10 -all"
_dmarc  IN TXT  "v=DMARC1; p=reject"
@       IN MX   10 mx
mx      IN A    192.0.2.10
""",
    # A newsletter.
    "boletin.example": """
@       IN TXT  "v=spf1 ip4:192.0.2.20 -all"
_dmarc  IN TXT  "v=DMARC1; p=none"
""",
    # A stranger with a server that authenticates: abuse can be well signed.
    "extrano.example": """
@       IN TXT  "v=spf1 ip4:198.51.100.66 -all"
_dmarc  IN TXT  "v=DMARC1; p=none"
""",
    "coop.example": """
@       IN TXT  "v=spf1 ip4:192.0.2.1 -all"
_dmarc  IN TXT  "v=DMARC1; p=reject"
@       IN MX   10 mx
mx      IN A    127.0.0.1
""",
}

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {root}/postfix/spool
data_directory = {root}/postfix/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/postfix/log
maillog_file_prefixes = {root}
myhostname = {hostname}
mydomain = {domain}
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
recipient_delimiter = +
smtputf8_enable = yes
message_size_limit = 62914560
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
default_process_limit = 50
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_limit = 1000
smtpd_forbid_bare_newline = no
smtpd_timeout = 60s
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = texthash:{root}/postfix/mailboxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
transport_maps = texthash:{root}/postfix/transport
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
smtp_dns_support_level = disabled
default_transport = discard:no mail leaves this machine
relay_transport = error:no mail leaves this machine
milter_default_action = tempfail
milter_protocol = 6
smtpd_restriction_classes = zaguan_policy
zaguan_policy = check_policy_service {{ inet:127.0.0.1:{policy}, default_action=DUNNO, timeout=15s, try_limit=1 }}
"""

MASTER_CF = """
{inbound} inet n - n - 100 smtpd
  -o syslog_name=postfix/inbound
  -o smtpd_milters={milters}{policy_option}
{submission} inet n - n - 100 smtpd
  -o syslog_name=postfix/submission
  -o smtpd_milters={policy_option}
{release} inet n - n - - smtpd
{release_options}
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
virtual   unix - n n - - virtual
anvil     unix - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
zaguan-answer unix - n n - 4 pipe
  flags= null_sender= user={user} argv={root}/bin/zaguan-answer -c {root}/zaguan.conf --sender=${{sender}} --recipient ${{original_recipient}}
"""

# What docs/install-postfix.md says about the listener that takes releases.
RELEASE_OPTIONS = """  -o syslog_name=postfix/release
  -o smtpd_milters=
  -o content_filter=
  -o local_header_rewrite_clients=
  -o receive_override_options=no_header_body_checks,no_unknown_recipient_checks,no_milters
  -o smtpd_client_restrictions=permit_mynetworks,reject
  -o smtpd_recipient_restrictions=permit_mynetworks,reject
  -o smtpd_relay_restrictions=permit_mynetworks,reject
"""

ZAGUAN_CONF = """
hostname = {hostname}
domain = {domain}
admin_address = admin@{domain}
language = es
database = {root}/db/zaguan.db
key_folder = {root}/keys
list_folder = {root}/lists
policy_rules = {root}/policy.rules
milter_socket = inet:{milter}@127.0.0.1
policy_socket = inet:{policy}@127.0.0.1
release_server = 127.0.0.1:{release}
dns_server = 127.0.0.1:{dns}
digest_poll_seconds = 1
"""


class LabError(RuntimeError):
    pass


def free_ports(count):
    """Ports that nobody listens on; all sockets are open at once so that they differ."""
    sockets = []
    for _ in range(count):
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
        sockets.append(s)
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def wait_until(condition, seconds=20, what="something"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise LabError(f"waited {seconds} s for {what}")


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Lab:
    def __init__(self, with_milter=True, programs=None, settings="", mailboxes=(), with_policy=False):
        self.with_milter = with_milter
        self.with_policy = with_policy
        self.programs = programs or os.environ.get("ZAGUAN_BUILD", os.path.join(SOURCE, "build"))
        self.extra_settings = settings
        self.mailboxes = ["ana", "eva", "luz", "socia", "admin", "zaguan", *mailboxes]
        self.zones = dict(ZONES)
        self.keys = {}
        self.processes = {}
        self.root = None

    # --- life ---------------------------------------------------------------------------------

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.stop()

    def start(self):
        if os.geteuid() != 0:
            raise LabError("a private Postfix needs root: run this as root or with sudo")
        self.root = tempfile.mkdtemp(prefix="zaguan-lab-")
        os.chmod(self.root, 0o755)
        self.account = pwd.getpwnam(USER)
        ports = free_ports(7)
        (self.inbound, self.release, self.milter, self.policy, self.dns, self.spare,
         self.submission) = ports
        try:
            self.copy_programs()
            self.start_dns()
            self.write_zaguan()
            if self.with_milter:
                self.start_milter()
                self.start_review()
            if self.with_policy:
                self.start_policy()
            self.start_postfix()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        self.stop_postfix()
        for name in list(self.processes):
            self.stop_process(name)
        if self.root and os.environ.get("ZAGUAN_LAB_KEEP"):
            print(f"lab kept: {self.root}", file=sys.stderr)
        elif self.root:
            shutil.rmtree(self.root, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def own(self, path):
        """Gives a folder and all in it to the user of zaguan's programs."""
        for folder, _, files in os.walk(path):
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)
            for name in files:
                os.chown(os.path.join(folder, name), self.account.pw_uid, self.account.pw_gid)

    def copy_programs(self):
        # The clone may lie where USER cannot go; built programs work from anywhere.
        for part in ("bin", "share"):
            source = os.path.join(self.programs, part)
            if os.path.isdir(source):
                shutil.copytree(source, self.path(part))
        os.makedirs(self.path("log"))

    # --- processes ----------------------------------------------------------------------------

    def start_process(self, name, argv, user=None, env=None):
        log = open(self.path("log", name), "ab")
        self.processes[name] = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.root, user=user,
            group=self.account.pw_gid if user else None, extra_groups=[] if user else None,
            start_new_session=True, env={**os.environ, **(env or {})})
        log.close()
        return self.processes[name]

    def stop_process(self, name, sig=signal.SIGTERM):
        process = self.processes.pop(name, None)
        if process is None or process.poll() is not None:
            return
        process.send_signal(sig)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log(self, name):
        with open(self.path("log", name), errors="replace") as f:
            return f.read()

    # --- name server --------------------------------------------------------------------------

    def add_zone(self, domain, text):
        self.zones[domain] = text

    def write_zones(self):
        os.makedirs(self.path("dns"), exist_ok=True)
        conf = ["server:", f"  ip-address: 127.0.0.1@{self.dns}", "  username: \"\"",
                f"  zonesdir: \"{self.path('dns')}\"", f"  pidfile: \"{self.path('dns', 'pid')}\"",
                "  database: \"\"", f"  xfrdfile: \"{self.path('dns', 'xfrd')}\"",
                f"  zonelistfile: \"{self.path('dns', 'zonelist')}\"",
                f"  xfrdir: \"{self.path('dns')}\"", "  server-count: 1",
                "  verbosity: 0", "remote-control:", "  control-enable: no"]
        for domain, text in self.zones.items():
            name = self.path("dns", domain)
            with open(name, "w") as f:
                f.write(f"$ORIGIN {domain}.\n$TTL 300\n"
                        f"@ IN SOA ns.{domain}. hostmaster.{domain}. 1 3600 600 86400 60\n"
                        f"@ IN NS ns.{domain}.\nns IN A 127.0.0.1\n{text}\n")
                for selector, (_, record) in self.keys.get(domain, {}).items():
                    f.write(f'{selector}._domainkey IN TXT "{record[:200]}" "{record[200:]}"\n')
            conf += ["zone:", f"  name: {domain}", f"  zonefile: {name}"]
        with open(self.path("dns", "nsd.conf"), "w") as f:
            f.write("\n".join(conf) + "\n")

    def start_dns(self):
        self.make_dkim_keys()
        self.write_zones()
        self.start_process("nsd", ["/usr/sbin/nsd", "-d", "-c", self.path("dns", "nsd.conf")])
        wait_until(lambda: can_connect(self.dns), what="nsd")

    def make_dkim_keys(self):
        os.makedirs(self.path("dkim"), exist_ok=True)
        for domain in self.zones:
            private = self.path("dkim", domain + ".pem")
            subprocess.run(["openssl", "genrsa", "-traditional", "-out", private, "2048"],
                           check=True, capture_output=True)
            public = subprocess.run(["openssl", "rsa", "-in", private, "-pubout"], check=True,
                                    capture_output=True, text=True).stdout
            value = "".join(public.splitlines()[1:-1])
            self.keys[domain] = {"s1": (private, f"v=DKIM1; k=rsa; p={value}")}

    def dns_txt(self, name, timeout=5):
        """For dkim.verify(): asks the lab's name server, with a library that is not ours."""
        import dns.resolver
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = self.dns
        try:
            answer = resolver.resolve(name.decode() if isinstance(name, bytes) else name, "TXT")
        except dns.exception.DNSException:
            return None
        return b"".join(answer[0].strings)

    # --- zaguan -------------------------------------------------------------------------------

    def write_zaguan(self):
        for name in ("db", "keys", "lists", "mail"):
            os.makedirs(self.path(name), exist_ok=True)
        values = dict(root=self.root, hostname=HOSTNAME, domain=DOMAIN, milter=self.milter,
                      policy=self.policy, release=self.release, dns=self.dns)
        with open(self.path("zaguan.conf"), "w") as f:
            f.write(ZAGUAN_CONF.format(**values) + self.extra_settings + "\n")
        for name in ("db", "keys", "lists", "mail"):
            self.own(self.path(name))
        if os.path.exists(self.path("bin", "zaguan-milter")) and (self.with_milter or self.with_policy):
            self.zaguan("key", "init")

    def start_milter(self):
        self.start_process("milter", [self.path("bin", "zaguan-milter"), "-c",
                                      self.path("zaguan.conf")], user=USER)
        wait_until(lambda: can_connect(self.milter), what="zaguan-milter\n" + self.log("milter"))

    def start_policy(self):
        self.start_process("policy", [self.path("bin", "zaguan-policy"), "-c",
                                      self.path("zaguan.conf")], user=USER)
        wait_until(lambda: can_connect(self.policy), what="zaguan-policy\n" + self.log("policy"))

    def start_review(self):
        self.start_process("review", [self.path("bin", "zaguan-review"), "-c",
                                      self.path("zaguan.conf")], user=USER)

    def zaguan(self, *words, check=True, text=True, stdin=None):
        """Runs `zaguan ...` as the admin would; returns what it printed."""
        done = subprocess.run([self.path("bin", "zaguan"), "-c", self.path("zaguan.conf"), *words],
                              capture_output=True, text=text, user=USER, cwd=self.root,
                              group=self.account.pw_gid, extra_groups=[], timeout=120, input=stdin)
        if check and done.returncode != 0:
            raise LabError(f"zaguan {' '.join(words)}: exit {done.returncode}: {done.stderr}")
        return done.stdout if check else done

    def member(self, address, **wishes):
        """A member who said yes in person, with wishes like reveal="who"."""
        self.zaguan("member", "add", address, "--consent", "in person")
        self.zaguan("member", "set", address, "language", "es")
        for name, value in wishes.items():
            self.zaguan("member", "set", address, name.replace("_", "-"), value)
        self.settle(address)

    def settle(self, address, seconds=1.2):
        """Until nothing more comes to her: she is told of what the admin does. Returns the count."""
        count = -1
        while count != len(self.mails(address)) or self.queue_size():
            count = len(self.mails(address))
            time.sleep(seconds)
        return count

    def add_list(self, name, text):
        with open(self.path("lists", name), "w") as f:
            f.write(text)
        self.own(self.path("lists"))
        if "milter" in self.processes:
            self.processes["milter"].send_signal(signal.SIGHUP)
            time.sleep(0.3)

    def held(self, member=None):
        import json
        rows = json.loads(self.zaguan("held", "list", "--json"))
        return [r for r in rows if r["state"] == "held" and member in (None, r["member"])]

    # --- Postfix ------------------------------------------------------------------------------

    def start_postfix(self):
        for name in ("etc", "spool", "data"):
            os.makedirs(self.path("postfix", name))
        shutil.chown(self.path("postfix", "data"), "postfix")
        values = dict(root=self.root, hostname=HOSTNAME, domain=DOMAIN, user=USER,
                      daemons="/usr/lib/postfix/sbin", uid=self.account.pw_uid,
                      gid=self.account.pw_gid, inbound=f"127.0.0.1:{self.inbound}",
                      release=f"127.0.0.1:{self.release}", release_options=RELEASE_OPTIONS,
                      milters=f"inet:127.0.0.1:{self.milter}" if self.with_milter else "",
                      submission=f"127.0.0.1:{self.submission}", policy=self.policy,
                      policy_option="\n  -o smtpd_recipient_restrictions=zaguan_policy,"
                      "permit_mynetworks,reject_unauth_destination" if self.with_policy else "")
        with open(self.path("postfix", "etc", "main.cf"), "w") as f:
            f.write(MAIN_CF.format(**values))
        with open(self.path("postfix", "etc", "master.cf"), "w") as f:
            f.write(MASTER_CF.format(**values))
        with open(self.path("postfix", "mailboxes"), "w") as f:
            f.writelines(f"{m}@{DOMAIN} {m}/\n" for m in self.mailboxes)
        with open(self.path("postfix", "transport"), "w") as f:
            f.write(f"zaguan@{DOMAIN} zaguan-answer:\n")
        self.postfix("start")
        for port in (self.inbound, self.release):
            wait_until(lambda p=port: can_connect(p), what="Postfix")

    def postfix(self, word, check=True):
        done = subprocess.run(["postfix", "-c", self.path("postfix", "etc"), word],
                              capture_output=True, text=True, timeout=60)
        if check and done.returncode != 0:
            log = open(self.path("postfix", "log"), errors="replace").read() \
                if os.path.exists(self.path("postfix", "log")) else ""
            raise LabError(f"postfix {word}: {done.stderr}{log[-2000:]}")

    def stop_postfix(self):
        if self.root and os.path.exists(self.path("postfix", "spool", "pid", "master.pid")):
            self.postfix("stop", check=False)

    def postfix_log(self):
        with open(self.path("postfix", "log"), errors="replace") as f:
            return f.read()

    def queue_size(self):
        """Messages that Postfix has accepted and not yet delivered."""
        return sum(len(files) for name in ("incoming", "active", "deferred", "maildrop")
                   for _, _, files in os.walk(self.path("postfix", "spool", name)))

    # --- mail ---------------------------------------------------------------------------------

    def smtp(self, client_ip="192.0.2.10", helo="mx.amiga.example", port=None):
        """A session at the inbound listener that Postfix believes to come from client_ip."""
        s = smtplib.SMTP("127.0.0.1", port or self.inbound, local_hostname=helo, timeout=60)
        s.ehlo(helo)
        if port is None:
            code, text = s.docmd("XCLIENT", f"ADDR={client_ip} NAME={helo} HELO={helo}")
            if code != 220:
                raise LabError(f"XCLIENT: {code} {text}")
            s.ehlo(helo)
        return s

    def send(self, mail, sender, to, client_ip="192.0.2.10", helo="mx.amiga.example", options=()):
        """Sends bytes as they are; raises smtplib's exceptions. Returns refused recipients."""
        s = self.smtp(client_ip, helo)
        try:
            return raw_send(s, sender, to, mail, options)
        finally:
            try:
                s.quit()
            except smtplib.SMTPException:
                pass

    def submission_session(self, login):
        """A session at the submission listener of somebody who has logged in."""
        s = self.smtp(port=self.submission, helo="laptop.example")
        code, text = s.docmd("XCLIENT", f"ADDR=127.0.0.1 NAME=localhost LOGIN={login}")
        if code != 220:
            raise LabError(f"XCLIENT: {code} {text}")
        s.ehlo("laptop.example")
        return s

    def submit(self, mail, login, sender, to):
        s = self.submission_session(login)
        try:
            return raw_send(s, sender, to, mail)
        finally:
            s.close()

    def writes_to(self, login, *recipients):
        """She names recipients and gives up before the mail: none of it can bounce to her."""
        s = self.submission_session(login)
        try:
            s.mail(login if "@" in login else f"{login}@{DOMAIN}")
            return [s.rcpt(r)[0] for r in recipients]
        finally:
            s.close()

    def mails(self, address):
        """Bytes of every mail in her mailbox, oldest first."""
        folder = self.path("mail", address.split("@")[0])
        found = []
        for part in ("new", "cur"):
            name = os.path.join(folder, part)
            if os.path.isdir(name):
                found += [os.path.join(name, n) for n in os.listdir(name)]
        found.sort(key=lambda n: (os.stat(n).st_mtime_ns, n))
        result = []
        for name in found:
            with open(name, "rb") as f:
                result.append(f.read())
        return result

    def wait_for_mail(self, address, count=1, seconds=30):
        wait_until(lambda: len(self.mails(address)) >= count, seconds,
                   f"mail {count} of {address.split('@')[0]}")
        return self.mails(address)

    def wait_for_queue(self, seconds=60):
        wait_until(lambda: self.queue_size() == 0, seconds, "an empty queue")

    def sign(self, mail, domain, canonicalize=(b"relaxed", b"relaxed"), headers=None):
        """The mail with a DKIM signature of the domain on top, made by python3-dkim."""
        import dkim
        with open(self.keys[domain]["s1"][0], "rb") as f:
            key = f.read()
        signature = dkim.sign(mail, b"s1", domain.encode(), key, canonicalize=canonicalize,
                              include_headers=headers)
        return signature + mail

    def verify(self, mail):
        """Does python3-dkim find the (first) signature valid?"""
        import dkim
        return dkim.verify(to_crlf(mail), dnsfunc=self.dns_txt)

    def answer(self, digest, words, sender=None):
        """Sends a reply to a digest (bytes), as a mail client would."""
        message = email.message_from_bytes(digest)
        to = email.utils.parseaddr(message["Reply-To"] or message["From"])[1]
        member = email.utils.parseaddr(message["To"])[1]
        reply = (f"From: <{sender or member}>\r\nTo: <{to}>\r\nSubject: Re: {message['Subject']}\r\n"
                 f"Date: {email.utils.formatdate()}\r\nMessage-ID: {email.utils.make_msgid()}\r\n"
                 f"In-Reply-To: {message['Message-ID']}\r\nMIME-Version: 1.0\r\n"
                 f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
                 f"\r\n{words}\r\n").encode()
        self.send(reply, sender or member, [to], client_ip="192.0.2.1", helo="mx.coop.example")
        return to


def to_crlf(mail):
    return mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def raw_send(s, sender, to, mail, options=()):
    """MAIL, RCPT, DATA with exactly these bytes (dot-stuffed), which smtplib would 'repair'."""
    code, text = s.mail(sender, list(options))
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, text, sender)
    refused = {}
    for recipient in to:
        code, text = s.rcpt(recipient)
        if code not in (250, 251):
            refused[recipient] = (code, text)
    if len(refused) == len(to):
        s.rset()
        raise smtplib.SMTPRecipientsRefused(refused)
    code, text = s.docmd("DATA")
    if code != 354:
        raise smtplib.SMTPDataError(code, text)
    stuffed = mail.replace(b"\r\n.", b"\r\n..")
    if stuffed.startswith(b"."):
        stuffed = b"." + stuffed
    if not stuffed.endswith(b"\r\n"):
        stuffed += b"\r\n"
    s.sock.sendall(stuffed + b".\r\n")
    code, text = s.getreply()
    if code != 250:
        raise smtplib.SMTPDataError(code, text)
    return refused
