#include "admin/commands.h"

#include <arpa/inet.h>
#include <string.h>

#include <unistd.h>

const struct command commands[] = {
    {"check", command_check, "[--json]", "proves every part and says what to mend"},
    {"explain", command_explain,
     "FILE.eml|- [--to MEMBER...] [--client-ip IP --helo NAME --sender ADDR] "
     "[--list FILE.zl...] [--want CATEGORY=ACTION...] [--burst] [--json]",
     "the real steps of a message without effect: authentication, hits, verdicts, reasons, time"},
    {"setup", command_setup, "[--dry-run] [--postfix-only] [--undo] [--sample]",
     "keys, database, users and the exact Postfix lines; prints what it changes"},
    {"auth", command_auth,
     "[--client-ip IP --helo NAME --sender ADDRESS] [FILE | -] [--json] [--second-opinion]\n"
     "       zaguan auth dmarc --from-domain D [--spf RESULT:DOMAIN] [--dkim RESULT:DOMAIN]... "
     "[--json]",
     "SPF, DKIM and DMARC of a message, or what DMARC says of given results"},
    {"digest", command_digest, "[--member ADDRESS] [--dry-run]",
     "sends a digest now, or prints how many wait and why"},
    {"member", command_member,
     "invite ADDRESS [--language es|pt|en] [--time-zone ZONE]\n"
     "       zaguan member add ADDRESS --consent NOTE\n"
     "       zaguan member show|off ADDRESS, forget ADDRESS --yes, set ADDRESS NAME VALUE\n"
     "       zaguan member list [--json]\n"
     "       zaguan member contacts add ADDRESS [KNOWN ...]",
     "who was asked, who said yes, and their settings; every act is told to the member"},
    {"list", command_list,
     "fmt|lint|test|show|add|remove|retract [FILE...]\n"
     "       zaguan list publish DIR [FILE...], sign|verify FILE...",
     "lists: check them, test them, change them, publish them (`zaguan list help`)"},
    {"held", command_held,
     "list [--member ADDRESS] [--json]\n"
     "       zaguan held show ID [--break-glass REASON] [--json]\n"
     "       zaguan held release ID...\n"
     "       zaguan held delete|keep ID... [--undo]",
     "what waits, as metadata; content only with a reason, which the member is told"},
    {"key", command_key,
     "init [--publish [--split] [--publisher DOMAIN] [--no-passphrase] | --group NAME]\n"
     "       zaguan key show\n"
     "       zaguan key rotate|revoke [--role ROLE | --id ID] [--list LIST-ID --since SEQ]",
     "the server's keys, and those that sign our lists; init never replaces one"},
    {"partner", command_partner,
     "add NAME --key RWS... --url URL [--proxy URL] [--yes]\n"
     "       zaguan partner show|fetch|remove NAME\n"
     "       zaguan partner set NAME SETTING VALUE\n"
     "       zaguan partner list [--json]",
     "servers whose lists we look at, and how far we let them reach"},
    {"backup", command_backup, "FILE", "a whole copy of the database while everything runs"},
    {"stats", command_stats, "[--json]", "totals without an address"},
    {NULL, NULL, NULL, NULL},
};

int command_read_settings(const struct command_context *context, struct settings *settings,
                          struct error *err)
{
    return settings_read(context->settings_path, settings, err);
}

int command_open_store(const struct command_context *context, struct settings *settings,
                       struct store **store_out, struct error *err)
{
    if (command_read_settings(context, settings, err) != 0)
        return -1;
    if (access(settings->database, F_OK) != 0)
        return error_set(err, ERROR_NOT_FOUND, "%s: there is no database; `zaguan setup` makes it",
                         settings->database);
    return store_open(settings->database, store_out, err);
}

int command_check_client_ip(const char *ip, struct error *err)
{
    struct in6_addr address;
    if (ip == NULL || strcmp(ip, "unknown") == 0)
        return 0;
    const char *bare = slice_starts_with_nocase(slice_of(ip), "IPv6:") ? ip + 5 : ip;
    if (inet_pton(AF_INET, bare, &address) == 1 || inet_pton(AF_INET6, bare, &address) == 1)
        return 0;
    return error_set(err, ERROR_USAGE, "--client-ip %.60s: not an address", ip);
}
