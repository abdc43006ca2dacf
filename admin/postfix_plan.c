#include "admin/postfix.h"

#include <string.h>

#define MOST_CHANGES 8

/* The listener for releases: no milters, no policy, no filter, no rewriting, loopback only. Each
 * option undoes something that would change, refuse or hold again what was released. */
static const char release_options[] =
    " -o syslog_name=postfix/zaguan-release"
    " -o smtpd_milters="
    " -o content_filter="
    " -o smtpd_proxy_filter="
    " -o local_header_rewrite_clients="
    " -o receive_override_options=no_header_body_checks,no_unknown_recipient_checks,no_milters"
    " -o mynetworks=127.0.0.0/8,[::1]/128"
    " -o smtpd_client_restrictions=permit_mynetworks,reject"
    " -o smtpd_helo_restrictions="
    " -o smtpd_sender_restrictions="
    " -o smtpd_relay_restrictions=permit_mynetworks,reject"
    " -o smtpd_recipient_restrictions=permit_mynetworks,reject"
    " -o smtpd_data_restrictions="
    " -o smtpd_end_of_data_restrictions="
    " -o smtpd_tls_security_level=none"
    " -o smtpd_sasl_auth_enable=no";

struct planning {
    struct arena *arena;
    struct postfix_plan *plan;
};

static void add(struct planning *p, struct postfix_change change)
{
    if (change.value == NULL || p->plan->count >= MOST_CHANGES)
        return; /* arena_is_exhausted() is asked at the end */
    p->plan->changes[p->plan->count++] = change;
}

static void warn(struct planning *p, const char *text)
{
    if (p->plan->warning_count < MOST_CHANGES)
        p->plan->warnings[p->plan->warning_count++] = text;
}

/* "inet:8891@127.0.0.1" of libmilter is "inet:127.0.0.1:8891" to Postfix; unix: is the same. */
static const char *socket_for_postfix(const char *milter_socket, struct arena *arena)
{
    struct slice socket = slice_of(milter_socket);
    size_t at = slice_find_byte(socket, '@');
    if (!slice_starts_with(socket, "inet:") || at == socket.size)
        return milter_socket;
    struct slice port = slice_part(socket, 5, at - 5);
    return arena_printf(arena, "inet:%s:" SLICE_FORMAT, milter_socket + at + 1,
                        SLICE_ARGUMENTS(port));
}

#define MILTERS_SETTING "zaguan_inbound_milters"

/* postconf cannot write a value with blanks into master.cf, so the value gets a name of its own in
 * main.cf and master.cf refers to it. */
static void plan_milter(struct planning *p, const struct postfix_facts *facts,
                        const struct settings *settings)
{
    const char *socket = socket_for_postfix(settings->milter_socket, p->arena);
    if (socket == NULL || strstr(facts->inbound_milters, socket) != NULL)
        return;
    bool is_first = facts->inbound_milters[0] == '\0';
    add(p,
        (struct postfix_change){
            POSTFIX_MAIN, MILTERS_SETTING,
            arena_printf(p->arena, "%s%s{ %s, default_action=tempfail, command_timeout=60s }",
                         facts->inbound_milters, is_first ? "" : ", ", socket),
            NULL, "zaguan sees what other milters let pass; while it is away, senders try again"});
    add(p, (struct postfix_change){POSTFIX_SERVICE_SETTING, "smtp/inet/smtpd_milters",
                                   "$" MILTERS_SETTING, facts->service_milters,
                                   "only the listener for mail from outside"});
}

static void plan_maps(struct planning *p, const struct postfix_facts *facts,
                      const struct settings *settings)
{
    static const char *const names[] = {
        [POSTFIX_DOMAIN_LOCAL] = "local_recipient_maps",
        [POSTFIX_DOMAIN_VIRTUAL] = "virtual_mailbox_maps",
        [POSTFIX_DOMAIN_RELAY] = "relay_recipient_maps",
    };
    const char *address = arena_printf(p->arena, "%s@%s", settings->reply_user, settings->domain);
    if (address == NULL)
        return;
    if (strstr(facts->transport_maps, address) == NULL)
        add(p,
            (struct postfix_change){
                POSTFIX_MAIN, "transport_maps",
                arena_printf(p->arena, "inline:{{%s = zaguan-answer:}}%s%s", address,
                             facts->transport_maps[0] == '\0' ? "" : ", ", facts->transport_maps),
                facts->transport_maps, "answers of members reach zaguan-answer"});
    if (facts->domain_class == POSTFIX_DOMAIN_UNKNOWN) {
        warn(p,
             "the domain of zaguan.conf is in none of mydestination, virtual_mailbox_domains and "
             "relay_domains: Postfix must accept mail to the reply address");
        return;
    }
    /* An empty map means that every recipient is taken. */
    if (facts->recipient_maps[0] != '\0' && strstr(facts->recipient_maps, address) == NULL)
        add(p, (struct postfix_change){POSTFIX_MAIN, names[facts->domain_class],
                                       arena_printf(p->arena, "%s, inline:{{%s = zaguan}}",
                                                    facts->recipient_maps, address),
                                       facts->recipient_maps,
                                       "the reply address is a known recipient"});
}

