/*
 * verbs_explain: why an entry says what it says.
 */
#include "server/tally/explain.h"
#include "server/tally/verbs.h"

int run_programme_explain(const struct asked *asked, struct page *page)
{
	struct progress progress;
	struct explain_source source = {.shop = verb_shop(asked),
	    .identity = asked_option(asked, "--identity"),
	    .address = asked_option(asked, "--server"),
	    .progress = &progress};
	struct explained explained = {.page = page};
	struct error error;
	uint64_t sequence;
	enum result result;

	if (!verb_number(page, "ENTRY", asked->positionals[0], 1, SEQUENCE_MAX,
		&sequence))
		return EXIT_FAILED;
	if (source.address != NULL && source.identity == NULL)
		return page_fail(page, "usage",
		    "--server wants --identity DIR too, the folder that `tally "
		    "enrol` made (see: tally help programme explain)");
	progress_init(&progress, "entries");
	result = explain_load(&explained, &source, sequence, &error);
	if (result == RESULT_OK)
		result = explain(&explained, &error);
	explain_finish(&explained);
	if (result != RESULT_OK)
		return page_fail(page, result_name(result), "%s", error.text);
	return EXIT_FINE;
}
