#include "common/mail/text.h"
#include "common/mail/text_walk.h"

int text_collect(struct slice message, struct budget budget, struct arena *arena,
                 struct text_set *set_out, struct error *err)
{
    struct text_set set = {.pieces = NULL};
    struct text_walk walk = {.set = &set, .arena = arena, .budget = budget};
    if (text_walk_message(&walk, message, 0, err) != 0)
        return error_context(err, "text of the message");
    if (arena_is_exhausted(arena))
        return arena_error(arena, err);
    *set_out = set;
    return 0;
}

const char *text_where_name(enum text_where where)
{
    switch (where) {
    case TEXT_SUBJECT:
        return "subject";
    case TEXT_BODY:
        return "body";
    case TEXT_FROM_NAME:
        return "from-name";
    case TEXT_URL:
        return "url";
    case TEXT_ATTACHMENT_NAME:
        return "attachment-name";
    }
    return "nowhere";
}
