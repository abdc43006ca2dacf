/* Lists in the formats of other programs, in and out, and what is lost on the way is counted. */
#include "lists/exchange/exchange.h"
#include "lists/format/parse.h"
#include "tests/lists/signer.h"

#include <stdio.h>

/* "what (count); " for each, as the program prints them. */
static const char *write_losses(const struct exchange_losses *losses, char text[2048])
{
    size_t size = 0;
    text[0] = '\0';
    for (size_t i = 0; i < losses->count; i++)
        size += (size_t)snprintf(text + size, 2048 - size, "%s (%zu); ", losses->rows[i].what,
                                 losses->rows[i].count);
    return text;
}

static struct list *parse(struct slice text, struct arena *arena)
{
    struct list *list;
    struct error err = {0};
    if (list_parse(text, "list", arena, &list, &err) != 0)
        fail_msg("%s\n" SLICE_FORMAT, err.text, SLICE_ARGUMENTS(text));
    return list;
}

/* "type value [sub] [dmarc]; " for each entry. */
static const char *write_values(const struct list *list, char text[2048])
{
    size_t size = 0;
    text[0] = '\0';
    for (size_t i = 0; i < list->entry_count; i++) {
        const struct entry *entry = &list->entries[i];
        size += (size_t)snprintf(text + size, 2048 - size, SLICE_FORMAT " " SLICE_FORMAT "%s%s; ",
                                 SLICE_ARGUMENTS(entry->type_name), SLICE_ARGUMENTS(entry->value),
                                 entry->has_subdomains ? " sub" : "",
                                 entry->needs_dmarc ? " dmarc" : "");
    }
    return text;
}

#define NOT_A_VALUE "lines that name no domain, address or network"
#define TOO_WIDE "networks wider than a list of ours may name (/24, /48)"
#define ONLY_TAGS "actions: an import only tags"

static const struct {
    const char *format, *text, *values, *losses;
} imports[] = {
    {"plain", "bombas.example\n.otras.example\nnn@extrano.example\n192.0.2.7\n2001:db8:1::/48\n",
     "domain bombas.example; domain otras.example sub; addr nn@extrano.example dmarc; cidr "
     "192.0.2.7/32; cidr 2001:db8:1::/48; ",
     ""},
    {"plain", "# a comment\n\n   \nBOMBAS.Example\r\nbombas.example # again\n",
     "domain bombas.example; ", "values that came twice (1); "},
    {"plain", "0.0.0.0 bombas.example\n127.0.0.1 localhost\n::1 localhost\n:: otras.example\n",
     "domain bombas.example; domain otras.example; ", ""},
    {"plain", "bombas.example ; since May\nno dot\n@bombas.example\n*.bombas.example\n",
     "domain bombas.example; ", "comments behind values (1); " NOT_A_VALUE " (3); "},
    {"plain", "", "", ""},
    {"cidr", "192.0.2.0/24 ; SBL1\n10.0.0.0/8 ; SBL2\n2001:db8::/32\n198.51.100.1/24\n",
     "cidr 192.0.2.0/24; ", "comments behind values (2); " TOO_WIDE " (3); "},
    {"rspamd", "# map\nbombas.example 5.0\n/te voy a .*/i 3\n.otras.example\n198.51.100.9 1\n",
     "domain bombas.example; domain otras.example sub; cidr 198.51.100.9/32; ",
     "scores (2); patterns: they bring no texts that prove them (1); "},
    {"postfix-access",
     "bombas.example REJECT go away\n\tand stay there\n.bombas.example 550 no\nok.example OK\n"
     "nn@extrano.example PREPEND X-Note: a\nhold.example hold\nruta.example\n",
     "domain bombas.example; addr nn@extrano.example dmarc; domain hold.example; ",
     ONLY_TAGS " (3); lines that let pass or only route (2); values that came twice (1); "},
    {"postfix-cidr", "192.0.2.0/24 REJECT\n192.0.0.0/16 REJECT\n198.51.100.1 DUNNO\n",
     "cidr 192.0.2.0/24; ",
     ONLY_TAGS " (2); " TOO_WIDE " (1); lines that let pass or only route (1); "},
    {"mastodon",
     "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n"
     "bombas.example,suspend,true,true,\"bombs, and \"\"more\"\"\",false\r\n"
     "b*mb*s.example,silence,false,false,,true\r\n"
     "solo.example\r\n",
     "domain bombas.example sub; domain solo.example sub; ",
     "severity, reject_media and reject_reports: an import only tags (2); domains that the source "
     "hides with * (1); "},
};

