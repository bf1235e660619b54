/*
 * tally: the owner's and the auditor's command. From a command line to a verb,
 * and from its answer to an exit code.
 */
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "common/base/version.h"
#include "server/tally/manual.h"
#include "server/tally/options.h"

#define TOPIC_SIZE 80u

static int no_memory(void)
{
	fputs("tally: there is no memory left\n", stderr);
	return EXIT_FAILED;
}

static int run_verb(const struct asked *asked)
{
	struct page *page = page_create(asked->verb->name, asked->is_json);

	if (page == NULL)
		return no_memory();
	return page_end(page, asked->verb->run(asked, page));
}

static int say_wrong(const struct asked *asked, const struct error *error)
{
	const char *verb = asked->verb == NULL ? "" : asked->verb->name;
	struct page *page = page_create(verb, asked->is_json);

	if (page == NULL)
		return no_memory();
	return page_end(page, page_fail(page, "usage", "%s", error->text));
}

int main(int count, char **arguments)
{
	char topic[TOPIC_SIZE];
	struct asked asked;
	struct error error;

	/* A socket or pipe that closes, or a file that may not grow, is an
	 * error where it is written to. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	tzset();
	switch (options_parse(
	    count, arguments, &asked, topic, sizeof(topic), &error)) {
	case ASKED_VERB:
		return run_verb(&asked);
	case ASKED_HELP:
		manual_print(topic);
		return EXIT_FINE;
	case ASKED_VERSION:
		puts("tally " TALLYSTICK_VERSION);
		return EXIT_FINE;
	case ASKED_WRONG:
		break;
	}
	return say_wrong(&asked, &error);
}
