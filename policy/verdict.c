#include "policy/verdict.h"

const char *verdict_action_name(enum verdict_action action)
{
    switch (action) {
    case VERDICT_NONE:
        return "none";
    case VERDICT_OBSERVE:
        return "observe";
    case VERDICT_TAG:
        return "tag";
    case VERDICT_HOLD:
        return "hold";
    }
    return "none";
}
