/*
 * manual: owns how the table of verbs is printed.
 */
#include "server/tally/manual.h"

#include <stdio.h>
#include <string.h>

#include "server/tally/format.h"
#include "server/tally/verbs.h"

static const char head[] =
    "tally: the owner's and the auditor's command of a loyalty points ledger\n"
    "\n"
    "    tally [-s SHOP] [--json] VERB ...\n"
    "\n"
    "SHOP is the folder that `tallyd init` made; where it is not given,\n"
    "$TALLY_SHOP, else the current folder. The server may run or not.\n"
    "\n";

static const char tail[] =
    "\n"
    "    tally help VERB     all about one of them\n"
    "    tally --version\n"
    "\n"
    "    -s, --shop SHOP     the shop's folder\n"
    "    --json              one JSON object instead of text: \"ok\", and\n"
    "                        \"why\" and \"say\" where it is false; times are\n"
    "                        milliseconds since 1970, amounts minor units\n"
    "\n"
    "Exit: 0 done, 1 refused or a fault found, 2 the command line is wrong\n"
    "or it could not be done.\n";

/* "terminal add NAME", and brackets around options that may be left out. */
static void print_usage(const struct verb *verb)
{
	const struct option_rule *rule = verb->options;

	printf("    tally [-s SHOP] [--json] %s", verb->name);
	if (verb->takes[0] != '\0')
		printf(" %s", verb->takes);
	for (; rule != NULL && rule->name != NULL; rule++)
		printf("\n        %s%s%s%s%s%s", rule->is_required ? "" : "[",
		    rule->name, rule->value == NULL ? "" : " ",
		    rule->value == NULL ? "" : rule->value,
		    rule->is_required ? "" : "]", rule->is_many ? " ..." : "");
	printf("\n");
}

static void print_all(void)
{
	size_t i;

	fputs(head, stdout);
	for (i = 0; i < verb_count; i++) {
		char usage[64];

		snprintf(usage, sizeof(usage), "%s %s", verbs[i].name,
		    verbs[i].takes);
		printf("    %-25s %s\n", usage, verbs[i].says);
	}
	fputs(tail, stdout);
}

static void print_verb(const struct verb *verb)
{
	const struct option_rule *rule = verb->options;

	printf("tally %s: %s\n\n", verb->name, verb->says);
	print_usage(verb);
	if (verb->manual != NULL)
		printf("\n%s\n", verb->manual);
	if (rule != NULL)
		printf("\n");
	for (; rule != NULL && rule->name != NULL; rule++) {
		printf("    %s%s%s\n", rule->name,
		    rule->value == NULL ? "" : " ",
		    rule->value == NULL ? "" : rule->value);
		format_wrapped(stdout, rule->says, 8, 76);
	}
}

void manual_print(const char *topic)
{
	size_t size = strlen(topic);
	bool is_first = true;
	size_t i;

	if (size == 0) {
		print_all();
		return;
	}
	for (i = 0; i < verb_count; i++) {
		if (strncmp(verbs[i].name, topic, size) != 0 ||
		    (verbs[i].name[size] != '\0' && verbs[i].name[size] != ' '))
			continue;
		if (!is_first)
			printf("\n\n");
		is_first = false;
		print_verb(&verbs[i]);
	}
}
