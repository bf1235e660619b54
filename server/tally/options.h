/*
 * options: from a command line to what is asked.
 */
#ifndef SERVER_TALLY_OPTIONS_H
#define SERVER_TALLY_OPTIONS_H

#include "server/tally/verbs.h"

enum asked_kind {
	ASKED_VERB,
	ASKED_HELP, /* `topic`: a verb or a group of them; "" for all */
	ASKED_VERSION,
	ASKED_WRONG, /* `err` says what, and which help is nearest */
};

/*
 * Options may stand before and after the verb, "--name value" or
 * "--name=value"; after "--" nothing is an option. `ret_topic` is for
 * ASKED_HELP. `ret_asked` knows of --json also where the rest is wrong.
 */
enum asked_kind options_parse(int count, char **arguments,
    struct asked *ret_asked, char *ret_topic, size_t topic_size,
    struct error *err);

#endif
