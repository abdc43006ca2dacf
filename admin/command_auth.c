#include "admin/command_auth_show.h"
#include "admin/commands.h"

#include "common/base/files.h"
#include "common/base/limits.h"

#include <stdio.h>
#include <string.h>

#define ARENA_BYTES (16 * MIB)

struct wanted {
    const char *client_ip;
    const char *helo;
    const char *sender;
    bool is_json;
    bool has_second_opinion;
    const char *from_domain;
    const char *spf;
    struct args_list dkim;
};

static const struct args_row rows[] = {
    {"client-ip", ARGS_VALUE, offsetof(struct wanted, client_ip), "IP",
     "address of the client that sent the message"},
    {"helo", ARGS_VALUE, offsetof(struct wanted, helo), "NAME", "what it said in HELO"},
    {"sender", ARGS_VALUE, offsetof(struct wanted, sender), "ADDRESS", "envelope sender"},
    {"json", ARGS_FLAG, offsetof(struct wanted, is_json), NULL, "machine-readable output"},
    {"second-opinion", ARGS_FLAG, offsetof(struct wanted, has_second_opinion), NULL,
     "what libspf2 says, asked in a sandboxed child"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

static const struct args_row dmarc_rows[] = {
    {"from-domain", ARGS_VALUE, offsetof(struct wanted, from_domain), "DOMAIN",
     "domain of the From field"},
    {"spf", ARGS_VALUE, offsetof(struct wanted, spf), "RESULT:DOMAIN", "what SPF said of whom"},
    {"dkim", ARGS_LIST, offsetof(struct wanted, dkim), "RESULT:DOMAIN",
     "what DKIM said of which signing domain; may be given several times"},
    {"json", ARGS_FLAG, offsetof(struct wanted, is_json), NULL, "machine-readable output"},
    {NULL, ARGS_FLAG, 0, NULL, NULL},
};

/* This command works for everybody: a default file that only root may read is no reason to stop. */
static int read_settings(const struct command_context *context, struct settings *settings,
                         struct error *err)
{
    if (command_read_settings(context, settings, err) == 0)
        return 0;
    if (context->settings_path != NULL)
        return -1;
    fprintf(stderr, "zaguan auth: %s; going on with the defaults\n", err->text);
    settings_set_defaults(settings);
    return 0;
}

static int show(const struct wanted *wanted, const struct auth_shown *shown, struct error *err)
{
    if (wanted->is_json)
        return auth_show_json(shown, err);
    auth_show_text(shown);
    return 0;
}

static struct slice without_brackets(struct slice sender)
{
    bool has_brackets =
        sender.size >= 2 && sender.data[0] == '<' && sender.data[sender.size - 1] == '>';
    return has_brackets ? slice_part(sender, 1, sender.size - 2) : sender;
}

/* --- SPF, DKIM and DMARC of a message ------------------------------------------------------------
 */

struct job {
    const struct settings *settings;
    struct dns *dns;
    struct arena *arena;
    struct auth_client client;
};

static void ask_spf_alone(const struct job *job, struct auth_answer *answer)
{
    struct spf_request request = {.client_ip = job->client.ip,
                                  .helo = job->client.helo,
                                  .sender = job->client.sender,
                                  .receiver = slice_of(job->settings->hostname)};
    answer->has_client = true;
    answer->is_null_sender = request.sender.size == 0;
    spf_check(job->dns, &request, deadline_in(job->settings->dns_timeout_milliseconds), job->arena,
              &answer->spf);
}

static int ask_second_opinion(const struct job *job, struct buffer *words, struct error *err)
{
    struct spf_request request = {.client_ip = job->client.ip,
                                  .helo = job->client.helo,
                                  .sender = job->client.sender,
                                  .receiver = slice_of(job->settings->hostname)};
    return spf_second_opinion(job->settings, &request, words, err);
}

static int run_job(const struct job *job, const struct wanted *wanted, const char *file,
                   struct error *err)
{
    struct auth_answer answer = {.spf = {.result = SPF_NONE}};
    BUFFER_CLEANUP message = buffer_new(LIMIT_MESSAGE_BYTES);
    BUFFER_CLEANUP opinion = buffer_new(LIMIT_SETTINGS_BYTES);
    if (file == NULL)
        ask_spf_alone(job, &answer);
    else if (file_read(file, &message, err) != 0 ||
             auth_message(job->dns, job->settings, &job->client, buffer_slice(&message), job->arena,
                          &answer, err) != 0)
        return -1;
    if (wanted->has_second_opinion && ask_second_opinion(job, &opinion, err) != 0)
        return -1;
    struct auth_shown shown = {.answer = &answer,
                               .has_dmarc = file != NULL,
                               .second_opinion = wanted->has_second_opinion ? opinion.data : NULL};
    return show(wanted, &shown, err);
}

static int check_words(const struct wanted *wanted, const struct args_list *words,
                       struct error *err)
{
    bool has_client = wanted->client_ip != NULL;
    if (words->count > 1)
        return error_set(err, ERROR_USAGE, "one message at a time, not also \"%s\"",
                         words->words[1]);
    if (!has_client && (wanted->helo != NULL || wanted->sender != NULL))
        return error_set(err, ERROR_USAGE, "--helo and --sender need --client-ip");
    if (!has_client && wanted->has_second_opinion)
        return error_set(err, ERROR_USAGE, "--second-opinion needs --client-ip");
    if (!has_client && words->count == 0)
        return error_set(err, ERROR_USAGE, "a message or --client-ip is needed");
    return command_check_client_ip(wanted->client_ip, err);
}

static int open_dns(const struct command_context *context, struct settings *settings,
                    struct dns **dns_out, struct error *err)
{
    if (read_settings(context, settings, err) != 0)
        return -1;
    return dns_open(settings, dns_out, err);
}

static int auth_of_message(const struct command_context *context, const struct wanted *wanted,
                           const struct args_list *words, struct error *err)
{
    if (check_words(wanted, words, err) != 0)
        return -1;
    struct settings settings;
    struct dns *dns = NULL;
    if (open_dns(context, &settings, &dns, err) != 0)
        return -1;
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    struct job job = {&settings,
                      dns,
                      arena,
                      {.ip = slice_of(wanted->client_ip),
                       .helo = slice_of(wanted->helo),
                       .sender = without_brackets(slice_of(wanted->sender)),
                       .is_known = wanted->client_ip != NULL}};
    int failed = arena == NULL
                     ? error_set(err, ERROR_SYSTEM, "no memory")
                     : run_job(&job, wanted, words->count > 0 ? words->words[0] : NULL, err);
    dns_close(dns);
    return failed;
}

/* --- DMARC of given results ----------------------------------------------------------------------
 */

/* "pass:example.com"; the domain may be left out where it does not matter ("none"). */
static void split_result(const char *text, struct slice *result_out, struct slice *domain_out)
{
    struct slice all = slice_of(text);
    size_t colon = slice_find_byte(all, ':');
    *result_out = slice_part(all, 0, colon);
    *domain_out = slice_from(all, colon + 1);
}

static int read_spf(const char *text, struct dmarc_request *request, struct error *err)
{
    struct slice result;
    split_result(text, &result, &request->spf_domain);
    for (int i = SPF_NONE; i <= SPF_PERMERROR; i++)
        if (slice_is_nocase(result, spf_result_name((enum spf_result)i))) {
            request->spf = (enum spf_result)i;
            return 0;
        }
    return error_set(err, ERROR_USAGE,
                     "dmarc: --spf %s: RESULT:DOMAIN is wanted, with a result of SPF", text);
}

static int read_dkim(const char *text, struct dkim_signature *signature, struct error *err)
{
    struct slice result;
    split_result(text, &result, &signature->domain);
    for (int i = DKIM_NONE; i <= DKIM_PERMERROR; i++)
        if (slice_is_nocase(result, dkim_result_name((enum dkim_result)i))) {
            signature->result = (enum dkim_result)i;
            return 0;
        }
    return error_set(err, ERROR_USAGE,
                     "dmarc: --dkim %s: RESULT:DOMAIN is wanted, with a result of DKIM", text);
}

static int read_results(const struct wanted *wanted, struct arena *arena,
                        struct auth_answer *answer, struct dmarc_request *request,
                        struct error *err)
{
    request->from_domain = answer->from_domain = slice_of(wanted->from_domain);
    request->spf = SPF_NONE;
    if (wanted->spf != NULL && read_spf(wanted->spf, request, err) != 0)
        return -1;
    answer->has_client = wanted->spf != NULL;
    answer->spf.result = request->spf;
    answer->spf.domain = request->spf_domain;
    struct dkim_signature *signatures =
        arena_alloc_array(arena, wanted->dkim.count + 1, sizeof *signatures);
    if (signatures == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < wanted->dkim.count; i++)
        if (read_dkim(wanted->dkim.words[i], &signatures[i], err) != 0)
            return -1;
    answer->dkim = (struct dkim_answer){signatures, wanted->dkim.count};
    request->signatures = signatures;
    request->signature_count = wanted->dkim.count;
    return 0;
}

static int auth_of_results(const struct command_context *context, const struct wanted *wanted,
                           const struct args_list *words, struct error *err)
{
    if (words->count > 0)
        return error_set(err, ERROR_USAGE, "dmarc: \"%s\" is not an option", words->words[0]);
    if (wanted->from_domain == NULL)
        return error_set(err, ERROR_USAGE, "dmarc: --from-domain is needed");
    ARENA_CLEANUP *arena = arena_new(ARENA_BYTES);
    struct auth_answer answer = {.spf = {.result = SPF_NONE}};
    struct dmarc_request request = {.spf = SPF_NONE};
    struct settings settings;
    struct dns *dns = NULL;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory");
    if (read_results(wanted, arena, &answer, &request, err) != 0 ||
        open_dns(context, &settings, &dns, err) != 0)
        return -1;
    dmarc_check(dns, &request, deadline_in(settings.dns_timeout_milliseconds), arena,
                &answer.dmarc);
    dns_close(dns);
    struct auth_shown shown = {.answer = &answer, .has_dmarc = true};
    return show(wanted, &shown, err);
}

int command_auth(const struct command_context *context, int argc, char **argv, struct error *err)
{
    struct wanted wanted = {0};
    struct args_list words = {0};
    bool is_dmarc = argc > 1 && strcmp(argv[1], "dmarc") == 0;
    int failed = args_parse(is_dmarc ? dmarc_rows : rows, argc - (is_dmarc ? 1 : 0),
                            argv + (is_dmarc ? 1 : 0), &wanted, &words, err);
    if (failed == 0)
        failed = is_dmarc ? auth_of_results(context, &wanted, &words, err)
                          : auth_of_message(context, &wanted, &words, err);
    args_list_free(&words);
    args_list_free(&wanted.dkim);
    return failed;
}
