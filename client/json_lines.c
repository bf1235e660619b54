/*
 * json_lines: the lines of a sale, and those of it that come back, from JSON
 * into the one encoding that they have (lists.h).
 */
#include "client/json_inside.h"

#include <stdio.h>
#include <string.h>

/* One line: the object, its place, and which of its fields were understood. */
struct element {
	struct json_parsing *parsing;
	const json_t *object;
	size_t place;
	size_t taken;
};

static void name_field(
    const struct element *element, const char *name, char text[32])
{
	snprintf(text, 32, "lines[%zu].%s", element->place, name);
}

/* A line's number, or `absent` where it is not there. */
static bool take_number(struct element *element, const char *key,
    struct json_number number, int64_t absent, int64_t *ret_number)
{
	const json_t *value = json_object_get(element->object, key);
	char name[32];

	if (!value) {
		*ret_number = absent;
		return true;
	}
	element->taken++;
	name_field(element, key, name);
	number.name = name;
	return json_parse_number(element->parsing, &number, value, ret_number);
}

static bool take_text(
    struct element *element, const char *key, char text[LINE_NAME_SIZE_MAX + 1])
{
	const json_t *value = json_object_get(element->object, key);
	char name[32];

	text[0] = '\0';
	if (!value)
		return true;
	element->taken++;
	name_field(element, key, name);
	return json_parse_text(
	    element->parsing, name, value, text, LINE_NAME_SIZE_MAX + 1);
}

static bool take_amount(struct element *element, int64_t *ret_minor)
{
	static const struct json_number number = {
	    NULL, -(int64_t)AMOUNT_MINOR_MAX, (int64_t)AMOUNT_MINOR_MAX, true};

	if (!json_object_get(element->object, "amount"))
		return json_malformed(element->parsing,
		    "lines[%zu] needs \"amount\".", element->place);
	return take_number(element, "amount", number, 0, ret_minor);
}

/* What is counted is one item where nothing is said. */
static bool take_quantity(struct element *element, uint32_t *ret_quantity)
{
	static const struct json_number number = {
	    NULL, 0, LINE_QUANTITY_MAX, false};
	int64_t quantity = 0;

	if (!take_number(element, "quantity", number, 1, &quantity))
		return false;
	*ret_quantity = (uint32_t)quantity;
	return true;
}

static bool take_whole(const struct element *element)
{
	if (json_object_size(element->object) == element->taken)
		return true;
	return json_malformed(element->parsing,
	    "lines[%zu] has a field that lines have not.", element->place);
}

static bool parse_line(struct element *element, struct writer *writer)
{
	char category[LINE_NAME_SIZE_MAX + 1];
	char product[LINE_NAME_SIZE_MAX + 1];
	struct sale_line line = {0};

	if (!take_text(element, "category", category) ||
	    !take_text(element, "product", product) ||
	    !take_quantity(element, &line.quantity) ||
	    !take_amount(element, &line.amount_minor) || !take_whole(element))
		return false;
	line.category = bytes_of_string(category);
	line.product = bytes_of_string(product);
	sale_line_write(writer, &line);
	return true;
}

/* `least` is the place of a line that may be named next: each once, in rising
 * order. */
static bool parse_back(
    struct element *element, int64_t *least, struct writer *writer)
{
	static const struct json_number number = {
	    NULL, 0, LINES_MAX - 1, false};
	struct back back = {0};
	int64_t place = 0;

	if (!take_number(element, "line", number, -1, &place))
		return false;
	if (place < 0)
		return json_malformed(element->parsing,
		    "lines[%zu] needs \"line\", the place in the sale, from 0.",
		    element->place);
	if (place < *least)
		return json_malformed(element->parsing,
		    "lines[%zu]: each line once, in rising order.",
		    element->place);
	*least = place + 1;
	back.line = (uint8_t)place;
	if (!take_quantity(element, &back.quantity) ||
	    !take_amount(element, &back.amount_minor) || !take_whole(element))
		return false;
	back_write(writer, &back);
	return true;
}

bool json_parse_lines(struct json_parsing *parsing, const json_t *value)
{
	struct till_command *command = parsing->command;
	struct writer writer = writer_of(command->list, sizeof command->list);
	struct element element = {.parsing = parsing};
	int64_t least = 0;

	if (!json_is_array(value) || json_array_size(value) == 0)
		return json_malformed(
		    parsing, "\"lines\" must be a list with a line at least.");
	if (json_array_size(value) > LINES_MAX)
		return json_refuse(parsing, refusal_name(REFUSAL_LINES_INVALID),
		    "A sale has at most %u lines.", LINES_MAX);
	for (; element.place < json_array_size(value); element.place++) {
		element.object = json_array_get(value, element.place);
		element.taken = 0;
		if (!json_is_object(element.object))
			return json_malformed(parsing,
			    "lines[%zu] must be an object.", element.place);
		if (command->what == TILL_DO_RETURN
			? !parse_back(&element, &least, &writer)
			: !parse_line(&element, &writer))
			return false;
	}
	command->list_size = (uint16_t)writer.size;
	return true;
}

static int64_t backs_amount_minor(struct bytes backs)
{
	struct reader reader = reader_of(backs);
	struct back back;
	int64_t sum = 0;

	while (back_read(&reader, &back))
		sum += back.amount_minor;
	return sum;
}

bool json_sum_lines(struct json_parsing *parsing)
{
	struct till_command *command = parsing->command;
	struct bytes list = bytes_of(command->list, command->list_size);
	bool is_return = command->what == TILL_DO_RETURN;
	int64_t sum;

	if (list.size == 0)
		return true;
	sum = is_return ? backs_amount_minor(list) : lines_amount_minor(list);
	if (is_return && !(parsing->present & BIT(FIELD_AMOUNT)) && sum >= 0) {
		command->amount_minor = (uint64_t)sum;
		return true;
	}
	if (sum == (int64_t)command->amount_minor)
		return true;
	return json_refuse(parsing, refusal_name(REFUSAL_LINES_INVALID),
	    "The lines add up to %lld and the amount is %llu.", (long long)sum,
	    (unsigned long long)command->amount_minor);
}
