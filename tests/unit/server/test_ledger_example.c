/*
 * Tests of server/LEDGER.md: its worked example is what the ledger writes,
 * byte for byte, and a verifier that knows nothing but the document's words
 * (offsets, hashes, the tree's definition, the note's form) accepts it.
 */
#include "tests/unit/server/ledger_world.h"

#define EXAMPLE_ENTRIES 7u
#define FURTHER_ENTRIES 10u
#define DOCUMENT "server/LEDGER.md"

static const char rules[] = "[programme]\nname = Corner\ncurrency = EUR\n"
			    "earn_points = 1\nearn_amount = 1.00\n"
			    "sale_amount_max = 500.00\n"
			    "[reward coffee]\nname = Coffee\npoints = 150\n";

static const char further_rules[] =
    "[programme]\nname = Corner\ncurrency = EUR\nsale_amount_max = 500.00\n"
    "time_zone = CET-1CEST,M3.5.0,M10.5.0/3\nexclude_categories = tobacco\n"
    "[points]\npending_days = 2\nexpire_months = 12\n"
    "[earn all]\npoints = 1\nper = 1.00\n"
    "[earn fruit]\nmultiply = 2\ncategories = fruit\nday_points_max = 20\n";

struct example {
	char text[16384];
	size_t size;
};

__attribute__((format(printf, 2, 3))) static void say(
    struct example *example, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	example->size += (size_t)vsnprintf(example->text + example->size,
	    sizeof(example->text) - example->size, format, arguments);
	va_end(arguments);
	assert_true(example->size < sizeof(example->text));
}

static void say_hex(struct example *example, struct bytes bytes)
{
	char text[2 * 32 + 1];

	for (size_t i = 0; i < bytes.size; i += 32) {
		size_t size = bytes.size - i < 32 ? bytes.size - i : 32;

		bytes_to_hex(bytes_of(bytes.data + i, size), text);
		say(example, "%s\n", text);
	}
}

/* --- making it ------------------------------------------------------------ */

static struct hash card_commitment(struct world *world)
{
	uint8_t text[64];
	struct writer writer = writer_of(text, sizeof(text));
	struct hasher *hasher;
	struct hash hash;

	writer_bytes(&writer, bytes_of("tally card v1", 14));
	for (uint8_t i = 0; i < 32; i++)
		writer_u8(&writer, 0xa0 + i);
	writer_u64(&writer, ACCOUNT_MEMBER_MIN + 1);
	must(world, hasher_create(&hasher, &world->err));
	writer_bytes(&writer, bytes_of("29", 2));
	hash = hash_plain(hasher, writer_view(&writer));
	hasher_destroy(hasher);
	return hash;
}

static void stage_example(struct world *world, struct command command)
{
	uint64_t number = book_head(ledger_book(world->ledger))->sequence + 1;

	memset(command.random, (int)number, sizeof(command.random));
	world->now_ms = 1700000000000ull + 1000 * number;
	assert_int_equal(world_stage(world, &command), REFUSAL_NONE);
}

static void make_members_entries(struct world *world)
{
	uint64_t account = ACCOUNT_MEMBER_MIN + 1;
	struct entry sale;

	stage_example(world, (struct command){.kind = ENTRY_ENROL,
				 .terminal = 1,
				 .counter = 1,
				 .account = account,
				 .commitment = card_commitment(world)});
	stage_example(world, (struct command){.kind = ENTRY_EARN,
				 .terminal = 1,
				 .counter = 2,
				 .account = account,
				 .amount_minor = 20050,
				 .receipt = bytes_of_string("A-17")});
	stage_example(world, (struct command){.kind = ENTRY_REDEEM,
				 .terminal = 1,
				 .counter = 3,
				 .account = account,
				 .reward = bytes_of_string("coffee")});
	must(world,
	    ledger_read(world->ledger, 5, &world->record, &sale, &world->err));
	stage_example(world, (struct command){.kind = ENTRY_RETURN,
				 .terminal = 1,
				 .counter = 4,
				 .related = &sale,
				 .amount_minor = 8000});
}

static void make_example(struct world *world)
{
	struct command shop = {
	    .kind = ENTRY_SHOP, .text = bytes_of_string(ORIGIN)};
	struct command terminal = {.kind = ENTRY_TERMINAL,
	    .subject = 1,
	    .role = ROLE_TERMINAL,
	    .standing = STANDING_ACTIVE};
	bool more = true;

	memcpy(shop.key.bytes, world->key, SIGN_KEY_SIZE);
	memset(terminal.key.bytes, 0x77, HASH_SIZE);
	stage_example(world, shop);
	stage_example(world, (struct command){.kind = ENTRY_PROGRAMME,
				 .text = bytes_of_string(rules)});
	stage_example(world, terminal);
	make_members_entries(world);
	world_commit(world);
	while (more)
		assert_int_equal(ledger_idle(world->ledger, world->now_ms,
				     &more, &world->err),
		    APPEND_DURABLE);
}