static void plan_services(struct planning *p, const struct postfix_facts *facts,
                          const struct settings *settings, const char *settings_path,
                          const char *program_folder)
{
    if (!facts->has_release_service)
        add(p,
            (struct postfix_change){
                POSTFIX_SERVICE, arena_printf(p->arena, "%s/inet", settings->release_server),
                arena_printf(p->arena, "%s inet n - n - - smtpd%s", settings->release_server,
                             release_options),
                NULL, "the door for released mail and digests: loopback, nothing filters there"});
    if (!facts->has_answer_service)
        add(p, (struct postfix_change){
                   POSTFIX_SERVICE, "zaguan-answer/unix",
                   arena_printf(
                       p->arena,
                       "zaguan-answer unix - n n - 4 pipe flags= null_sender= user=zaguan-review "
                       "argv=%s/zaguan-answer -c %s --sender=${sender} --recipient "
                       "${original_recipient}",
                       program_folder, settings_path),
                   NULL, "reads answers; runs as the user who may open what is held"});
}

int postfix_plan(const struct postfix_facts *facts, const struct settings *settings,
                 const char *settings_path, const char *program_folder, struct arena *arena,
                 struct postfix_plan *plan_out, struct error *err)
{
    struct postfix_plan plan = {
        .changes = arena_alloc_array(arena, MOST_CHANGES, sizeof *plan.changes),
        .warnings = arena_alloc_array(arena, MOST_CHANGES, sizeof *plan.warnings)};
    if (plan.changes == NULL || plan.warnings == NULL)
        return arena_error(arena, err);
    struct planning p = {arena, &plan};
    plan_milter(&p, facts, settings);
    plan_services(&p, facts, settings, settings_path, program_folder);
    plan_maps(&p, facts, settings);
    if (strcmp(facts->recipient_delimiter, settings->recipient_delimiter) != 0) {
        if (facts->recipient_delimiter[0] == '\0')
            add(&p, (struct postfix_change){POSTFIX_MAIN, "recipient_delimiter",
                                            settings->recipient_delimiter, "",
                                            "the reply address carries its token behind it"});
        else
            warn(&p, "recipient_delimiter of Postfix and of zaguan.conf differ: set the same in "
                     "zaguan.conf");
    }
    if (facts->always_bcc[0] != '\0')
        warn(&p, "always_bcc is set: that mailbox gets a copy of mail that zaguan holds only in "
                 "part, and none of what it holds for everyone");
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *plan_out = plan;
    return 0;
}

/* One option a line, as people write master.cf. */
static void print_service(const char *value, struct buffer *into)
{
    struct slice rest = slice_of(value);
    struct slice option = SLICE_LITERAL(" -o ");
    size_t end = slice_find(rest, option);
    buffer_append(into, slice_part(rest, 0, end));
    while (end < rest.size) {
        rest = slice_from(rest, end + option.size);
        end = slice_find(rest, option);
        buffer_printf(into, "\n  -o " SLICE_FORMAT, SLICE_ARGUMENTS(slice_part(rest, 0, end)));
    }
    buffer_append_text(into, "\n");
}

static void print_kind(const struct postfix_plan *plan, bool is_main, struct buffer *into)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct postfix_change *change = &plan->changes[i];
        if ((change->kind == POSTFIX_MAIN) != is_main)
            continue;
        buffer_printf(into, "# %s\n", change->why);
        if (is_main)
            buffer_printf(into, "%s = %s\n", change->name, change->value);
        else if (change->kind == POSTFIX_SERVICE)
            print_service(change->value, into);
        else
            buffer_printf(into, "# (under the service smtp inet:)\n  -o smtpd_milters=%s\n",
                          change->value);
        buffer_append_text(into, "\n");
    }
}

void postfix_print(const struct postfix_plan *plan, struct buffer *into)
{
    if (plan->count == 0)
        buffer_append_text(into, "Postfix has every line it needs.\n");
    else {
        buffer_append_text(into, "--- main.cf\n\n");
        print_kind(plan, true, into);
        buffer_append_text(into, "--- master.cf\n\n");
        print_kind(plan, false, into);
    }
    for (size_t i = 0; i < plan->warning_count; i++)
        buffer_printf(into, "Note: %s.\n", plan->warnings[i]);
}
