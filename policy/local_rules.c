#include "policy/local_rules.h"

#include "common/base/limits.h"
#include "common/base/trusted.h"
#include "common/mail/address.h"
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES (4 * MIB)
#define TEXT_MOST 300

struct local_rule;

struct subject {
    const char *name;
    int (*read)(struct slice value, struct arena *arena, struct local_rule *rule,
                struct error *err);
    bool (*fits)(const struct local_rule *rule, struct request_facts *facts);
};

enum local_action { LOCAL_PASS, LOCAL_DEFER, LOCAL_REFUSE };

struct local_rule {
    enum local_action action;
    const struct subject *subject;
    struct slice value, text;
    struct trusted *network; /* client */
};

struct local_rules {
    struct arena *arena;
    size_t count;
    struct local_rule rows[LOCAL_RULES_MOST];
};

/* "@domain", ".domain" (and all below it), "domain": lower-case A-labels. */
static int read_domain(struct slice value, struct arena *arena, struct local_rule *rule,
                       struct error *err)
{
    char domain[256];
    size_t marks = value.size > 0 && (value.data[0] == '@' || value.data[0] == '.') ? 1 : 0;
    if (address_domain_to_ascii(slice_from(value, marks), domain, sizeof domain, err) != 0)
        return -1;
    const char *written =
        arena_printf(arena, "%s%s", marks && value.data[0] == '.' ? "." : "", domain);
    if (written == NULL)
        return arena_error(arena, err);
    rule->value = slice_of(written);
    return 0;
}

static int read_address(struct slice value, struct arena *arena, struct local_rule *rule,
                        struct error *err)
{
    struct address address;
    if (slice_is(value, "<>")) {
        rule->value = slice_of("");
        return 0;
    }
    if (slice_find_byte(value, '@') == value.size || value.data[0] == '@')
        return read_domain(value, arena, rule, err);
    if (address_parse_path(value, arena, &address, err) != 0)
        return -1;
    rule->value = address_canonical(&address, "", arena);
    return slice_is_empty(rule->value) ? arena_error(arena, err) : 0;
}

static int read_network(struct slice value, struct arena *arena, struct local_rule *rule,
                        struct error *err)
{
    rule->network = arena_alloc(arena, sizeof *rule->network);
    if (rule->network == NULL)
        return arena_error(arena, err);
    if (trusted_read(value, rule->network, err) != 0 || rule->network->count != 1)
        return error_set(err, ERROR_INPUT, "not one address or CIDR network");
    return 0;
}

static bool domain_fits(struct slice wanted, struct slice domain)
{
    if (slice_is_empty(domain))
        return false;
    if (wanted.size == 0 || wanted.data[0] != '.')
        return slice_equals_nocase(wanted, domain);
    size_t size = wanted.size;
    struct slice tail = slice_from(domain, domain.size > size ? domain.size - size : 0);
    return slice_equals_nocase(tail, wanted) || slice_equals_nocase(domain, slice_from(wanted, 1));
}

static bool address_fits(struct slice wanted, struct slice address)
{
    if (slice_find_byte(wanted, '@') < wanted.size)
        return slice_equals(wanted, address);
    size_t at = slice_find_last_byte(address, '@');
    return domain_fits(wanted, slice_from(address, at + 1));
}

static bool sender_fits(const struct local_rule *rule, struct request_facts *facts)
{
    if (slice_is_empty(rule->value))
        return facts->is_null_sender;
    return address_fits(rule->value, facts->sender);
}

static bool recipient_fits(const struct local_rule *rule, struct request_facts *facts)
{
    return address_fits(rule->value, facts->recipient);
}

static bool helo_fits(const struct local_rule *rule, struct request_facts *facts)
{
    return domain_fits(rule->value, facts->request->helo_name);
}

static bool client_fits(const struct local_rule *rule, struct request_facts *facts)
{
    return trusted_contains(rule->network, facts->request->client_address);
}

/* Only for mail that claims to be of this domain is the DNS asked. */
static bool spf_fail_fits(const struct local_rule *rule, struct request_facts *facts)
{
    bool is_of_sender = domain_fits(rule->value, facts->sender_domain);
    bool is_of_helo = domain_fits(rule->value, facts->request->helo_name);
    if (!is_of_sender && !is_of_helo)
        return false;
    request_facts_spf(facts);
    return (is_of_sender && facts->spf_of_sender.result == SPF_FAIL) ||
           (is_of_helo && facts->spf_of_helo.result == SPF_FAIL);
}