static void add_line(struct writer *lines, const char *category,
    uint32_t quantity, int64_t amount_minor)
{
	sale_line_write(
	    lines, &(struct sale_line){.category = bytes_of_string(category),
		       .quantity = quantity,
		       .amount_minor = amount_minor});
}

/* A sale of three lines under other rules, and a third of its fruit back. */
static void go_on(struct world *world)
{
	uint8_t lines[128];
	uint8_t backs[BACK_SIZE];
	struct writer lines_writer = writer_of(lines, sizeof(lines));
	struct writer backs_writer = writer_of(backs, sizeof(backs));
	struct entry sale;

	stage_example(world, (struct command){.kind = ENTRY_PROGRAMME,
				 .counter = 4,
				 .text = bytes_of_string(further_rules)});
	add_line(&lines_writer, "fruit", 3, 2460);
	add_line(&lines_writer, "tobacco", 1, 900);
	add_line(&lines_writer, "bread", 1, 1640);
	stage_example(world, (struct command){.kind = ENTRY_EARN,
				 .terminal = 1,
				 .counter = 5,
				 .account = ACCOUNT_MEMBER_MIN + 1,
				 .amount_minor = 5000,
				 .lines = writer_view(&lines_writer)});
	back_write(&backs_writer, &(struct back){0, 1, 820});
	must(world,
	    ledger_read(world->ledger, 9, &world->record, &sale, &world->err));
	stage_example(world, (struct command){.kind = ENTRY_RETURN,
				 .terminal = 1,
				 .counter = 6,
				 .related = &sale,
				 .backs = writer_view(&backs_writer)});
	world_commit(world);
}

/* --- writing it down ------------------------------------------------------ */

static struct hash leaf_of(struct world *world, uint64_t sequence)
{
	struct hasher *hasher;
	struct entry entry;
	struct hash hash;

	must(world, ledger_read(world->ledger, sequence, &world->record, &entry,
			&world->err));
	must(world, hasher_create(&hasher, &world->err));
	hash = hash_leaf(hasher, buffer_view(&world->record));
	hasher_destroy(hasher);
	return hash;
}

static void write_entry(
    struct world *world, struct example *example, uint64_t sequence)
{
	char hex[2 * HASH_SIZE + 1];
	struct hash hash = leaf_of(world, sequence);
	struct entry entry;

	must(world,
	    entry_decode(buffer_view(&world->record), &entry, &world->err));
	say(example, "entry %d %s, %zu bytes\n", (int)sequence,
	    entry_kind_name(entry.kind), world->record.size);
	say_hex(example, buffer_view(&world->record));
	bytes_to_hex(hash_view(&hash), hex);
	say(example, "hash %s\n", hex);
}

static void write_example(struct world *world, struct example *example)
{
	char hex[2 * HASH_SIZE + 1];
	char verifier_key[VERIFIER_KEY_SIZE_MAX + 1];
	struct hash hash;
	struct note note;

	for (uint64_t i = 1; i <= EXAMPLE_ENTRIES; i++) {
		write_entry(world, example, i);
		say(example, "\n");
	}
	hash = ledger_root(world->ledger);
	bytes_to_hex(hash_view(&hash), hex);
	say(example, "root %s\n\n", hex);
	must(world,
	    verifier_key_format(ORIGIN, world->key, verifier_key, &world->err));
	say(example, "verifier key\n%s\n\n", verifier_key);
	assert_int_equal(
	    ledger_checkpoint(world->ledger, &note), EXAMPLE_ENTRIES);
	say(example, "checkpoint\n%s", note.text);
}

static void write_further(struct world *world, struct example *example)
{
	for (uint64_t i = EXAMPLE_ENTRIES + 1; i <= FURTHER_ENTRIES; i++) {
		write_entry(world, example, i);
		if (i < FURTHER_ENTRIES)
			say(example, "\n");
	}
}

/* The block of the document that starts with these words. */
static char *read_document(const char *first)
{
	static char text[1 << 17];
	FILE *file = fopen(DOCUMENT, "rb");
	size_t size;
	char *start, *end;

	if (file == NULL)
		fail_msg(
		    "%s cannot be read; run the tests from the top", DOCUMENT);
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	start = strstr(text, first);
	assert_non_null(start);
	end = strstr(start, "```");
	assert_non_null(end);
	*end = '\0';
	return start;
}

