/*
 * rules_file: a programme in a file, checked, and its faults and warnings told.
 */
#ifndef SERVER_TALLY_RULES_FILE_H
#define SERVER_TALLY_RULES_FILE_H

#include "common/law/programme.h"
#include "server/tally/print.h"

struct rules_file {
	struct page *page;
	const char *path;
	uint64_t faults;
	struct buffer text;
	struct programme *programme; /* NULL where there are faults */
};

/* EXIT_FINE; EXIT_REFUSED: it has faults, and they have been told; or it could
 * not be read. rules_file_finish() in any case. */
int rules_file_read(
    struct rules_file *file, struct page *page, const char *path);
/* What is allowed and hardly meant. */
void rules_file_warn(struct rules_file *file);
/* What changes beside the text that was in force before, and is easily missed.
 */
void rules_file_warn_of_change(
    const struct rules_file *file, struct bytes before);
void rules_file_finish(struct rules_file *file);

#endif