static const struct subject subjects[] = {
    {"sender", read_address, sender_fits},    {"recipient", read_address, recipient_fits},
    {"client", read_network, client_fits},    {"helo", read_domain, helo_fits},
    {"spf-fail", read_domain, spf_fail_fits},
};

static const struct {
    const char *name;
    const char *code, *text;
} actions[] = {
    [LOCAL_PASS] = {"pass", "", ""},
    [LOCAL_DEFER] = {"defer", "4.7.1",
                     "This server does not take this message now. It will be tried again by "
                     "itself; you need not do anything"},
    [LOCAL_REFUSE] = {"refuse", "5.7.1",
                      "The administrator of this server does not accept this message. If you "
                      "believe this is a mistake, write to its postmaster from another address"},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char spf_text[] =
    "The domain of this message does not allow your server to send for it (SPF). Send it through "
    "the server of your own mail provider";

static int read_rule(struct slice line, struct local_rules *rules, struct error *err)
{
    struct slice action, subject, value;
    size_t a = 0, s = 0;
    if (!slice_next_word(&line, &action) || !slice_next_word(&line, &subject) ||
        !slice_next_word(&line, &value))
        return error_set(err, ERROR_INPUT, "a rule is ACTION WHAT VALUE [TEXT]");
    while (a < COUNT(actions) && !slice_is(action, actions[a].name))
        a++;
    while (s < COUNT(subjects) && !slice_is(subject, subjects[s].name))
        s++;
    if (a == COUNT(actions))
        return error_set(err, ERROR_INPUT, "the action is pass, defer or refuse");
    if (s == COUNT(subjects))
        return error_set(err, ERROR_INPUT,
                         "a rule is about sender, recipient, client, helo or spf-fail");
    if (rules->count == LOCAL_RULES_MOST)
        return error_set(err, ERROR_LIMIT, "more than %d rules", LOCAL_RULES_MOST);
    struct local_rule rule = {.action = (enum local_action)a, .subject = &subjects[s]};
    struct slice text = slice_trim(line);
    if (text.size > TEXT_MOST)
        return error_set(err, ERROR_INPUT, "the text is longer than %d bytes", TEXT_MOST);
    if (slice_is_empty(text))
        text = slice_of(strcmp(subjects[s].name, "spf-fail") == 0 && a == LOCAL_REFUSE
                            ? spf_text
                            : actions[a].text);
    rule.text = arena_copy(rules->arena, text);
    if (subjects[s].read(value, rules->arena, &rule, err) != 0)
        return -1;
    rules->rows[rules->count++] = rule;
    return arena_is_exhausted(rules->arena) ? arena_error(rules->arena, err) : 0;
}

int local_rules_read(struct slice text, const char *name, struct local_rules **rules_out,
                     struct error *err)
{
    struct local_rules *rules = calloc(1, sizeof *rules);
    struct slice line;
    if (rules == NULL || (rules->arena = arena_new(ARENA_BYTES)) == NULL) {
        free(rules);
        return error_set(err, ERROR_SYSTEM, "%s: no memory", name);
    }
    for (int number = 1; slice_next(&text, '\n', &line); number++) {
        line = slice_trim(line);
        if (slice_is_empty(line) || line.data[0] == '#')
            continue;
        if (read_rule(line, rules, err) != 0) {
            local_rules_free(rules);
            return error_context(err, "%s:%d", name, number);
        }
    }
    *rules_out = rules;
    return 0;
}

void local_rules_free(struct local_rules *rules)
{
    if (rules == NULL)
        return;
    arena_free(rules->arena);
    free(rules);
}

size_t local_rules_size(const struct local_rules *rules)
{
    return rules->count;
}

bool local_rules_fit(const struct local_rules *rules, struct request_facts *facts,
                     struct answer *answer)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct local_rule *rule = &rules->rows[i];
        if (!rule->subject->fits(rule, facts))
            continue;
        if (rule->action == LOCAL_DEFER)
            answer_defer(answer, "local", actions[LOCAL_DEFER].code, rule->text);
        else if (rule->action == LOCAL_REFUSE)
            answer_reject(answer, "local", actions[LOCAL_REFUSE].code, rule->text);
        return true;
    }
    return false;
}