static void an_import_takes_values_and_counts_what_it_leaves(void **state)
{
    (void)state;
    static const struct exchange_wanted wanted = {
        .list_name = "de-otros", .category_name = "mail-bomb", .now = NOW};
    for (size_t i = 0; i < sizeof imports / sizeof imports[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(4 * MIB);
        BUFFER_CLEANUP into = buffer_new(MIB);
        struct exchange_losses losses = {.count = 0};
        struct error err = {0};
        char text[2048];
        struct slice input = exact(slice_of(imports[i].text));
        if (exchange_import(exchange_find(imports[i].format), input, &wanted, &into, &losses,
                            &err) != 0)
            fail_msg("row %zu: %s", i, err.text);
        drop(input);
        const struct list *list = parse(buffer_slice(&into), arena);
        if (strcmp(write_values(list, text), imports[i].values) != 0)
            fail_msg("row %zu (%s): \"%s\" instead of \"%s\"", i, imports[i].format, text,
                     imports[i].values);
        if (strcmp(write_losses(&losses, text), imports[i].losses) != 0)
            fail_msg("row %zu (%s): lost \"%s\" instead of \"%s\"", i, imports[i].format, text,
                     imports[i].losses);
        for (size_t k = 0; k < list->entry_count; k++) {
            const struct entry *entry = &list->entries[k];
            assert_null(entry->inactive);
            assert_true(slice_is(entry->basis, "adopted"));
            assert_int_equal(entry->max_action, LIST_ACTION_TAG);
            assert_int_equal(entry->category, CATEGORY_MAIL_BOMB);
            assert_true(entry->expires_at <= NOW + 30 * DAY_SECONDS);
        }
    }
}

static void what_is_not_of_the_format_is_refused(void **state)
{
    (void)state;
    static const struct exchange_wanted wanted = {.list_name = "x", .category_name = "other"};
    BUFFER_CLEANUP into = buffer_new(MIB);
    struct exchange_losses losses = {.count = 0};
    struct error err = {0};
    static const char *const only_written[] = {"postfix-pcre", "spamassassin"};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(exchange_import(exchange_find(only_written[i]), slice_of("x"), &wanted,
                                         &into, &losses, &err),
                         -1);
    assert_int_equal(exchange_import(exchange_find("mastodon"), slice_of("bombas.example\n"),
                                     &wanted, &into, &losses, &err),
                     -1);
    assert_non_null(strstr(err.text, "#domain"));
    assert_null(exchange_find("stix"));
}

#define HEAD(max)                                                                                  \
    "%zaguan-list 1\n%name kefir\n%list-id b7f3c0a9d2e14f60\n%max-action " max                     \
    "\n%digest-key k3 norm 1\n"
#define DATES "added 2026-11-20  expires 2027-01-01  basis own\n"
#define FEW "severity, expiry, reason and texts of entries"
#define FORGED "auth dmarc: a forged sender is hit too"
#define EXPIRED "entries that are parked or have expired"

static const char source[] = HEAD(
    "hold") "+ re \"te voy a/encontrar\"\n  id aaaa0001  cat threat  sev 4  " DATES
            "  yes \"te voy a/encontrar ya\"\n  yes \"y te voy a/encontrar\"\n"
            "  no  \"te voy a ver\"\n  no  \"encontrar #1\"\n"
            "+ phrase \"frase (de) prueba\"\n  id aaaa0002  cat threat  sev 4  " DATES
            "+ addr nn@extrano.example\n  id aaaa0003  cat stalking  sev 4  auth dmarc  " DATES
            "+ domain bombas.example sub\n  id aaaa0004  cat mail-bomb  sev 2  " DATES
            "  why Signs \"strangers\" up\n"
            "+ domain otras.example\n  id aaaa0005  cat other  sev 1  max-action tag  " DATES
            "+ cidr 192.0.2.0/24\n  id aaaa0006  cat mail-bomb  sev 2  " DATES
            "+ dkim d=lista.example\n  id aaaa0007  cat other  sev 1  " DATES
            "+ domain vieja.example\n  id aaaa0008  cat other  sev 1  added 2026-01-01  expires "
            "2026-02-01  basis own\n"
            "+ addr #k3:uZ1m8yq0uZ1m8yq0uZ1m8yq0uZ1m8yq0\n  id aaaa0009  cat stalking  sev 4  auth "
            "dmarc  " DATES "- id bbbb0001  retracted 2026-11-20  why fixed\n"
            "~ vedetas.example/9e020000/51c30000 opinion disagree why quotes\n"
            "@end 11\n";

#define DIGESTS "digests under a group key"
#define ENDS "retractions: what was exported before is not taken back (1); disagreements (1); "

static const struct {
    const char *format;
    bool allows_hold;
    const char *text, *losses;
} exports[] = {
    {"plain", false, "nn@extrano.example\n.bombas.example\notras.example\n192.0.2.0/24\n",
     "patterns, phrases, signers and links: no such thing there (3); " FORGED
     " (1); id, category, severity, expiry and reason of entries (4); " EXPIRED " (1); " DIGESTS
     " (1); " ENDS},
    {"cidr", false, "192.0.2.0/24\n",
     "patterns, phrases, signers and links: no such thing there (6); id, category, severity, "
     "expiry and reason of entries (1); " EXPIRED " (1); " DIGESTS " (1); " ENDS},
    {"postfix-access", false,
     "nn@extrano.example PREPEND X-Zaguan-List: kefir stalking aaaa0003\n"
     "bombas.example PREPEND X-Zaguan-List: kefir mail-bomb aaaa0004\n"
     ".bombas.example PREPEND X-Zaguan-List: kefir mail-bomb aaaa0004\n"
     "otras.example PREPEND X-Zaguan-List: kefir other aaaa0005\n",
     "all but domains and addresses (4); " FEW " (3); " FORGED " (1); " EXPIRED " (1); " DIGESTS
     " (1); " ENDS},
    {"postfix-access", true,
     "nn@extrano.example HOLD kefir stalking aaaa0003\n"
     "bombas.example HOLD kefir mail-bomb aaaa0004\n"
     ".bombas.example HOLD kefir mail-bomb aaaa0004\n"
     "otras.example PREPEND X-Zaguan-List: kefir other aaaa0005\n",
     "all but domains and addresses (4); " FEW " (3); " FORGED " (1); " EXPIRED " (1); " DIGESTS
     " (1); " ENDS},
    {"postfix-cidr", true, "192.0.2.0/24 HOLD kefir mail-bomb aaaa0006\n",
     "all but networks (6); " FEW " (1); " EXPIRED " (1); " DIGESTS " (1); " ENDS},
    {"postfix-pcre", false, "/te voy a\\/encontrar/ PREPEND X-Zaguan-List: kefir threat aaaa0001\n",
     FEW " (1); folding: accents, look-alike letters and encodings are not undone (1); all but "
         "patterns (6); " EXPIRED " (1); " DIGESTS " (1); " ENDS},
    {"spamassassin", false,
     "body ZAGUAN_aaaa0001 /te voy a\\/encontrar/i\n"
     "describe ZAGUAN_aaaa0001 threat (kefir)\nscore ZAGUAN_aaaa0001 0.1\n"
     "test ZAGUAN_aaaa0001 ok te voy a/encontrar ya\n"
     "test ZAGUAN_aaaa0001 ok y te voy a/encontrar\ntest ZAGUAN_aaaa0001 fail te voy a ver\n"
     "body ZAGUAN_aaaa0002 /\\bfrase \\(de\\) prueba\\b/i\n"
     "describe ZAGUAN_aaaa0002 threat (kefir)\nscore ZAGUAN_aaaa0002 0.1\n"
     "header ZAGUAN_aaaa0003 From:addr =~ /^nn@extrano\\.example$/i\n"
     "describe ZAGUAN_aaaa0003 stalking (kefir)\nscore ZAGUAN_aaaa0003 0.1\n"
     "header ZAGUAN_aaaa0004 From:addr =~ /[@.]bombas\\.example$/i\n"
     "describe ZAGUAN_aaaa0004 mail-bomb (kefir)\nscore ZAGUAN_aaaa0004 0.1\n"
     "header ZAGUAN_aaaa0005 From:addr =~ /@otras\\.example$/i\n"
     "describe ZAGUAN_aaaa0005 other (kefir)\nscore ZAGUAN_aaaa0005 0.1\n",
     "severity, expiry and max-action of entries (5); " FORGED
     " (1); networks, signers and links (2); " EXPIRED " (1); " DIGESTS " (1); " ENDS},
    {"mastodon", false,
     "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n"
     "bombas.example,silence,false,false,\"Signs \"\"strangers\"\" up\",false\n"
     "otras.example,noop,false,false,\"other\",false\n",
     "all but domains (5); id, severity number and expiry of entries (2); " EXPIRED " (1); " DIGESTS
     " (1); " ENDS},
};

static void export_list(const char *format, const char *text, bool allows_hold, struct arena *arena,
                        struct buffer *into, struct exchange_losses *losses)
{
    const struct exchange_wanted wanted = {.allows_hold = allows_hold, .now = NOW};
    const struct list *list = parse(slice_of(text), arena);
    struct error err = {0};
    *losses = (struct exchange_losses){.count = 0};
    if (exchange_export(exchange_find(format), list, &wanted, into, losses, &err) != 0)
        fail_msg("%s: %s", format, err.text);
}

static void an_export_writes_what_it_can_and_counts_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof exports / sizeof exports[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(4 * MIB);
        BUFFER_CLEANUP into = buffer_new(MIB);
        struct exchange_losses losses;
        char text[2048];
        export_list(exports[i].format, source, exports[i].allows_hold, arena, &into, &losses);
        if (strcmp(into.data, exports[i].text) != 0)
            fail_msg("%s: \"%s\" instead of \"%s\"", exports[i].format, into.data, exports[i].text);
        if (strcmp(write_losses(&losses, text), exports[i].losses) != 0)
            fail_msg("%s: lost \"%s\" instead of \"%s\"", exports[i].format, text,
                     exports[i].losses);
    }
}

