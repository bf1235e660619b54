/*
 * options: owns the command line's grammar. What there is to be asked for is
 * the table of verbs alone.
 */
#include "server/tally/options.h"

#include <stdio.h>
#include <string.h>

/* Options that every verb knows. */
static const struct option_rule everywhere[] = {{"-s", "SHOP", true, ""},
    {"--shop", "SHOP", true, ""}, {"--json", NULL, true, ""},
    {"--help", NULL, true, ""}, {"-h", NULL, true, ""},
    {"--version", NULL, true, ""}, {0}};

struct parser {
	int count;
	char **arguments;
	int at;
	bool options_are_over; /* after "--" */
	bool wants_help;
	bool wants_version;
	struct asked *asked;
	struct error *err;
};

const char *asked_option(const struct asked *asked, const char *name)
{
	const char *value = NULL;
	size_t i;

	for (i = 0; i < asked->option_count; i++)
		if (strcmp(asked->options[i].name, name) == 0)
			value = asked->options[i].value;
	return value;
}

/* The help to look at, as it is typed. */
static const char *nearest_help(const struct asked *asked)
{
	static char text[96];

	if (asked->verb == NULL)
		return "tally --help";
	snprintf(text, sizeof(text), "tally help %s", asked->verb->name);
	return text;
}

__attribute__((format(printf, 2, 3))) static bool wrong(
    struct parser *parser, const char *format, ...)
{
	char text[200];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	(void)error_set(parser->err, RESULT_INVALID, "%s (see: %s)", text,
	    nearest_help(parser->asked));
	return false;
}

/* --- options -------------------------------------------------------------- */

/* The rule whose name is the argument, or the part before its '='. */
static const struct option_rule *find_rule(
    const struct option_rule *rules, const char *argument)
{
	size_t size = strcspn(argument, "=");

	for (; rules != NULL && rules->name != NULL; rules++)
		if (strlen(rules->name) == size &&
		    strncmp(rules->name, argument, size) == 0)
			return rules;
	return NULL;
}

static bool take_value(struct parser *parser, const struct option_rule *rule,
    const char *argument, const char **ret_value)
{
	const char *equals = strchr(argument, '=');

	*ret_value = "";
	if (rule->value == NULL) {
		if (equals != NULL)
			return wrong(parser, "%s takes no value", rule->name);
		return true;
	}
	if (equals != NULL)
		*ret_value = equals + 1;
	else if (parser->at < parser->count)
		*ret_value = parser->arguments[parser->at++];
	else
		return wrong(
		    parser, "%s wants a value: %s", rule->name, rule->value);
	return true;
}

static bool keep_option(
    struct parser *parser, const struct option_rule *rule, const char *value)
{
	struct asked *asked = parser->asked;

	if (!rule->is_many && asked_option(asked, rule->name) != NULL)
		return wrong(parser, "%s is given twice", rule->name);
	if (asked->option_count == OPTIONS_MAX)
		return wrong(parser, "more than %u options", OPTIONS_MAX);
	asked->options[asked->option_count++] =
	    (struct given_option){rule->name, value};
	return true;
}

static bool take_option(struct parser *parser, const char *argument)
{
	struct asked *asked = parser->asked;
	const struct option_rule *rule = find_rule(everywhere, argument);
	const char *value;

	if (rule == NULL && asked->verb != NULL)
		rule = find_rule(asked->verb->options, argument);
	if (rule == NULL)
		return wrong(parser, "%s has no option '%.60s'",
		    asked->verb == NULL ? "tally" : asked->verb->name,
		    argument);
	if (!take_value(parser, rule, argument, &value))
		return false;
	if (strcmp(rule->name, "-s") == 0 || strcmp(rule->name, "--shop") == 0)
		asked->shop = value;
	else if (strcmp(rule->name, "--json") == 0)
		asked->is_json = true;
	else if (strcmp(rule->name, "--version") == 0)
		parser->wants_version = true;
	else if (strcmp(rule->name, "--help") == 0 ||
		 strcmp(rule->name, "-h") == 0)
		parser->wants_help = true;
	else
		return keep_option(parser, rule, value);
	return true;
}

/* Take options up to the next word; NULL at the end, or where one is wrong. */
static bool next_word(struct parser *parser, const char **ret_word)
{
	*ret_word = NULL;
	while (parser->at < parser->count) {
		const char *argument = parser->arguments[parser->at++];

		if (parser->options_are_over || argument[0] != '-' ||
		    argument[1] == '\0') {
			*ret_word = argument;
			return true;
		}
		if (strcmp(argument, "--") == 0)
			parser->options_are_over = true;
		else if (!take_option(parser, argument))
			return false;
	}
	return true;
}

/* --- verbs ---------------------------------------------------------------- */

