/*
 * Tests of identity: addresses, enrolling over loopback against a good and
 * many a bad server, and folders that are not whole.
 */
#include "tests/unit/proto/small_server.h"

/* --- addresses ------------------------------------------------------------ */

static void an_address_is_split(void **state)
{
	static const struct {
		const char *address, *host, *port;
	} good[] = {
	    {"127.0.0.1:7171", "127.0.0.1", "7171"},
	    {"shop.example:1", "shop.example", "1"},
	    {"[::1]:7171", "::1", "7171"},
	    {"[fe80::1%eth0]:65535", "fe80::1%eth0", "65535"},
	    {"localhost:0", "localhost", "0"},
	};
	char host[256], port[6];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		OK(address_split(good[i].address, host, port, NULL));
		assert_string_equal(host, good[i].host);
		assert_string_equal(port, good[i].port);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {"", ":", "host", "host:", ":7171",
	    "host:65536", "host:99999", "host:100000", "host:-1", "host:+1",
	    "host:7x", "host: 7", "::1:7171", "[::1]", "[::1]7171", "[]:7171",
	    "[:7171", "]:7171", "ho st:7171", "h\nst:7171", "host:7171 ",
	    "host:7171\n", "\xc3\xa9:1"};
	char host[256] = "kept", port[6] = "kept";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error err;

		assert_int_equal(
		    RESULT_INVALID, address_split(bad[i], host, port, &err));
		assert_non_null(strstr(err.text, "HOST:PORT"));
		assert_string_equal(host, "kept");
		assert_string_equal(port, "kept");
	}
}

static void a_host_has_at_most_255_characters(void **state)
{
	char address[300], host[256], port[6];

	(void)state;
	for (size_t size = 250; size < 270; size++) {
		memset(address, 'x', size);
		memcpy(&address[size], ":80", 4);
		assert_int_equal(address_split(address, host, port, NULL),
		    size <= 255 ? RESULT_OK : RESULT_INVALID);
		address[0] = '[';
		address[size - 1] = ']';
		assert_int_equal(address_split(address, host, port, NULL),
		    size <= 257 ? RESULT_OK : RESULT_INVALID);
	}
}

/* --- enrolling ------------------------------------------------------------ */

static void enrolling_makes_a_whole_folder(void **state)
{
	static const struct {
		const char *name;
		int mode;
	} files[] = {{"key.pem", 0600}, {"certificate.pem", 0644},
	    {"authority.pem", 0644}, {"server", 0644}};
	mode_t before = umask(022);
	struct identity identity;
	struct stat status;

	(void)state;
	enrol_till();
	(void)umask(before);
	assert_int_equal(0, stat(till, &status));
	assert_int_equal(status.st_mode & 0777, 0700);
	for (size_t i = 0; i < 4; i++) {
		char path[FILE_PATH_SIZE_MAX];

		OK(file_path(till, files[i].name, path, NULL));
		assert_int_equal(0, stat(path, &status));
		assert_int_equal(status.st_mode & 0777, files[i].mode);
	}
	OK(identity_load(till, &identity, NULL));
	assert_int_equal(identity.self.role, ROLE_TERMINAL);
	assert_int_equal(identity.self.number, 5);
	assert_int_equal(0, strncmp(identity.address, "127.0.0.1:", 10));
	identity_finish(&identity);
	identity_finish(&identity);
}

static void an_enrolled_till_says_hello(void **state)
{
	struct peer_server *server;
	struct identity identity;
	tally_HelloReply hello;
	struct link *link;

	(void)state;
	enrol_till();
	server = server_start(server_context, answer_well, 1);
	link = link_till(server, &identity);
	assert_true(link_handle(link) >= 0);
	OK(link_hello(link, 41, &hello, NULL));
	assert_int_equal(hello.terminal, 5);
	assert_int_equal(hello.counter_max, 41);
	link_close(link);
	identity_finish(&identity);
	assert_int_equal(1, server_stop(server));
}

