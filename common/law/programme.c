/*
 * programme: owns what the owner's text means. programme_write.c writes it.
 *
 * libinih splits lines into keys and values. It is told of lines one at a time
 * by read_line(), which is where the faults that it passes over in silence are
 * seen: lines too long for its memory, sections without keys, sections that
 * come twice, text after a section's bracket. Its handler does not know the
 * line number, so the reader counts.
 */
#include "common/law/programme_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#define BLANKS " \t\r\n"

enum section {
	SECTION_NONE,
	SECTION_PROGRAMME,
	SECTION_REWARD,
	SECTION_UNKNOWN, /* a fault; nothing is said of its keys */
};

/* One parse under way. `result` is the first fault's. */
struct parse {
	struct bytes text;
	size_t position;
	unsigned line;
	unsigned key_column;   /* where the line's first word stands … */
	unsigned value_column; /* … and what comes after its '=' */
	bool key_is_due; /* the line must be a key, and has not been one yet */
	enum section section;
	unsigned section_line;
	unsigned seen; /* bit set of the keys of the present section */
	bool programme_seen;
	struct programme *programme;
	struct programme_reward *reward; /* of the present section, or … */
	struct programme_reward spare;	 /* … this, where it is a fault */
	enum result result;
	struct error *err;
	programme_fault_fn *fault; /* NULL: the first fault ends it */
	void *context;
};

/* What a key takes; `take` returns false for a value that is not `wanted`. */
struct key_rule {
	const char *name;
	bool optional;
	bool (*take)(struct parse *parse, const char *value);
	const char *wanted;
};

/* --- values --------------------------------------------------------------- */

/* Digits alone, `min` to `max`; strtoull() would take signs and blanks. */
static bool take_number(
    const char *value, uint64_t min, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;
	size_t index = 0;

	for (; value[index] >= '0' && value[index] <= '9'; index++) {
		number = number * 10 + (uint64_t)(value[index] - '0');
		if (number > max)
			return false;
	}
	if (index == 0 || value[index] != '\0' || number < min)
		return false;
	*ret_number = number;
	return true;
}

/* "12", "12.5" and "12.50" are 1200, 1250 and 1250 minor units. */
static bool take_amount(const char *value, uint64_t *ret_amount_minor)
{
	char digits[24];
	size_t whole = strcspn(value, ".");
	size_t size = strlen(value);
	size_t decimals = size > whole ? size - whole - 1 : 0;

	if (whole == 0 || whole > 16 || decimals > 2 ||
	    (size > whole && decimals == 0))
		return false;
	memset(digits, '0', sizeof(digits));
	memcpy(digits, value, whole);
	if (decimals > 0)
		memcpy(&digits[whole], &value[whole + 1], decimals);
	digits[whole + 2] = '\0';
	return take_number(digits, 1, AMOUNT_MINOR_MAX, ret_amount_minor);
}

/*
 * A name is text without control characters; the DEL and C1 ranges would
 * disturb a till's screen and are refused here as well.
 */
bool programme_name_is_good(struct bytes name)
{
	if (name.size == 0 || name.size > NAME_SIZE_MAX ||
	    !bytes_are_text(name, NULL))
		return false;
	for (size_t index = 0; index < name.size; index++) {
		if (name.data[index] == 0x7f)
			return false;
		if (name.data[index] == 0xc2 &&
		    name.data[index + 1] < 0xa0) /* well-formed, so there */
			return false;
	}
	return true;
}

static bool take_name(const char *value, char ret_name[NAME_SIZE_MAX + 1])
{
	if (!programme_name_is_good(bytes_of_string(value)))
		return false;
	memcpy(ret_name, value, strlen(value) + 1);
	return true;
}

bool programme_reward_id_is_good(struct bytes id)
{
	if (id.size == 0 || id.size > REWARD_ID_SIZE_MAX)
		return false;
	for (size_t index = 0; index < id.size; index++) {
		uint8_t letter = id.data[index];

		if (!(letter >= 'a' && letter <= 'z') &&
		    !(letter >= '0' && letter <= '9') && letter != '_' &&
		    letter != '-')
			return false;
	}
	return true;
}

/* --- keys ----------------------------------------------------------------- */

static bool take_programme_name(struct parse *parse, const char *value)
{
	return take_name(value, parse->programme->name);
}

