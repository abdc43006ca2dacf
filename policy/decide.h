/*
 * decide: facts -> rules table (rules.c, one rule_*.c each) -> verdict with reasons. Pure.
 * Order: member allow > server allow > member block > resembles one she blocked > lane of a burst >
 * shield > impersonates > lists by category > unscanned.
 * The first rule that ends the decision does so; reasons of the others are kept where they explain.
 */
#ifndef ZAGUAN_POLICY_DECIDE_H
#define ZAGUAN_POLICY_DECIDE_H

#include "policy/facts.h"
#include "policy/verdict.h"

int decide(const struct facts *facts, struct arena *arena, struct verdict *verdict_out,
           struct error *err) MUST_CHECK;

#endif