static bool is_group(const char *word)
{
	size_t size = strlen(word);
	size_t i;

	for (i = 0; i < verb_count; i++)
		if (strncmp(verbs[i].name, word, size) == 0 &&
		    verbs[i].name[size] == ' ')
			return true;
	return false;
}

static const struct verb *find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < verb_count; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* "add, list or revoke": what may follow the first word. */
static void list_group(const char *word, char *text, size_t size)
{
	size_t word_size = strlen(word);
	size_t at = 0;
	size_t i;

	text[0] = '\0';
	for (i = 0; i < verb_count; i++)
		if (strncmp(verbs[i].name, word, word_size) == 0 &&
		    verbs[i].name[word_size] == ' ' && at < size)
			at += (size_t)snprintf(text + at, size - at, "%s%s",
			    at == 0 ? "" : ", ", verbs[i].name + word_size + 1);
}

/* One word, or two where the first is a group. */
static bool take_verb(struct parser *parser, const char *first)
{
	char name[64];
	char group[64];
	const char *second = NULL;

	if (!is_group(first)) {
		parser->asked->verb = find_verb(first);
		if (parser->asked->verb != NULL)
			return true;
		return wrong(parser, "there is no verb '%.60s'", first);
	}
	if (!next_word(parser, &second))
		return false;
	if (parser->wants_help && second == NULL)
		return true;
	list_group(first, group, sizeof(group));
	snprintf(name, sizeof(name), "%s %.40s", first,
	    second == NULL ? "" : second);
	parser->asked->verb = find_verb(name);
	if (parser->asked->verb != NULL)
		return true;
	(void)error_set(parser->err, RESULT_INVALID,
	    second == NULL ? "%s wants one of: %s (see: tally help %s)"
			   : "%s knows only: %s (see: tally help %s)",
	    first, group, first);
	return false;
}

static size_t count_words(const char *text)
{
	size_t count = *text == '\0' ? 0 : 1;

	for (; *text != '\0'; text++)
		count += *text == ' ';
	return count;
}

static bool take_positionals(struct parser *parser)
{
	struct asked *asked = parser->asked;
	size_t wanted = count_words(asked->verb->takes);
	const char *word;

	for (;;) {
		if (!next_word(parser, &word))
			return false;
		if (word == NULL)
			break;
		if (asked->positional_count == wanted)
			return wrong(parser,
			    "'%.60s' is one too many: a name with spaces wants "
			    "quotes",
			    word);
		asked->positionals[asked->positional_count++] = word;
	}
	if (asked->positional_count < wanted && !parser->wants_help)
		return wrong(parser, "%s wants %s", asked->verb->name,
		    asked->verb->takes);
	return true;
}

/* "help terminal add": the rest of the words is the topic. */
static bool take_topic(struct parser *parser, char *topic, size_t size)
{
	const char *word;
	size_t at = 0;

	topic[0] = '\0';
	for (;;) {
		if (!next_word(parser, &word))
			return false;
		if (word == NULL)
			break;
		if (at < size)
			at += (size_t)snprintf(topic + at, size - at, "%s%s",
			    at == 0 ? "" : " ", word);
	}
	if (topic[0] == '\0' || is_group(topic) || find_verb(topic) != NULL)
		return true;
	return wrong(parser, "there is no help on '%.60s'", topic);
}

/* --json is also obeyed by whatever is wrong about the rest. */
static bool says_json(int count, char **arguments)
{
	int i;

	for (i = 1; i < count && strcmp(arguments[i], "--") != 0; i++)
		if (strcmp(arguments[i], "--json") == 0)
			return true;
	return false;
}

enum asked_kind options_parse(int count, char **arguments,
    struct asked *ret_asked, char *ret_topic, size_t topic_size,
    struct error *err)
{
	struct parser parser = {.count = count,
	    .arguments = arguments,
	    .at = 1,
	    .asked = ret_asked,
	    .err = err};
	const char *word;

	*ret_asked = (struct asked){.is_json = says_json(count, arguments)};
	ret_topic[0] = '\0';
	if (!next_word(&parser, &word))
		return ASKED_WRONG;
	if (parser.wants_version)
		return ASKED_VERSION;
	if (word == NULL && parser.wants_help)
		return ASKED_HELP;
	if (word == NULL) {
		(void)wrong(&parser, "what is to be done?");
		return ASKED_WRONG;
	}
	if (strcmp(word, "help") == 0)
		return take_topic(&parser, ret_topic, topic_size) ? ASKED_HELP
								  : ASKED_WRONG;
	if (!take_verb(&parser, word))
		return ASKED_WRONG;
	if (ret_asked->verb != NULL && !take_positionals(&parser))
		return ASKED_WRONG;
	if (parser.wants_version)
		return ASKED_VERSION;
	if (!parser.wants_help)
		return ASKED_VERB;
	snprintf(ret_topic, topic_size, "%s",
	    ret_asked->verb == NULL ? word : ret_asked->verb->name);
	return ASKED_HELP;
}