static void compare_example(struct example *example, const char *first)
{
	if (strcmp(example->text, read_document(first)) == 0)
		return;
	fprintf(stderr, "```\n%s```\n", example->text);
	fail_msg("%s should hold the example above", DOCUMENT);
}

static void the_document_shows_what_the_ledger_writes(void **state)
{
	struct world world;
	struct example example = {0};
	struct example further = {0};

	(void)state;
	world_start(&world);
	make_example(&world);
	write_example(&world, &example);
	go_on(&world);
	write_further(&world, &further);
	world_finish(&world);
	compare_example(&example, "entry 1 shop");
	compare_example(&further, "entry 8 programme");
}

/* What the document says of it in words. */
static void the_further_entries_are_as_they_are_explained(void **state)
{
	struct world world;
	struct entry entry;

	(void)state;
	world_start(&world);
	make_example(&world);
	go_on(&world);
	must(&world,
	    ledger_read(world.ledger, 9, &world.record, &entry, &world.err));
	assert_int_equal(entry.points, 61);
	assert_int_equal(entry.balance_points, 31);
	must(&world,
	    ledger_read(world.ledger, 10, &world.record, &entry, &world.err));
	assert_int_equal(entry.points, 12);
	assert_int_equal(entry.balance_points, 19);
	assert_int_equal(entry.amount_minor, 820);
	world_finish(&world);
}

/* --- a stranger's verifier ------------------------------------------------ */

struct stranger {
	struct hasher *hasher;
	struct hash leaves[EXAMPLE_ENTRIES];
	uint64_t balance_points;
	const char *text; /* what is left of the example */
};

static const char *line_after(struct stranger *stranger, const char *start)
{
	static char line[512];
	const char *at = strstr(stranger->text, start);
	const char *end;

	assert_non_null(at);
	at += strlen(start);
	end = strchr(at, '\n');
	assert_non_null(end);
	assert_true(end - at < (long)sizeof(line));
	memcpy(line, at, (size_t)(end - at));
	line[end - at] = '\0';
	stranger->text = end + 1;
	return line;
}

/* All hexadecimal lines that follow. */
static size_t hex_lines(struct stranger *stranger, uint8_t *bytes)
{
	size_t size = 0;

	while (stranger->text[0] != 'h') {
		char line[80];
		const char *end = strchr(stranger->text, '\n');
		size_t length = (size_t)(end - stranger->text);

		assert_true(length <= 64 && length % 2 == 0);
		memcpy(line, stranger->text, length);
		line[length] = '\0';
		assert_true(bytes_from_hex(line, bytes + size, length / 2));
		size += length / 2;
		stranger->text = end + 1;
	}
	return size;
}

static uint64_t number_at(const uint8_t *bytes, size_t offset, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes[offset + i];
	return number;
}

/* The value of a field, by walking tags and sizes from offset 146. */
static const uint8_t *field_at(const uint8_t *record, size_t size, unsigned tag)
{
	size_t at = 146;

	while (at < size) {
		if (number_at(record, at, 2) == tag)
			return record + at + 4;
		at += 4 + number_at(record, at + 2, 2);
	}
	assert_int_equal(at, size);
	return NULL;
}

static void check_record(struct stranger *stranger, uint64_t sequence,
    const uint8_t *record, size_t size)
{
	static const uint8_t kinds[] = {1, 2, 3, 5, 6, 7, 8};
	static const struct hash zeroes;
	const struct hash *previous =
	    sequence == 1 ? &zeroes : &stranger->leaves[sequence - 2];
	uint64_t points = number_at(record, 82, 8);
	uint8_t leaf[512] = {0};
	char hex[2 * HASH_SIZE + 1];

	assert_int_equal(record[0], 1);
	assert_int_equal(record[1], kinds[sequence - 1]);
	assert_int_equal(number_at(record, 2, 8), sequence);
	assert_memory_equal(record + 10, previous->bytes, HASH_SIZE);
	assert_int_equal(
	    number_at(record, 42, 8), 1700000000000ull + 1000 * sequence);
	if (number_at(record, 74, 8) > 1ull << 40)
		stranger->balance_points += points;
	if (number_at(record, 66, 8) > 1ull << 40)
		stranger->balance_points -= points;
	if (sequence > 4)
		assert_int_equal(number_at(field_at(record, size, 9), 0, 8),
		    stranger->balance_points);
	assert_true(size < sizeof(leaf));
	memcpy(leaf + 1, record, size);
	stranger->leaves[sequence - 1] =
	    hash_plain(stranger->hasher, bytes_of(leaf, size + 1));
	bytes_to_hex(hash_view(&stranger->leaves[sequence - 1]), hex);
	assert_string_equal(line_after(stranger, "hash "), hex);
}

