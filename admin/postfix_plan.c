#include "admin/postfix.h"

#include <string.h>

#define MOST_CHANGES 16

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

#define POLICY_CLASS "zaguan_policy"

/* The first of several sockets. */
static const char *policy_socket_for_postfix(const struct settings *settings, struct arena *arena)
{
    struct slice rest = slice_of(settings->policy_socket), first;
    if (!slice_next(&rest, ',', &first))
        return "";
    first = slice_trim(first);
    if (slice_starts_with(first, "inet:") && slice_find_byte(first, '@') == first.size)
        return arena_printf(arena, "inet:127.0.0.1:" SLICE_FORMAT,
                            SLICE_ARGUMENTS(slice_from(first, 5)));
    struct slice copy = arena_copy(arena, first);
    return copy.data == NULL ? NULL : socket_for_postfix(copy.data, arena);
}

/* In front of what is there: behind a permit for people who log in nobody would learn whom they
 * write to. It never says OK, so it opens nothing. */
static const char *with_policy(const char *before, struct arena *arena)
{
    return before[0] == '\0' ? POLICY_CLASS : arena_printf(arena, POLICY_CLASS ",%s", before);
}

static void plan_policy_restrictions(struct planning *p, const struct postfix_facts *facts)
{
    if (strstr(facts->recipient_restrictions, POLICY_CLASS) == NULL)
        add(p,
            (struct postfix_change){
                POSTFIX_MAIN, "smtpd_recipient_restrictions",
                with_policy(facts->recipient_restrictions, p->arena), facts->recipient_restrictions,
                "zaguan-policy is asked about each recipient; relaying is still decided by "
                "smtpd_relay_restrictions"});
    for (size_t i = 0; i < POSTFIX_LISTENERS; i++) {
        const struct postfix_listener *listener = &facts->listeners[i];
        if (listener->restrictions == NULL || strstr(listener->restrictions, POLICY_CLASS) != NULL)
            continue;
        add(p, (struct postfix_change){POSTFIX_SERVICE_SETTING, listener->setting,
                                       with_policy(listener->restrictions, p->arena),
                                       listener->restrictions,
                                       "this listener has restrictions of its own"});
    }
}

/* default_action and try_limit are smtpd_policy_service_default_action and _try_limit for this
 * service alone: other policy services of the admin keep theirs. */
static void plan_policy(struct planning *p, const struct postfix_facts *facts,
                        const struct settings *settings)
{
    const char *socket = policy_socket_for_postfix(settings, p->arena);
    if (socket == NULL || socket[0] == '\0')
        return;
    if (strstr(facts->policy_class, socket) == NULL)
        add(p, (struct postfix_change){
                   POSTFIX_MAIN, POLICY_CLASS,
                   arena_printf(p->arena,
                                "check_policy_service { %s, default_action=DUNNO, timeout=15s, "
                                "try_limit=1 }",
                                socket),
                   facts->policy_class[0] == '\0' ? NULL : facts->policy_class,
                   "default_action=DUNNO: while zaguan-policy is away mail goes on without it, at "
                   "once (try_limit=1)"});
    if (strstr(facts->restriction_classes, POLICY_CLASS) == NULL)
        add(p, (struct postfix_change){
                   POSTFIX_MAIN, "smtpd_restriction_classes",
                   arena_printf(p->arena, "%s%s" POLICY_CLASS, facts->restriction_classes,
                                facts->restriction_classes[0] == '\0' ? "" : ", "),
                   facts->restriction_classes, "the name of the line above as a restriction"});
    plan_policy_restrictions(p, facts);
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
    plan_policy(&p, facts, settings);
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

/* "smtp/inet/smtpd_milters" */
static void print_setting(const struct postfix_change *change, struct buffer *into)
{
    struct slice rest = slice_of(change->name), service = {NULL, 0}, type = {NULL, 0};
    if (slice_next(&rest, '/', &service) && slice_next(&rest, '/', &type))
        buffer_printf(
            into,
            "# (under the service " SLICE_FORMAT " " SLICE_FORMAT ":)\n  -o " SLICE_FORMAT "=%s\n",
            SLICE_ARGUMENTS(service), SLICE_ARGUMENTS(type), SLICE_ARGUMENTS(rest), change->value);
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
            print_setting(change, into);
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
