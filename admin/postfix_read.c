#include "admin/postfix.h"

#include <string.h>

#define ANSWER_BYTES ((size_t)256 * 1024)

static const char *run_for_text(const char *const *words, struct arena *arena, struct error *err)
{
    BUFFER_CLEANUP output = buffer_new(ANSWER_BYTES);
    if (program_run(words, &output, err) != 0)
        return NULL;
    struct slice text = arena_copy(arena, slice_trim(buffer_slice(&output)));
    if (text.data == NULL)
        arena_error(arena, err);
    return text.data;
}

/* `postconf -xh NAME`: the value in force, with $names replaced. */
static int ask(const char *name, struct arena *arena, const char **value_out, struct error *err)
{
    const char *const words[] = {"postconf", "-xh", name, NULL};
    *value_out = run_for_text(words, arena, err);
    return *value_out == NULL ? -1 : 0;
}

/* The same without replacing, as it must stand in a new value. */
static int ask_as_written(const char *name, struct arena *arena, const char **value_out,
                          struct error *err)
{
    const char *const words[] = {"postconf", "-h", name, NULL};
    *value_out = run_for_text(words, arena, err);
    return *value_out == NULL ? -1 : 0;
}

static bool table_has(const char *table, const char *domain, struct arena *arena)
{
    const char *const words[] = {"postmap", "-q", domain, table, NULL};
    const char *answer = run_for_text(words, arena, NULL);
    return answer != NULL && answer[0] != '\0';
}

/* Postfix's domain lists: names, or tables of names, between commas and blanks. */
static bool list_has(const char *list, const char *domain, struct arena *arena)
{
    struct slice rest = slice_of(list), word;
    while (slice_next_word(&rest, &word)) {
        while (word.size > 0 && word.data[word.size - 1] == ',')
            word.size--;
        if (slice_is_nocase(word, domain))
            return true;
        if (slice_find_byte(word, ':') == word.size)
            continue;
        struct slice table = arena_copy(arena, word);
        if (table.data != NULL && table_has(table.data, domain, arena))
            return true;
    }
    return false;
}

static int read_domain_class(const struct settings *settings, struct arena *arena,
                             struct postfix_facts *facts, struct error *err)
{
    static const struct {
        enum postfix_domain_class domain_class;
        const char *list, *maps;
    } classes[] = {
        {POSTFIX_DOMAIN_VIRTUAL, "virtual_mailbox_domains", "virtual_mailbox_maps"},
        {POSTFIX_DOMAIN_RELAY, "relay_domains", "relay_recipient_maps"},
        {POSTFIX_DOMAIN_LOCAL, "mydestination", "local_recipient_maps"},
    };
    facts->domain_class = POSTFIX_DOMAIN_UNKNOWN;
    facts->recipient_maps = "";
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        const char *list;
        if (ask(classes[i].list, arena, &list, err) != 0)
            return -1;
        if (!list_has(list, settings->domain, arena))
            continue;
        facts->domain_class = classes[i].domain_class;
        return ask_as_written(classes[i].maps, arena, &facts->recipient_maps, err);
    }
    return 0;
}

static bool has_service(const char *service, struct arena *arena)
{
    const char *const words[] = {"postconf", "-M", service, NULL};
    const char *answer = run_for_text(words, arena, NULL);
    return answer != NULL && answer[0] != '\0' && strstr(answer, "warning:") == NULL;
}

static int read_milters(struct arena *arena, struct postfix_facts *facts, struct error *err)
{
    const char *const words[] = {"postconf", "-Pxh", "smtp/inet/smtpd_milters", NULL};
    const char *of_service = run_for_text(words, arena, NULL);
    if (of_service != NULL && of_service[0] != '\0' && strstr(of_service, "warning:") == NULL) {
        facts->inbound_milters = facts->service_milters = of_service;
        return 0;
    }
    return ask_as_written("smtpd_milters", arena, &facts->inbound_milters, err);
}

/* Listeners whose own restrictions stand in master.cf: main.cf's do not reach them. */
static void read_listeners(struct arena *arena, struct postfix_facts *facts)
{
    static const char *const settings[POSTFIX_LISTENERS] = {
        "smtp/inet/smtpd_recipient_restrictions",
        "submission/inet/smtpd_recipient_restrictions",
        "submissions/inet/smtpd_recipient_restrictions",
        "smtps/inet/smtpd_recipient_restrictions",
    };
    for (size_t i = 0; i < POSTFIX_LISTENERS; i++) {
        const char *const words[] = {"postconf", "-Ph", settings[i], NULL};
        const char *value = run_for_text(words, arena, NULL);
        bool has_own = value != NULL && value[0] != '\0' && strstr(value, "warning:") == NULL;
        facts->listeners[i] = (struct postfix_listener){settings[i], has_own ? value : NULL};
    }
}

/* A name that Postfix does not know is answered with nothing, or with a warning. */
static const char *ask_our_own(const char *name, struct arena *arena)
{
    const char *const words[] = {"postconf", "-h", name, NULL};
    const char *value = run_for_text(words, arena, NULL);
    return value == NULL || strstr(value, "warning:") != NULL ? "" : value;
}

int postfix_read(const struct settings *settings, struct arena *arena,
                 struct postfix_facts *facts_out, struct error *err)
{
    struct postfix_facts facts = {0};
    if (ask("mail_version", arena, &facts.version, err) != 0 ||
        ask("config_directory", arena, &facts.config_directory, err) != 0 ||
        ask("myhostname", arena, &facts.hostname, err) != 0 ||
        ask("mydomain", arena, &facts.domain, err) != 0 ||
        ask("recipient_delimiter", arena, &facts.recipient_delimiter, err) != 0 ||
        ask("always_bcc", arena, &facts.always_bcc, err) != 0 ||
        ask_as_written("transport_maps", arena, &facts.transport_maps, err) != 0 ||
        ask_as_written("smtpd_recipient_restrictions", arena, &facts.recipient_restrictions, err) !=
            0 ||
        ask_as_written("smtpd_restriction_classes", arena, &facts.restriction_classes, err) != 0 ||
        read_milters(arena, &facts, err) != 0 ||
        read_domain_class(settings, arena, &facts, err) != 0)
        return error_context(err, "asking Postfix");
    facts.policy_class = ask_our_own("zaguan_policy", arena);
    read_listeners(arena, &facts);
    const char *release = arena_printf(arena, "%s/inet", settings->release_server);
    facts.has_release_service = release != NULL && has_service(release, arena);
    facts.has_answer_service = has_service("zaguan-answer/unix", arena);
    *facts_out = facts;
    return 0;
}