static void rspamd_gets_a_small_score_and_no_action(void **state)
{
    (void)state;
    ARENA_CLEANUP *arena = arena_new(4 * MIB);
    BUFFER_CLEANUP into = buffer_new(MIB);
    struct exchange_losses losses;
    export_list("rspamd", source, true, arena, &into, &losses);
    static const char *const lines[] = {"\n/te voy a\\/encontrar/iu\n", "\nnn@extrano.example\n",
                                        "\nbombas.example\n", "\n192.0.2.0/24\n",
                                        "#     score = 0.1;\n"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (strstr(into.data, lines[i]) == NULL)
            fail_msg("\"%s\" is missing in \"%s\"", lines[i], into.data);
    assert_null(strstr(into.data, "action ="));
    assert_null(strstr(into.data, "vieja.example"));
}

/* A list that may only tag holds nowhere, and nothing of ours refuses or drops anywhere. */
static void no_export_asks_to_refuse_or_drop(void **state)
{
    (void)state;
    static const char *const words[] = {"REJECT",  "DISCARD", "reject\n",
                                        "suspend", "550",     "FILTER"};
    char gentle[sizeof source];
    snprintf(gentle, sizeof gentle, "%s", source);
    char *at = strstr(gentle, "%max-action hold");
    memcpy(at, "%max-action tag ", 16);
    for (const struct exchange_format *row = exchange_formats; row->name != NULL; row++)
        for (int is_gentle = 0; is_gentle < 2; is_gentle++) {
            ARENA_CLEANUP *arena = arena_new(4 * MIB);
            BUFFER_CLEANUP into = buffer_new(MIB);
            struct exchange_losses losses;
            export_list(row->name, is_gentle ? gentle : source, true, arena, &into, &losses);
            for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
                if (strstr(into.data, words[i]) != NULL)
                    fail_msg("%s writes %s", row->name, words[i]);
            if (is_gentle &&
                (strstr(into.data, "HOLD") != NULL || strstr(into.data, "silence") != NULL))
                fail_msg("%s holds for a list that may only tag", row->name);
        }
}

/* What both directions know comes back as it went, as an adopted opinion. */
static void what_is_exported_and_imported_names_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *format, *values;
    } rows[] = {
        {"plain", "addr nn@extrano.example dmarc; domain bombas.example sub; domain otras.example; "
                  "cidr 192.0.2.0/24; "},
        {"cidr", "cidr 192.0.2.0/24; "},
        {"postfix-access", "addr nn@extrano.example dmarc; domain bombas.example; domain "
                           "otras.example; "},
        {"postfix-cidr", "cidr 192.0.2.0/24; "},
        {"mastodon", "domain bombas.example sub; domain otras.example sub; "},
        {"rspamd", "addr nn@extrano.example dmarc; domain bombas.example; domain otras.example; "
                   "cidr 192.0.2.0/24; "},
    };
    static const struct exchange_wanted wanted = {
        .list_name = "vuelta", .category_name = "other", .now = NOW};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ARENA_CLEANUP *arena = arena_new(4 * MIB);
        BUFFER_CLEANUP out = buffer_new(MIB), back = buffer_new(MIB);
        struct exchange_losses losses;
        struct error err = {0};
        char text[2048];
        export_list(rows[i].format, source, false, arena, &out, &losses);
        losses.count = 0;
        if (exchange_import(exchange_find(rows[i].format), buffer_slice(&out), &wanted, &back,
                            &losses, &err) != 0)
            fail_msg("%s: %s", rows[i].format, err.text);
        if (strcmp(write_values(parse(buffer_slice(&back), arena), text), rows[i].values) != 0)
            fail_msg("%s: \"%s\" instead of \"%s\"", rows[i].format, text, rows[i].values);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_takes_values_and_counts_what_it_leaves),
        cmocka_unit_test(what_is_not_of_the_format_is_refused),
        cmocka_unit_test(an_export_writes_what_it_can_and_counts_the_rest),
        cmocka_unit_test(rspamd_gets_a_small_score_and_no_action),
        cmocka_unit_test(no_export_asks_to_refuse_or_drop),
        cmocka_unit_test(what_is_exported_and_imported_names_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
