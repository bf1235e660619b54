/*
 * law_inside: what the files of the law share, and nobody else.
 */
#ifndef COMMON_LAW_LAW_INSIDE_H
#define COMMON_LAW_LAW_INSIDE_H

#include "common/law/law.h"

/* One decision under way. */
struct deciding {
	const struct book *book;
	const struct command *command;
	struct refusal *refusal;
	struct entry *entry;
};

/* Write the refusal; always false, so that a question may end with it. */
__attribute__((format(printf, 3, 4))) bool law_refuse(
    struct deciding *deciding, enum refusal_code code, const char *format, ...);
/* The asker's own fault: `what` is a few words for whoever mends it. */
bool law_refuse_malformed(struct deciding *deciding, const char *what);

/* A hash that nobody has filled in. */
bool law_is_zero(struct bytes bytes);

/* Fill in the entry but for who, when and where; false with a refusal. */
bool law_decide_shop(struct deciding *deciding);
bool law_decide_programme(struct deciding *deciding);
bool law_decide_terminal(struct deciding *deciding);
bool law_decide_cashier(struct deciding *deciding);

#endif
