#include "milter/apply.h"

#include "common/base/buffer.h"

#define DAY_SECONDS ((int64_t)86400)
#define MARK_BYTES ((size_t)512)
#define MARK_WORD_BYTES ((size_t)100)

/* Names come from list files: in a header field they must not end a line or a word. */
static void append_word(struct buffer *mark, struct slice word)
{
    buffer_append_text(mark, "; ");
    for (size_t i = 0; i < word.size && i < MARK_WORD_BYTES; i++) {
        char c = word.data[i];
        buffer_append_byte(mark, c > ' ' && c < 0x7f && c != ';' ? c : '_');
    }
    if (word.size == 0)
        buffer_append_byte(mark, '-');
}

/* "tag; category; list; entry", or where no list was asked "tag; category; rule" and what of the
 * mail it rests on. */
static void append_tag(struct buffer *mark, const struct verdict *verdict)
{
    buffer_append_text(mark, "tag");
    append_word(mark, verdict->category);
    if (verdict->reason_count == 0)
        return;
    const struct item_reason *reason = &verdict->reasons[0];
    if (reason->entry.size == 0) {
        append_word(mark, reason->rule);
        if (reason->where.size > 0) /* by what: which part imitates, or resembles */
            append_word(mark, reason->where);
        return;
    }
    append_word(mark, reason->list);
    append_word(mark, reason->entry);
}

static int write_mark(const struct message_recipient *recipient, struct arena *arena,
                      struct slice *mark_out, struct error *err)
{
    const struct verdict *verdict = &recipient->verdict;
    BUFFER_CLEANUP mark = buffer_new(MARK_BYTES);
    if (recipient->is_member_on && verdict->action == VERDICT_TAG)
        append_tag(&mark, verdict);
    else if (recipient->is_member_on && verdict->is_unscanned)
        buffer_append_text(&mark, "unscanned");
    *mark_out = arena_copy(arena, buffer_slice(&mark));
    return arena_is_exhausted(arena) ? arena_error(arena, err) : 0;
}

static struct slice without_brackets(struct slice path)
{
    if (path.size >= 2 && path.data[0] == '<' && path.data[path.size - 1] == '>')
        return slice_part(path, 1, path.size - 2);
    return path;
}

/* Two addresses of one member (a tag, another case) are one copy in her hold. */
static bool has_copy(const struct plan *plan, int64_t member_id, enum hold_purpose purpose)
{
    for (size_t i = 0; i < plan->copy_count; i++)
        if (plan->copies[i].member_id == member_id && plan->copies[i].purpose == purpose)
            return true;
    return false;
}

static struct hold_copy *take_out(struct plan *plan, const struct message_result *result,
                                  size_t place, enum hold_purpose purpose)
{
    const struct message_recipient *recipient = &result->recipients[place];
    plan->removed[plan->removed_count++] = place;
    if (has_copy(plan, recipient->member.row.id, purpose))
        return NULL;
    struct hold_copy *copy = &plan->copies[plan->copy_count++];
    *copy = (struct hold_copy){
        .member_id = recipient->member.row.id,
        .recipient = without_brackets(recipient->path),
        .purpose = purpose,
        .reasons = recipient->verdict.reasons,
        .reason_count = recipient->verdict.reason_count,
        .category = recipient->verdict.category,
        .severity = recipient->verdict.severity,
    };
    return copy;
}

static bool is_held(const struct message_recipient *recipient)
{
    return recipient->is_member_on && recipient->verdict.action == VERDICT_HOLD;
}

static void hold_members(struct plan *plan, const struct message_result *result, int64_t now)
{
    for (size_t i = 0; i < result->recipient_count; i++) {
        if (!is_held(&result->recipients[i]))
            continue;
        struct hold_copy *copy = take_out(plan, result, i, HOLD_FOR_MEMBER);
        if (copy != NULL)
            copy->expires_at = now + result->recipients[i].member.wishes.keep_days * DAY_SECONDS;
    }
}

/* A mark that only says "unscanned" is not worth a hold that cannot be: the mail goes unmarked. */
static bool is_worth_splitting(const struct message_result *result, size_t place)
{
    return result->is_whole || result->recipients[place].verdict.action == VERDICT_TAG;
}

static int split_marked(struct plan *plan, const struct message_result *result,
                        const struct slice *marks, int64_t now, struct arena *arena,
                        struct error *err)
{
    for (size_t i = 0; i < result->recipient_count; i++) {
        if (is_held(&result->recipients[i]) || marks[i].size == 0 || !is_worth_splitting(result, i))
            continue;
        struct hold_copy *copy = take_out(plan, result, i, HOLD_SPLIT_TAG);
        if (copy == NULL)
            continue;
        const char *field =
            arena_printf(arena, APPLY_FIELD_NAME ": " SLICE_FORMAT, SLICE_ARGUMENTS(marks[i]));
        if (field == NULL)
            return arena_error(arena, err);
        copy->tag_field = slice_of(field);
        copy->expires_at = now + APPLY_SPLIT_DAYS * DAY_SECONDS;
    }
    return 0;
}

/* True with *mark_out when all who are not held have the same mark (or none). */
static bool have_one_mark(const struct message_result *result, const struct slice *marks,
                          struct slice *mark_out)
{
    bool has_first = false;
    struct slice first = {NULL, 0};
    for (size_t i = 0; i < result->recipient_count; i++) {
        if (is_held(&result->recipients[i]))
            continue;
        if (has_first && !slice_equals(first, marks[i]))
            return false;
        first = marks[i];
        has_first = true;
    }
    *mark_out = first;
    return true;
}

static bool remain_only_members(const struct message_result *result)
{
    for (size_t i = 0; i < result->recipient_count; i++)
        if (!result->recipients[i].is_member_on)
            return false;
    return result->recipient_count > 0;
}

int apply_plan(const struct message_result *result, int64_t now, struct arena *arena,
               struct plan *plan_out, struct error *err)
{
    size_t count = result->recipient_count;
    struct plan plan = {.answer = PLAN_ACCEPT, .should_remove_claims = remain_only_members(result)};
    *plan_out = plan;
    if (!result->is_looked_at)
        return 0;
    plan.copies = arena_alloc_array(arena, count, sizeof *plan.copies);
    plan.removed = arena_alloc_array(arena, count, sizeof *plan.removed);
    struct slice *marks = arena_alloc_array(arena, count, sizeof *marks);
    if (plan.copies == NULL || plan.removed == NULL || marks == NULL)
        return arena_error(arena, err);
    for (size_t i = 0; i < count; i++)
        if (write_mark(&result->recipients[i], arena, &marks[i], err) != 0)
            return -1;
    hold_members(&plan, result, now);
    if (!have_one_mark(result, marks, &plan.mark) &&
        split_marked(&plan, result, marks, now, arena, err) != 0)
        return -1;
    if (plan.removed_count == count)
        plan.answer = PLAN_DISCARD;
    *plan_out = plan;
    return 0;
}