static void a_token_that_the_server_refuses_leaves_no_folder(void **state)
{
	struct peer_server *server =
	    server_start(server_context, answer_well, 1);
	struct token used = token;
	char text[TOKEN_SIZE_MAX + 1];
	uint32_t number = 99;
	struct error err;

	(void)state;
	remove_till();
	used.secret[0] ^= 1;
	OK(token_format(&used, text, NULL));
	assert_int_equal(RESULT_DENIED,
	    identity_enrol(till, server->address, text, &number, &err));
	assert_string_equal(err.text, "This token was used already.");
	assert_int_equal(number, 99);
	assert_false(file_exists(till));
	(void)server_stop(server);
}

static void a_server_that_the_token_does_not_pin_learns_no_secret(void **state)
{
	struct peer_server *server =
	    server_start(server_context, answer_well, 1);
	struct token other = token;
	char text[TOKEN_SIZE_MAX + 1];
	uint32_t number;
	struct error err;

	(void)state;
	remove_till();
	other.authority_pin.bytes[31] ^= 1;
	OK(token_format(&other, text, NULL));
	assert_int_equal(RESULT_DENIED,
	    identity_enrol(till, server->address, text, &number, &err));
	assert_non_null(strstr(err.text, "not the server"));
	assert_false(file_exists(till));
	assert_int_equal(0, server_stop(server));
}

static void what_can_fail_here_fails_before_the_server_is_asked(void **state)
{
	char mistyped[TOKEN_SIZE_MAX + 1], nowhere[FILE_PATH_SIZE_MAX];
	uint32_t number;

	(void)state;
	remove_till();
	memcpy(mistyped, token_text, sizeof(mistyped));
	mistyped[20] = mistyped[20] == 'a' ? 'b' : 'a';
	/* Nothing listens at these; it is not come so far. */
	assert_int_equal(RESULT_INVALID,
	    identity_enrol(till, "127.0.0.1:1", mistyped, &number, NULL));
	assert_int_equal(RESULT_INVALID,
	    identity_enrol(till, "127.0.0.1", token_text, &number, NULL));
	assert_false(file_exists(till));
	OK(file_path(till, "deeper", nowhere, NULL));
	assert_int_equal(RESULT_IO,
	    identity_enrol(nowhere, "127.0.0.1:1", token_text, &number, NULL));
}

static void enrolling_twice_is_refused(void **state)
{
	struct identity identity;
	uint32_t number;
	struct error err;

	(void)state;
	enrol_till();
	assert_int_equal(RESULT_EXISTS,
	    identity_enrol(till, "127.0.0.1:1", token_text, &number, &err));
	OK(identity_load(till, &identity, NULL));
	identity_finish(&identity);
}

static void without_a_server_nothing_is_made(void **state)
{
	uint32_t number;
	struct error err;

	(void)state;
	remove_till();
	assert_int_equal(RESULT_IO,
	    identity_enrol(till, "127.0.0.1:1", token_text, &number, &err));
	assert_non_null(strstr(err.text, "127.0.0.1:1"));
	assert_false(file_exists(till));
}

static void a_key_that_a_crash_left_is_replaced(void **state)
{
	struct peer_server *server =
	    server_start(server_context, answer_well, 1);
	char path[FILE_PATH_SIZE_MAX];
	struct identity identity;
	uint32_t number;

	(void)state;
	remove_till();
	assert_int_equal(0, mkdir(till, 0755));
	OK(file_path(till, "key.pem", path, NULL));
	OK(file_create(path, bytes_of_string("half a k"), true, NULL));
	OK(identity_enrol(till, server->address, token_text, &number, NULL));
	OK(identity_load(till, &identity, NULL));
	identity_finish(&identity);
	(void)server_stop(server);
}

/* Signs a key of its own instead of the one that asks. */
static bool answer_with_another_key(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	tally_Request other = *request;
	struct buffer csr;

	if (certificate_request_make(server_key, &csr, NULL) != RESULT_OK)
		return false;
	memcpy(other.body.enrol_terminal.csr.bytes, csr.data, csr.size);
	other.body.enrol_terminal.csr.size = (pb_size_t)csr.size;
	buffer_finish(&csr);
	return answer_well(server, &other, plain);
}

static bool answer_with_another_authority(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	struct buffer frame = {0};

	(void)answer_well(server, request, &frame);
	buffer_finish(&frame);
	server->reply.body.enrol_terminal.authority.bytes[20] ^= 1;
	reply_end(server, plain);
	return true;
}