static bool take_currency(struct parse *parse, const char *value)
{
	if (strlen(value) != 3 ||
	    strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return false;
	memcpy(parse->programme->currency, value, 4);
	return true;
}

static bool take_earn_points(struct parse *parse, const char *value)
{
	return take_number(
	    value, 1, POINTS_MAX, &parse->programme->earn_points);
}

static bool take_earn_amount(struct parse *parse, const char *value)
{
	return take_amount(value, &parse->programme->earn_amount_minor);
}

static bool take_sale_amount_max(struct parse *parse, const char *value)
{
	return take_amount(value, &parse->programme->sale_amount_minor_max);
}

static bool take_offline_redeem_points_max(
    struct parse *parse, const char *value)
{
	return take_number(
	    value, 0, POINTS_MAX, &parse->programme->offline_redeem_points_max);
}

static bool take_reward_name(struct parse *parse, const char *value)
{
	return take_name(value, parse->reward->name);
}

static bool take_reward_points(struct parse *parse, const char *value)
{
	return take_number(value, 1, POINTS_MAX, &parse->reward->points);
}

#define A_NAME "a name of 1 to 64 bytes"
#define AN_AMOUNT "a number such as 1.00, at most 1000000000.00,"
#define A_NUMBER_FROM(min) "a whole number from " min " to 1000000000000"

static const struct key_rule programme_rules[] = {
    {"name", false, take_programme_name, A_NAME},
    {"currency", false, take_currency, "three capitals such as EUR"},
    {"earn_points", false, take_earn_points, A_NUMBER_FROM("1")},
    {"earn_amount", false, take_earn_amount, AN_AMOUNT},
    {"sale_amount_max", false, take_sale_amount_max, AN_AMOUNT},
    {"offline_redeem_points_max", true, take_offline_redeem_points_max,
	A_NUMBER_FROM("0")},
    {NULL},
};

static const struct key_rule reward_rules[] = {
    {"name", false, take_reward_name, A_NAME},
    {"points", false, take_reward_points, A_NUMBER_FROM("1")},
    {NULL},
};

/* --- lines and sections --------------------------------------------------- */

/* Has a fault ended the parse? */
static bool is_over(const struct parse *parse)
{
	return parse->result != RESULT_OK && parse->fault == NULL;
}

/*
 * Tell of a fault. A tab or a carriage return out of the text would break the
 * line that tells of it.
 */
__attribute__((format(printf, 5, 6))) static void fail(struct parse *parse,
    enum result result, unsigned line, unsigned column, const char *format, ...)
{
	char text[ERROR_TEXT_SIZE];
	va_list arguments;

	if (is_over(parse))
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (size_t index = 0; text[index] != '\0'; index++) {
		if (text[index] == '\t' || text[index] == '\r')
			text[index] = '?';
	}
	if (parse->result == RESULT_OK) {
		parse->result = error_set(parse->err, result, "%s", text);
		if (line != 0)
			(void)error_prefix(parse->err, "line %u", line);
	}
	if (parse->fault != NULL)
		parse->fault(parse->context,
		    &(struct programme_fault){line, column, text});
}

static const struct key_rule *section_rules(enum section section)
{
	return section == SECTION_REWARD ? reward_rules : programme_rules;
}

/* A section has ended: everything that it must say has been said. */
static void section_end(struct parse *parse)
{
	const struct key_rule *rules = section_rules(parse->section);

	if (parse->section == SECTION_NONE || parse->section == SECTION_UNKNOWN)
		return;
	for (size_t index = 0; rules[index].name != NULL; index++) {
		if (rules[index].optional || (parse->seen & (1u << index)))
			continue;
		fail(parse, RESULT_INVALID, parse->section_line, 0,
		    "this section lacks the key '%s': %s is wanted",
		    rules[index].name, rules[index].wanted);
	}
}

/* The section of a reward that is a fault is read all the same, for what else
 * is wrong in it. */
static void reward_begin(struct parse *parse, struct bytes id)
{
	struct programme *programme = parse->programme;

	parse->section = SECTION_REWARD;
	parse->reward = &parse->spare;
	if (!programme_reward_id_is_good(id)) {
		fail(parse, RESULT_INVALID, parse->line, parse->key_column,
		    "a reward's id is 1 to %u of a-z, 0-9, '_' and '-'",
		    REWARD_ID_SIZE_MAX);
	} else if (programme_reward(programme, id) != NULL) {
		fail(parse, RESULT_INVALID, parse->line, parse->key_column,
		    "the reward '%.*s' comes twice", (int)id.size,
		    (const char *)id.data);
	} else if (programme->reward_count == REWARDS_MAX) {
		fail(parse, RESULT_LIMIT, parse->line, parse->key_column,
		    "more than %u rewards", REWARDS_MAX);
	} else {
		parse->reward = &programme->rewards[programme->reward_count++];
		memcpy(parse->reward->id, id.data, id.size);
		parse->reward->ident = programme_ident("reward", id);
		parse->reward->line = parse->line;
		parse->reward->money_step = 1;
		parse->reward->stock = UINT64_MAX;
		parse->reward->day_from = DAY_NONE;
		parse->reward->day_until = DAY_NONE;
		parse->reward->hold_ms = 10ull * 60 * 1000;
	}
}

/* What stands between the brackets, and that nothing stands after them. */
static bool section_title(const char *line, struct bytes *ret_title)
{
	size_t size = strcspn(&line[1], "]");
	size_t after = size + 2;

	if (line[1 + size] != ']')
		return false;
	after += strspn(&line[after], BLANKS);
	if (line[after] != '\0' && line[after] != ';' && line[after] != '#')
		return false;
	*ret_title = bytes_of(&line[1], size);
	return true;
}

static void section_begin(struct parse *parse, const char *line)
{
	static const char reward[] = "reward ";
	struct bytes title;

	section_end(parse);
	parse->section = SECTION_UNKNOWN;
	parse->section_line = parse->line;
	parse->seen = 0;
	if (!section_title(line, &title)) {
		fail(parse, RESULT_INVALID, parse->line, parse->key_column,
		    "a section such as [programme] is wanted");
	} else if (bytes_equal(title, bytes_of_string("programme"))) {
		if (parse->programme_seen)
			fail(parse, RESULT_INVALID, parse->line,
			    parse->key_column,
			    "the section [programme] comes twice");
		parse->programme_seen = true;
		parse->section = SECTION_PROGRAMME;
	} else if (title.size >= strlen(reward) &&
		   memcmp(title.data, reward, strlen(reward)) == 0) {
		reward_begin(parse, bytes_of(&title.data[strlen(reward)],
					title.size - strlen(reward)));
	} else {
		fail(parse, RESULT_INVALID, parse->line, parse->key_column,
		    "[programme] or [reward ID] is wanted, not '[%.*s]'",
		    (int)title.size, (const char *)title.data);
	}
}

/* The next line with its end; nothing at the text's end. */
static struct bytes next_line(struct parse *parse)
{
	size_t start = parse->position;
	size_t end = start;

	while (end < parse->text.size && parse->text.data[end] != '\n')
		end++;
	if (end < parse->text.size)
		end++;
	parse->position = end;
	return end == start ? bytes_of(NULL, 0)
			    : bytes_of(&parse->text.data[start], end - start);
}

/* A line has ended. One that libinih found no key in has not been told of. */
static void line_end(struct parse *parse)
{
	if (parse->key_is_due)
		fail(parse, RESULT_INVALID, parse->line, parse->key_column,
		    "'key = value' or a [section] is wanted");
	parse->key_is_due = false;
}

/* A line without the blanks before it, of which there were `blanks`. */
static void line_begin(struct parse *parse, const char *line, size_t blanks)
{
	size_t value = strcspn(line, "=:");

	if (line[value] != '\0')
		value++;
	value += strspn(&line[value], BLANKS);
	parse->key_column = (unsigned)blanks + 1;
	parse->value_column = (unsigned)(blanks + value) + 1;
	parse->key_is_due = strchr("[;#" BLANKS, line[0]) == NULL;
	if (line[0] == '[')
		section_begin(parse, line);
}

/*
 * libinih's reader, with the manners of fgets(). Blanks at the start of a line
 * are left out: libinih takes an indented line for a continued value.
 */
static char *read_line(char *ret_line, int capacity, void *context)
{
	struct parse *parse = context;
	struct bytes line;
	size_t blanks = 0;

	line_end(parse);
	if (is_over(parse))
		return NULL;
	line = next_line(parse);
	if (line.size == 0)
		return NULL;
	parse->line++;
	if (line.size >= (size_t)capacity) {
		fail(parse, RESULT_INVALID, parse->line, (unsigned)capacity - 1,
		    "longer than %d bytes", capacity - 2);
		line = bytes_of_string("\n");
	}
	while (blanks + 1 < line.size &&
	       strchr(" \t\r", line.data[blanks]) != NULL)
		blanks++;
	memcpy(ret_line, &line.data[blanks], line.size - blanks);
	ret_line[line.size - blanks] = '\0';
	line_begin(parse, ret_line, blanks);
	return is_over(parse) ? NULL : ret_line;
}

static void take_known_key(struct parse *parse, const struct key_rule *rules,
    const char *name, const char *value)
{
	size_t index = 0;

	while (
	    rules[index].name != NULL && strcmp(rules[index].name, name) != 0)
		index++;
	if (rules[index].name == NULL) {
		fail(parse, RESULT_INVALID, parse->line, parse->key_column,
		    "the key '%s' is not known in this section", name);
		return;
	}
	if (parse->seen & (1u << index))
		fail(parse, RESULT_INVALID, parse->line, parse->key_column,
		    "the key '%s' comes twice", name);
	else if (!rules[index].take(parse, value))
		fail(parse, RESULT_INVALID, parse->line, parse->value_column,
		    "%s: %s is wanted, not '%s'", name, rules[index].wanted,
		    value);
	parse->seen |= 1u << index;
}

/* libinih's handler of one key. Zero is a fault, which fail() has named. */
static int take_key(
    void *context, const char *section, const char *name, const char *value)
{
	struct parse *parse = context;

	(void)section;
	parse->key_is_due = false;
	if (parse->section == SECTION_NONE)
		fail(parse, RESULT_INVALID, parse->line, parse->key_column,
		    "'%s' stands before any section", name);
	else if (parse->section != SECTION_UNKNOWN)
		take_known_key(
		    parse, section_rules(parse->section), name, value);
	return parse->result == RESULT_OK;
}

/* --- the whole ------------------------------------------------------------ */

/* What libinih calls malformed has been told of by line_end(). */
static enum result parse_text(struct parse *parse)
{
	int malformed_line =
	    ini_parse_stream(read_line, parse, take_key, parse);

	if (malformed_line < 0)
		return error_no_memory(parse->err);
	section_end(parse);
	if (!parse->programme_seen)
		fail(parse, RESULT_INVALID, parse->line + 1, 0,
		    "the section [programme] is missing");
	if (malformed_line > 0 && parse->result == RESULT_OK)
		fail(parse, RESULT_INVALID, (unsigned)malformed_line, 0,
		    "'key = value' or a [section] is wanted");
	return parse->result;
}

/* What a text that says nothing of it means. */
static void set_defaults(struct programme *programme)
{
	(void)zone_parse(bytes_of_string("UTC0"), &programme->zone);
	programme->late_days_max = 7;
	programme->expire_date = DAY_NONE;
	programme->is_plain = true;
}

/* The base rule, from earn_points and earn_amount. */
static void set_base(struct programme *programme)
{
	struct programme_rule *base = &programme->rules[0];

	programme->rule_count = 1;
	*base = (struct programme_rule){.id = "base",
	    .name = "base",
	    .ident = programme_ident("earn", bytes_of_string("base")),
	    .give = RULE_PER_AMOUNT,
	    .is_stepped = true,
	    .points_micro = programme->earn_points * POINTS_MICRO,
	    .per_amount_minor = programme->earn_amount_minor,
	    .day_from = DAY_NONE,
	    .day_until = DAY_NONE};
}

/* Editors on some systems put a byte order mark first; it says nothing. */
static struct bytes without_mark(struct bytes text)
{
	if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		return bytes_of(&text.data[3], text.size - 3);
	return text;
}

/* Nothing is parsed of what is too long or no text: libinih would not see what
 * stands behind a NUL. */
static enum result check_text(struct parse *parse)
{
	struct bytes line;

	if (parse->text.size > ENTRY_TEXT_SIZE_MAX) {
		fail(parse, RESULT_LIMIT, 0, 0,
		    "the programme is longer than %u bytes",
		    ENTRY_TEXT_SIZE_MAX);
		return RESULT_LIMIT;
	}
	for (line = next_line(parse); line.size > 0; line = next_line(parse)) {
		parse->line++;
		if (bytes_are_text(line, "\t\r\n"))
			continue;
		fail(parse, RESULT_INVALID, parse->line, 0,
		    "this is not text in UTF-8");
		return RESULT_INVALID;
	}
	parse->position = 0;
	parse->line = 0;
	return RESULT_OK;
}

enum result programme_check(struct bytes text, programme_fault_fn *fault,
    void *context, struct programme **ret_programme, struct error *err)
{
	struct parse parse = {
	    .text = text, .err = err, .fault = fault, .context = context};
	enum result result = check_text(&parse);

	if (result != RESULT_OK)
		return result;
	parse.text = without_mark(text);
	parse.programme = calloc(1, sizeof(*parse.programme));
	if (parse.programme == NULL)
		return error_no_memory(err);
	set_defaults(parse.programme);
	result = parse_text(&parse);
	if (result != RESULT_OK) {
		programme_destroy(parse.programme);
		return result;
	}
	set_base(parse.programme);
	*ret_programme = parse.programme;
	return RESULT_OK;
}

enum result programme_parse(
    struct bytes text, struct programme **ret_programme, struct error *err)
{
	return programme_check(text, NULL, NULL, ret_programme, err);
}

void programme_destroy(struct programme *programme)
{
	free(programme);
}

uint64_t programme_earn_points(
    const struct programme *programme, uint64_t amount_minor)
{
	uint64_t steps = amount_minor / programme->earn_amount_minor;

	if (steps > POINTS_MAX / programme->earn_points)
		return POINTS_MAX;
	return steps * programme->earn_points;
}

const struct programme_reward *programme_reward(
    const struct programme *programme, struct bytes id)
{
	for (size_t index = 0; index < programme->reward_count; index++) {
		const struct programme_reward *reward =
		    &programme->rewards[index];

		if (bytes_equal(bytes_of_string(reward->id), id))
			return reward;
	}
	return NULL;
}