/* RFC 6962 section 2.1, word for word. */
static struct hash tree_hash(
    struct stranger *stranger, size_t start, size_t size)
{
	uint8_t node[1 + 2 * HASH_SIZE] = {1};
	struct hash left, right;
	size_t split = 1;

	if (size == 1)
		return stranger->leaves[start];
	while (split * 2 < size)
		split *= 2;
	left = tree_hash(stranger, start, split);
	right = tree_hash(stranger, start + split, size - split);
	memcpy(node + 1, left.bytes, HASH_SIZE);
	memcpy(node + 1 + HASH_SIZE, right.bytes, HASH_SIZE);
	return hash_plain(stranger->hasher, bytes_of(node, sizeof(node)));
}

static void check_root(struct stranger *stranger)
{
	struct hash root = tree_hash(stranger, 0, EXAMPLE_ENTRIES);
	char hex[2 * HASH_SIZE + 1];
	char base64[64];
	char wanted[256];

	bytes_to_hex(hash_view(&root), hex);
	assert_string_equal(line_after(stranger, "root "), hex);
	bytes_to_base64(hash_view(&root), base64);
	snprintf(wanted, sizeof(wanted), "checkpoint\n" ORIGIN "\n7\n%s\n\n",
	    base64);
	assert_non_null(strstr(stranger->text, wanted));
}

/* The key out of the verifier key, the signature out of the note. */
static void check_signature(struct stranger *stranger)
{
	const char *key_text = line_after(stranger, ORIGIN "+");
	const char *signed_text = strstr(stranger->text, "checkpoint\n") + 11;
	const char *mark = strstr(signed_text, "\n\xe2\x80\x94 " ORIGIN " ");
	const char *signature_text = mark + strlen("\n... " ORIGIN " ");
	uint8_t key[33], signature[68], named_key[sizeof(ORIGIN) + 33];
	char id[9];
	struct hash hash;
	size_t size;

	assert_true(bytes_from_base64(
	    bytes_of_string(key_text + 9), key, sizeof(key), &size));
	assert_int_equal(size, sizeof(key));
	assert_int_equal(key[0], 1);
	assert_true(bytes_from_base64(
	    bytes_of(signature_text, 92), signature, sizeof(signature), &size));
	assert_int_equal(size, sizeof(signature));
	memcpy(named_key, ORIGIN "\n", sizeof(ORIGIN));
	memcpy(named_key + sizeof(ORIGIN), key, sizeof(key));
	hash = hash_plain(
	    stranger->hasher, bytes_of(named_key, sizeof(named_key)));
	assert_memory_equal(hash.bytes, signature, 4);
	bytes_to_hex(bytes_of(hash.bytes, 4), id);
	assert_memory_equal(key_text, id, 8);
	assert_int_equal(
	    sign_verify(key + 1,
		bytes_of(signed_text, (size_t)(mark - signed_text)),
		signature + 4, NULL),
	    RESULT_OK);
}

static void a_stranger_verifies_the_example(void **state)
{
	struct stranger stranger = {.text = read_document("entry 1 shop")};
	uint8_t record[1024];

	(void)state;
	assert_int_equal(hasher_create(&stranger.hasher, NULL), RESULT_OK);
	for (uint64_t i = 1; i <= EXAMPLE_ENTRIES; i++) {
		char start[16];
		size_t size, said;
		const char *line;

		snprintf(start, sizeof(start), "entry %d ", (int)i);
		line = line_after(&stranger, start);
		said = strtoul(strchr(line, ',') + 2, NULL, 10);
		size = hex_lines(&stranger, record);
		assert_int_equal(size, said);
		check_record(&stranger, i, record, size);
	}
	assert_int_equal((int64_t)stranger.balance_points, 200 - 150 - 80);
	check_root(&stranger);
	check_signature(&stranger);
	hasher_destroy(stranger.hasher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_document_shows_what_the_ledger_writes),
	    cmocka_unit_test(the_further_entries_are_as_they_are_explained),
	    cmocka_unit_test(a_stranger_verifies_the_example),
	};

	return cmocka_run_group_tests_name(
	    "the ledger's example", tests, NULL, NULL);
}
