#include "milter/explain.h"

/* What comes from a mail must not move the cursor of a terminal. */
static void append_visible(struct buffer *into, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        /* C1 controls in UTF-8 are 0xC2 0x80-0x9F */
        bool is_c1 = c == 0xc2 && i + 1 < text.size && (unsigned char)text.data[i + 1] < 0xa0;
        i += is_c1 ? 1 : 0;
        buffer_append_byte(into, c < ' ' || c == 0x7f || is_c1 ? ' ' : text.data[i]);
    }
}

static void write_spf(const struct auth_answer *auth, struct buffer *into)
{
    if (!auth->has_client) {
        buffer_append_text(into, "  spf    not asked: no --client-ip\n");
        return;
    }
    buffer_printf(into, "  spf    %s  ", spf_result_name(auth->spf.result));
    append_visible(into, auth->spf.domain);
    if (auth->spf.problem != NULL) {
        buffer_append_text(into, "  ");
        append_visible(into, slice_of(auth->spf.problem));
    }
    buffer_append_byte(into, '\n');
}

static void write_dkim(const struct auth_answer *auth, struct buffer *into)
{
    if (auth->dkim.count == 0)
        buffer_append_text(into, "  dkim   none\n");
    for (size_t i = 0; i < auth->dkim.count; i++) {
        const struct dkim_signature *signature = &auth->dkim.signatures[i];
        buffer_printf(into, "  dkim   %s  ", dkim_result_name(signature->result));
        append_visible(into, signature->domain);
        if (signature->reason != NULL) {
            buffer_append_text(into, "  ");
            append_visible(into, slice_of(signature->reason));
        }
        buffer_append_byte(into, '\n');
    }
}

static void write_dmarc(const struct auth_answer *auth, struct buffer *into)
{
    const struct dmarc_answer *dmarc = &auth->dmarc;
    buffer_printf(into, "  dmarc  %s  ", dmarc_result_name(dmarc->result));
    append_visible(into, dmarc->domain);
    if (dmarc->policy != NULL && dmarc->policy[0] != '\0')
        buffer_printf(into, "  asks for %s", dmarc->policy);
    buffer_append_byte(into, '\n');
}

static void write_hits(const struct message_result *result, struct buffer *into)
{
    if (!result->is_looked_at) {
        buffer_append_text(into, "\ntext\n  not looked at: no recipient said yes\n");
        return;
    }
    buffer_append_text(into, "\ntext\n");
    for (size_t i = 0; i < result->limit_count; i++) {
        buffer_append_text(into, "  unscanned: ");
        append_visible(into, slice_of(result->limits[i]));
        buffer_append_byte(into, '\n');
    }
    if (result->hits.count == 0)
        buffer_append_text(into, "  no list says anything of it\n");
    for (size_t i = 0; i < result->hits.count; i++) {
        const struct hit *hit = &result->hits.hits[i];
        buffer_printf(into, "  %s %d, ", category_name(hit->entry->category), hit->entry->severity);
        append_visible(into, hit->list->name);
        buffer_append_byte(into, ' ');
        append_visible(into, hit->entry->id);
        buffer_printf(into, ", %s: \"", hit->where_name);
        append_visible(into, hit->text);
        buffer_append_text(into, hit->list->is_shadow ? "\" (only counted, in shadow)\n" : "\"\n");
    }
}

void explain_write_reason(const struct item_reason *reason, struct buffer *into)
{
    if (reason->entry.size == 0) {
        append_visible(into, reason->rule);
        if (reason->where.size > 0) { /* which part of the mail is the false one */
            buffer_append_text(into, " (");
            append_visible(into, reason->where);
            buffer_append_byte(into, ')');
        }
        return;
    }
    buffer_append_text(into, "list ");
    append_visible(into, reason->list);
    buffer_append_byte(into, ' ');
    append_visible(into, reason->entry);
    buffer_append_text(into, " (");
    append_visible(into, reason->category);
    buffer_append_text(into, ", ");
    append_visible(into, reason->where);
    buffer_append_byte(into, ')');
}

static void write_verdict(const struct message_recipient *recipient, struct buffer *into)
{
    const struct verdict *verdict = &recipient->verdict;
    buffer_append_text(into, "  ");
    append_visible(into, recipient->path);
    buffer_printf(into, ": %s%s\n", verdict_action_name(verdict->action),
                  !recipient->is_member_on ? ", she did not say yes" : "");
    for (size_t i = 0; i < verdict->reason_count; i++) {
        buffer_append_text(into, "    because of ");
        explain_write_reason(&verdict->reasons[i], into);
        buffer_append_byte(into, '\n');
    }
}

static double milliseconds(int64_t microseconds)
{
    return (double)microseconds / 1000.0;
}

void explain_write(const struct message_result *result, struct buffer *into)
{
    const struct message_times *times = &result->times;
    buffer_append_text(into, "authentication\n");
    write_spf(&result->auth, into);
    write_dkim(&result->auth, into);
    write_dmarc(&result->auth, into);
    write_hits(result, into);
    buffer_append_text(into, "\nverdicts\n");
    for (size_t i = 0; i < result->recipient_count; i++)
        write_verdict(&result->recipients[i], into);
    buffer_printf(into,
                  "\ntime\n  authenticate %.1f ms, collect %.1f, match %.1f, decide %.1f, "
                  "total %.1f\n",
                  milliseconds(times->authenticate_microseconds),
                  milliseconds(times->collect_microseconds),
                  milliseconds(times->match_microseconds), milliseconds(times->decide_microseconds),
                  milliseconds(times->total_microseconds));
}
