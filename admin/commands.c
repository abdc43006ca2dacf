#include "admin/commands.h"

const struct command commands[] = {
    {"check", command_check, "[--json]", "proves every part and says what to mend"},
    {"explain", command_explain,
     "FILE.eml|- [--to MEMBER...] [--client-ip IP --helo NAME --sender ADDR] "
     "[--list FILE.zl...] [--want CATEGORY=ACTION...] [--json]",
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
    {"list", command_list, "fmt|lint|test|show|add|remove [FILE...]",
     "local lists: check them, test them, change them (`zaguan list help`)"},
    {NULL, NULL, NULL, NULL},
};

int command_read_settings(const struct command_context *context, struct settings *settings,
                          struct error *err)
{
    return settings_read(context->settings_path, settings, err);
}
