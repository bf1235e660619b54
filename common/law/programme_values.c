/*
 * programme_values: owns what the value of a key may be. No libc function reads
 * a number here: those take signs, blanks and a locale's own point.
 */
#include "common/law/programme_inside.h"

#include <string.h>

struct bytes text_trim(struct bytes text)
{
	while (text.size > 0 && strchr(BLANKS, text.data[0]) != NULL)
		text = bytes_of(&text.data[1], text.size - 1);
	while (text.size > 0 && strchr(BLANKS, text.data[text.size - 1]))
		text.size--;
	return text;
}

/* --- names ---------------------------------------------------------------- */

/*
 * A name is text without control characters; the DEL and C1 ranges would
 * disturb a till's screen and are refused here as well.
 */
static bool is_plain_text(struct bytes text, size_t size_max)
{
	if (text.size == 0 || text.size > size_max ||
	    !bytes_are_text(text, NULL))
		return false;
	for (size_t index = 0; index < text.size; index++) {
		if (text.data[index] == 0x7f)
			return false;
		if (text.data[index] == 0xc2 &&
		    text.data[index + 1] < 0xa0) /* well-formed, so there */
			return false;
	}
	return true;
}

bool programme_name_is_good(struct bytes name)
{
	return is_plain_text(name, NAME_SIZE_MAX);
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

bool take_name(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	(void)parse;
	(void)key;
	if (!programme_name_is_good(bytes_of_string(value)))
		return false;
	memcpy(field, value, strlen(value) + 1);
	return true;
}

bool take_currency(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	(void)parse;
	(void)key;
	if (strlen(value) != 3 ||
	    strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return false;
	memcpy(field, value, 4);
	return true;
}

/* --- numbers -------------------------------------------------------------- */

/* Digits alone, `min` to `max`. */
static bool read_number(
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

/* With two decimals "12", "12.5" and "12.50" are 1200, 1250 and 1250. */
static bool read_decimal(const char *value, size_t decimals_max, uint64_t min,
    uint64_t max, uint64_t *ret_number)
{
	char digits[24];
	size_t whole = strcspn(value, ".");
	size_t size = strlen(value);
	size_t decimals = size > whole ? size - whole - 1 : 0;

	if (whole == 0 || whole > 16 || decimals > decimals_max ||
	    (size > whole && decimals == 0))
		return false;
	memset(digits, '0', sizeof(digits));
	memcpy(digits, value, whole);
	if (decimals > 0)
		memcpy(&digits[whole], &value[whole + 1], decimals);
	digits[whole + decimals_max] = '\0';
	return read_number(digits, min, max, ret_number);
}

bool take_u64(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	(void)parse;
	return read_number(value, key->min, key->max, field);
}

bool take_u32(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	uint32_t *ret_number = field;
	uint64_t number;

	(void)parse;
	if (!read_number(value, key->min, key->max, &number))
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

bool take_i32(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	int32_t *ret_number = field;
	uint64_t number;

	(void)parse;
	if (!read_number(value, key->min, key->max, &number))
		return false;
	*ret_number = (int32_t)number;
	return true;
}

bool take_amount(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	(void)parse;
	return read_decimal(value, 2, key->min, key->max, field);
}

bool take_minutes_ms(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	uint64_t *ret_ms = field;
	uint64_t minutes;

	(void)parse;
	if (!read_number(value, key->min, key->max, &minutes))
		return false;
	*ret_ms = minutes * 60 * 1000;
	return true;
}

/* --- words ---------------------------------------------------------------- */

/* The place of a word in `words`, which NULL ends. */
static bool read_word(
    const char *value, const char *const words[], unsigned *ret_place)
{
	for (unsigned place = 0; words[place] != NULL; place++) {
		if (strcmp(value, words[place]) != 0)
			continue;
		*ret_place = place;
		return true;
	}
	return false;
}

bool take_flag(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	static const char *const words[] = {"no", "yes", NULL};
	bool *ret_flag = field;
	unsigned place;

	(void)parse;
	(void)key;
	if (!read_word(value, words, &place))
		return false;
	*ret_flag = place == 1;
	return true;
}

bool take_not_flag(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	bool *ret_flag = field;
	bool flag;

	if (!take_flag(parse, key, &flag, value))
		return false;
	*ret_flag = !flag;
	return true;
}

bool take_expire_end(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	static const char *const words[] = {"month", "quarter", "year", NULL};
	enum expire_end *ret_end = field;
	unsigned place;

	(void)parse;
	(void)key;
	if (!read_word(value, words, &place))
		return false;
	*ret_end = (enum expire_end)(EXPIRE_MONTH + place);
	return true;
}

bool take_qualify(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	static const char *const words[] = {"points", "amount", "visits", NULL};
	enum qualify *ret_qualify = field;
	unsigned place;

	(void)parse;
	(void)key;
	if (!read_word(value, words, &place))
		return false;
	*ret_qualify = (enum qualify)(QUALIFY_POINTS + place);
	return true;
}

bool take_window(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	static const char *const words[] = {"year", "anniversary", NULL};
	enum window *ret_window = field;
	unsigned place;

	(void)parse;
	(void)key;
	if (!read_word(value, words, &place))
		return false;
	*ret_window = (enum window)(WINDOW_YEAR + place);
	return true;
}

bool take_window_days(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	parse->programme->window = WINDOW_ROLLING;
	return take_u32(parse, key, field, value);
}

bool take_downgrade(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	static const char *const words[] = {"one", "all", NULL};
	bool *ret_all = field;
	unsigned place;

	(void)parse;
	(void)key;
	if (!read_word(value, words, &place))
		return false;
	*ret_all = place == 1;
	return true;
}

/* --- times ---------------------------------------------------------------- */

bool take_date(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	int32_t *ret_day = field;
	struct date date;

	(void)parse;
	(void)key;
	if (!date_parse(bytes_of_string(value), &date))
		return false;
	*ret_day = date_to_day(date);
	return true;
}

bool take_zone(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	(void)parse;
	(void)key;
	return zone_parse(bytes_of_string(value), field);
}

/* "14:00", up to "24:00"; five characters. */
static bool read_minute(const char *text, uint16_t *ret_minute)
{
	static const uint8_t places[] = {0, 1, 3, 4};
	uint16_t digits[4];
	uint16_t minute;

	for (size_t index = 0; index < 4; index++) {
		char digit = text[places[index]];

		if (digit < '0' || digit > '9')
			return false;
		digits[index] = (uint16_t)(digit - '0');
	}
	minute = (uint16_t)((digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 +
			    digits[3]);
	if (text[2] != ':' || digits[2] > 5 || minute > 1440)
		return false;
	*ret_minute = minute;
	return true;
}

bool take_rule_hours(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	struct programme_rule *rule = parse->rule;

	(void)key;
	(void)field;
	return strlen(value) == strlen("14:00-16:00") && value[5] == '-' &&
	       read_minute(&value[0], &rule->minute_from) &&
	       read_minute(&value[6], &rule->minute_until);
}

bool take_weekday(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	static const char *const words[] = {
	    "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
	uint8_t *days = field;
	unsigned place;

	(void)key;
	if (!read_word(value, words, &place))
		return false;
	if (*days & (1u << place))
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->value_column, "'%s' comes twice", value);
	*days |= (uint8_t)(1u << place);
	return true;
}

/* --- what a rule gives ---------------------------------------------------- */

bool take_rule_points(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	uint64_t milli;

	(void)field;
	if (!read_decimal(value, 3, key->min, key->max, &milli))
		return false;
	parse->rule->points_micro = milli * (POINTS_MICRO / 1000);
	return true;
}

bool take_rule_per(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	static const char *const words[] = {"item", "visit", NULL};
	struct programme_rule *rule = parse->rule;
	unsigned place;

	(void)field;
	if (read_word(value, words, &place)) {
		rule->give = (enum rule_give)(RULE_PER_ITEM + place);
		return true;
	}
	rule->give = RULE_PER_AMOUNT;
	return read_decimal(
	    value, 2, key->min, key->max, &rule->per_amount_minor);
}

bool take_rule_multiply(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	uint64_t milli;

	(void)field;
	if (!read_decimal(value, 3, key->min, key->max, &milli))
		return false;
	parse->rule->give = RULE_MULTIPLY;
	parse->rule->multiply_milli = (uint32_t)milli;
	return true;
}

bool take_rule_refer(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	uint64_t points;

	(void)field;
	if (!read_number(value, key->min, key->max, &points))
		return false;
	parse->rule->give = RULE_REFER;
	parse->rule->points_micro = points * POINTS_MICRO;
	return true;
}

bool take_rule_first(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	bool is_first;

	(void)field;
	if (!take_flag(parse, key, &is_first, value))
		return false;
	if (is_first)
		parse->rule->times_max[PERIOD_EVER] = 1;
	return true;
}

/* A group is made by its name. */
bool take_rule_group(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	struct programme *programme = parse->programme;
	size_t place = 0;

	(void)key;
	(void)field;
	if (!programme_reward_id_is_good(bytes_of_string(value)))
		return false;
	while (place < programme->group_count &&
	       strcmp(programme->groups[place], value) != 0)
		place++;
	if (place == RULE_GROUPS_MAX) {
		parse_fail(parse, RESULT_LIMIT, parse->line,
		    parse->value_column, "more than %u groups",
		    RULE_GROUPS_MAX);
		return true;
	}
	if (place == programme->group_count) {
		memcpy(programme->groups[place], value, strlen(value) + 1);
		programme->group_count++;
	}
	parse->rule->group = (uint8_t)(place + 1);
	return true;
}

/* --- lists ---------------------------------------------------------------- */

bool take_tier(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	uint16_t *levels = field;
	size_t place = 0;
	unsigned bit;

	(void)key;
	if (!programme_reward_id_is_good(bytes_of_string(value)))
		return false;
	while (place < parse->tier_id_count &&
	       strcmp(parse->tier_ids[place], value) != 0)
		place++;
	bit = 2u << place; /* level 1 is the first tier's */
	if (place == parse->tier_id_count)
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->value_column, "there is no section [tier %s]",
		    value);
	else if (*levels & bit)
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->value_column, "'%s' comes twice", value);
	else
		*levels |= (uint16_t)bit;
	return true;
}

/* The names of all lists together fit the programme's pool. */
static bool pool_is_full(const struct parse *parse)
{
	size_t count = parse->programme->name_count;

	for (size_t list = 0; list < LIST_COUNT; list++)
		count += parse->lists[list].count;
	return count >= NAMES_MAX;
}

static void list_add(
    struct parse *parse, enum list list, uint64_t name, const char *value)
{
	struct list_names *names = &parse->lists[list];

	for (size_t index = 0; index < names->count; index++) {
		if (names->names[index] != name)
			continue;
		parse_fail(parse, RESULT_INVALID, parse->line,
		    parse->value_column, "'%s' comes twice", value);
		return;
	}
	if (pool_is_full(parse)) {
		parse_fail(parse, RESULT_LIMIT, parse->line,
		    parse->value_column,
		    "more than %u names of categories, products, shops and "
		    "segments",
		    NAMES_MAX);
		return;
	}
	names->names[names->count++] = name;
}

bool take_line_name(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	struct bytes name = bytes_of_string(value);

	(void)field;
	if (!is_plain_text(name, LINE_NAME_SIZE_MAX))
		return false;
	list_add(parse, key->list, programme_name(name), value);
	return true;
}

bool take_shop(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	struct bytes id = bytes_of_string(value);

	(void)field;
	if (!programme_reward_id_is_good(id))
		return false;
	list_add(parse, key->list, programme_name(id), value);
	return true;
}

bool take_segment(
    struct parse *parse, const struct key *key, void *field, const char *value)
{
	struct bytes id = bytes_of_string(value);

	(void)field;
	if (!programme_reward_id_is_good(id))
		return false;
	list_add(parse, key->list, programme_ident("segment", id), value);
	return true;
}