static bool answer_with_another_number(struct peer_server *server,
    const tally_Request *request, struct buffer *plain)
{
	struct buffer frame = {0};

	(void)answer_well(server, request, &frame);
	buffer_finish(&frame);
	server->reply.body.enrol_terminal.terminal = 6;
	reply_end(server, plain);
	return true;
}

static void a_wrong_answer_to_an_enrolment_is_not_kept(void **state)
{
	static answer_fn *const answers[] = {answer_with_another_key,
	    answer_with_another_authority, answer_with_another_number,
	    answer_pong};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct peer_server *server =
		    server_start(server_context, answers[i], 1);
		uint32_t number;

		remove_till();
		assert_int_not_equal(
		    RESULT_OK, identity_enrol(till, server->address, token_text,
				   &number, NULL));
		assert_false(file_exists(till));
		assert_int_equal(1, server_stop(server));
	}
}

/* --- loading -------------------------------------------------------------- */

static void an_empty_folder_says_how_to_enrol(void **state)
{
	struct identity identity;
	struct error err;

	(void)state;
	remove_till();
	assert_int_equal(
	    RESULT_NOT_FOUND, identity_load(till, &identity, &err));
	assert_non_null(strstr(err.text, "enrol"));
}

static void a_folder_with_a_file_missing_is_corrupt(void **state)
{
	static const char *const names[] = {
	    "key.pem", "authority.pem", "server"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char path[FILE_PATH_SIZE_MAX];
		struct identity identity;
		struct error err;

		enrol_till();
		OK(file_path(till, names[i], path, NULL));
		assert_int_equal(0, unlink(path));
		assert_int_equal(
		    RESULT_CORRUPT, identity_load(till, &identity, &err));
		assert_int_equal(err.result, RESULT_CORRUPT);
		assert_non_null(strstr(err.text, names[i]));
		assert_int_equal(
		    RESULT_CORRUPT, identity_load(till, &identity, NULL));
	}
}

static void a_damaged_file_is_refused_by_name(void **state)
{
	static const char *const names[] = {
	    "key.pem", "authority.pem", "certificate.pem", "server"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char path[FILE_PATH_SIZE_MAX];
		struct identity identity;
		struct error err;

		enrol_till();
		OK(file_path(till, names[i], path, NULL));
		OK(file_replace(path, bytes_of_string("damaged"), false, NULL));
		assert_int_equal(
		    RESULT_INVALID, identity_load(till, &identity, &err));
		assert_non_null(strstr(err.text, names[i]));
		OK(file_replace(path, bytes_of("a\0b:1\n", 6), false, NULL));
		assert_int_equal(
		    RESULT_INVALID, identity_load(till, &identity, &err));
	}
}

static void a_key_of_another_till_is_refused(void **state)
{
	char path[FILE_PATH_SIZE_MAX];
	struct identity identity;

	(void)state;
	enrol_till();
	OK(file_path(till, "key.pem", path, NULL));
	assert_int_equal(0, unlink(path));
	OK(key_save(server_key, path, NULL));
	assert_int_equal(RESULT_INVALID, identity_load(till, &identity, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_address_is_split),
	    cmocka_unit_test(what_is_no_address_is_refused),
	    cmocka_unit_test(a_host_has_at_most_255_characters),
	    cmocka_unit_test(enrolling_makes_a_whole_folder),
	    cmocka_unit_test(an_enrolled_till_says_hello),
	    cmocka_unit_test(a_token_that_the_server_refuses_leaves_no_folder),
	    cmocka_unit_test(
		a_server_that_the_token_does_not_pin_learns_no_secret),
	    cmocka_unit_test(
		what_can_fail_here_fails_before_the_server_is_asked),
	    cmocka_unit_test(enrolling_twice_is_refused),
	    cmocka_unit_test(without_a_server_nothing_is_made),
	    cmocka_unit_test(a_key_that_a_crash_left_is_replaced),
	    cmocka_unit_test(a_wrong_answer_to_an_enrolment_is_not_kept),
	    cmocka_unit_test(an_empty_folder_says_how_to_enrol),
	    cmocka_unit_test(a_folder_with_a_file_missing_is_corrupt),
	    cmocka_unit_test(a_damaged_file_is_refused_by_name),
	    cmocka_unit_test(a_key_of_another_till_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
