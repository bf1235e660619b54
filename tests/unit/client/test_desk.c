/*
 * desk: whole runs of the till in a process of their own, over pipes, with no
 * server to be reached. What crosses the network is test_remote's and the
 * integration tests'.
 */
#include "tests/support/check.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "client/desk.h"
#include "client/outbox.h"
#include "common/base/clock.h"
#include "proto/certificate.h"

#define WAIT_MS 10000 /* a test that waits longer has failed */

/* --- a till's folder, with an identity and a server that is not there ------
 */

static struct {
	struct key *authority_key, *key;
	struct buffer authority, certificate;
} made;

static char folder[64];

static void expect_ok(enum result result)
{
	assert_int_equal(result, RESULT_OK);
}

static int make_identity(void **state)
{
	struct buffer request = {0};
	struct hash key_hash;
	uint64_t now_ms = clock_wall_ms();

	(void)state;
	expect_ok(key_create(&made.authority_key, NULL));
	expect_ok(key_create(&made.key, NULL));
	expect_ok(certificate_make_authority(
	    made.authority_key, "Test", now_ms, &made.authority, NULL));
	expect_ok(certificate_request_make(made.key, &request, NULL));
	expect_ok(certificate_make_client(made.authority_key,
	    buffer_view(&made.authority), buffer_view(&request), ROLE_TERMINAL,
	    3, now_ms, &made.certificate, &key_hash, NULL));
	buffer_finish(&request);
	return 0;
}

static int forget_identity(void **state)
{
	(void)state;
	key_destroy(made.authority_key);
	key_destroy(made.key);
	buffer_finish(&made.authority);
	buffer_finish(&made.certificate);
	return 0;
}

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static int make_folder(void **state)
{
	FILE *file;

	(void)state;
	snprintf(folder, sizeof folder, "/tmp/desk-XXXXXX");
	assert_non_null(mkdtemp(folder));
	expect_ok(key_save(made.key, path_of("key.pem"), NULL));
	expect_ok(certificate_save(
	    buffer_view(&made.authority), path_of("authority.pem"), NULL));
	expect_ok(certificate_save(
	    buffer_view(&made.certificate), path_of("certificate.pem"), NULL));
	file = fopen(path_of("server"), "w");
	assert_non_null(file);
	/* Port 1 of the loopback interface: refused at once. */
	fputs("127.0.0.1:1\n", file);
	fclose(file);
	return 0;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command) == 0 ? 0 : 1;
}

/* --- a run ---------------------------------------------------------------- */

static struct {
	pid_t child;
	int input;  /* to write to */
	int output; /* to read from */
	char text[32768];
	size_t size;
} run;

static void start_between(
    int to_child[2], int from_child[2], bool json, const char *scanner)
{
	memset(&run, 0, sizeof run);
	run.child = fork();
	if (run.child == 0) {
		struct desk_options options = {
		    .folder = folder,
		    .scanner = scanner,
		    .json = json,
		    .software = "test 1",
		    .input = to_child[0],
		    .output = from_child[1],
		};
		struct error err = {0};
		enum result result;

		close(to_child[1]);
		close(from_child[0]);
		result = desk_run(&options, &err);
		if (result != RESULT_OK)
			dprintf(from_child[1], "error: %s\n", err.text);
		_exit((int)result);
	}
	close(to_child[0]);
	close(from_child[1]);
	run.input = to_child[1];
	run.output = from_child[0];
}

static void start(bool json, const char *scanner)
{
	int to_child[2];
	int from_child[2];

	assert_int_equal(pipe2(to_child, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from_child, O_CLOEXEC), 0);
	start_between(to_child, from_child, json, scanner);
}

/* Its output is a terminal of so many columns. */
static void start_on_terminal(unsigned short width, bool json)
{
	struct winsize size = {.ws_row = 24, .ws_col = width};
	struct termios raw = {0}; /* line ends stay as they are */
	int to_child[2];
	int terminal[2];

	assert_int_equal(pipe2(to_child, O_CLOEXEC), 0);
	assert_int_equal(
	    openpty(&terminal[0], &terminal[1], NULL, &raw, &size), 0);
	start_between(to_child, terminal, json, NULL);
}

static void type(const char *text)
{
	assert_int_equal(
	    write(run.input, text, strlen(text)), (ssize_t)strlen(text));
}

/* Read until the output holds `words`. */
static void wait_for(const char *words)
{
	struct pollfd polled = {run.output, POLLIN, 0};

	while (!strstr(run.text, words)) {
		ssize_t size;

		if (poll(&polled, 1, WAIT_MS) != 1)
			fail_msg("'%s' lacks '%s'", run.text, words);
		size = read(run.output, &run.text[run.size],
		    sizeof run.text - 1 - run.size);
		if (size <= 0)
			fail_msg("'%s' lacks '%s'", run.text, words);
		run.size += (size_t)size;
	}
}

/* Read to the end, and wait for the process. */
static int finish(void)
{
	struct pollfd polled = {run.output, POLLIN, 0};
	int status = -1;
	ssize_t size = 1;

	if (run.input >= 0)
		close(run.input);
	while (size > 0) {
		assert_int_equal(poll(&polled, 1, WAIT_MS), 1);
		size = read(run.output, &run.text[run.size],
		    sizeof run.text - 1 - run.size);
		run.size += size > 0 ? (size_t)size : 0;
	}
	close(run.output);
	assert_int_equal(waitpid(run.child, &status, 0), run.child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void close_input(void)
{
	close(run.input);
	run.input = -1;
}

/* --- tests ---------------------------------------------------------------- */

static void lines_are_answered_in_order_and_the_end_says_what_waits(
    void **state)
{
	static const char *const wanted[] = {
	    "\"event\":\"link\",\"up\":false,\"why\":\"server_away\"",
	    "{\"do\":\"earn\",\"id\":1,\"ok\":true,\"pending\":true,"
	    "\"operation\":1,",
	    "{\"ok\":false,\"why\":\"malformed\"",
	    "{\"do\":\"redeem\",\"ok\":false,\"why\":\"server_away\"",
	    "{\"do\":\"earn\",\"id\":2,\"ok\":true,\"pending\":true,"
	    "\"operation\":2,",
	    "{\"event\":\"end\",\"waiting\":2,"};
	struct outbox *outbox;
	const char *place = run.text;

	(void)state;
	start(true, NULL);
	type("{\"do\":\"earn\",\"card\":\"2912345678906\",\"amount\":1250,"
	     "\"id\":1}\n"
	     "nonsense\n\n"
	     "{\"do\":\"redeem\",\"card\":\"2912345678906\","
	     "\"reward\":\"coffee\"}\r\n"
	     "{\"do\":\"earn\",\"card\":\"2912345678906\",\"amount\":1,"
	     "\"id\":2}"); /* without an end of its line */
	close_input();
	assert_int_equal(finish(), RESULT_OK);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		place = strstr(place, wanted[i]);
		if (!place)
			fail_msg("'%s' lacks %s", run.text, wanted[i]);
	}
	expect_ok(outbox_open(folder, &outbox, NULL));
	assert_int_equal(outbox_count(outbox), 2);
	outbox_close(outbox);
}

static void a_line_that_is_too_long_does_not_end_the_run(void **state)
{
	static char line[JSON_LINE_SIZE_MAX + 100];

	(void)state;
	memset(line, 'x', sizeof line - 2);
	line[sizeof line - 2] = '\n';
	start(true, NULL);
	type(line);
	type("{\"do\":\"status\",\"id\":9}\n");
	wait_for("The line is longer than 16384 bytes.");
	wait_for("{\"do\":\"status\",\"id\":9,\"ok\":true,");
	close_input();
	assert_int_equal(finish(), RESULT_OK);
}

static void the_folder_is_one_tills_at_a_time(void **state)
{
	struct outbox *outbox;

	(void)state;
	expect_ok(outbox_open(folder, &outbox, NULL));
	start(true, NULL);
	assert_int_equal(finish(), RESULT_BUSY);
	wait_for("error: another tally-pos is running");
	outbox_close(outbox);
	start(true, NULL);
	close_input();
	assert_int_equal(finish(), RESULT_OK);
}

static void a_folder_without_an_identity_says_so(void **state)
{
	(void)state;
	assert_int_equal(unlink(path_of("certificate.pem")), 0);
	start(true, NULL);
	assert_int_equal(finish(), RESULT_NOT_FOUND);
	wait_for("error: ");
}

static void a_scanner_that_has_no_such_name_is_refused(void **state)
{
	(void)state;
	start(true, "scanner");
	assert_int_equal(finish(), RESULT_INVALID);
	wait_for("error: ");
}

static void a_signal_ends_the_run_and_keeps_what_is_saved(void **state)
{
	(void)state;
	start(true, NULL);
	type("{\"do\":\"enrol\",\"card\":\"20123451\"}\n");
	wait_for("\"pending\":true");
	kill(run.child, SIGTERM);
	assert_int_equal(finish(), RESULT_OK);
	wait_for("{\"event\":\"end\",\"waiting\":1,");
	start(true, NULL);
	wait_for("\"up\":false");
	kill(run.child, SIGINT);
	assert_int_equal(finish(), RESULT_OK);
	wait_for("\"waiting\":1,");
}

static void an_output_that_is_gone_ends_the_run(void **state)
{
	int status;

	(void)state;
	start(true, NULL);
	close(run.output);
	type("{\"do\":\"status\"}\n");
	assert_int_equal(waitpid(run.child, &status, 0), run.child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), RESULT_IO);
	close_input();
}

static void a_scan_becomes_an_event_and_a_look_up(void **state)
{
	int scanner[2];
	char device[16];

	(void)state;
	assert_int_equal(pipe(scanner), 0);
	snprintf(device, sizeof device, "fd:%d", scanner[0]);
	start(true, device);
	wait_for("\"event\":\"link\"");
	assert_int_equal(write(scanner[1], "2912345678906\r\n", 15), 15);
	wait_for("{\"event\":\"scan\",\"card\":\"2912345678906\","
		 "\"symbology\":\"ean13\"}\n");
	wait_for(
	    "{\"event\":\"member\",\"card\":\"2912345678906\",\"ok\":false,"
	    "\"why\":\"server_away\"");
	assert_int_equal(write(scanner[1], "2912345678905\r\n", 15), 15);
	wait_for("{\"event\":\"scan\",\"ok\":false,"
		 "\"why\":\"bad_check_digit\"");
	close_input();
	assert_int_equal(finish(), RESULT_OK);
	close(scanner[0]);
	close(scanner[1]);
}

static void the_prompt_takes_lines_from_a_pipe(void **state)
{
	(void)state;
	start(false, NULL);
	type("2912345678906\n12.50\n");
	wait_for("are saved.");
	wait_for("Saved. It is sent when the server can be reached again.");
	/* What is no line at all is no more than a mistake. */
	type("\xff\xfe\n");
	wait_for("Type 'help'.");
	type("quit\n");
	assert_int_equal(finish(), RESULT_OK);
	wait_for("Waiting to be sent: 1.");
	/* No mark is printed for nobody. */
	assert_null(strstr(run.text, "> "));
}

static void a_terminal_breaks_no_word(void **state)
{
	(void)state;
	start_on_terminal(40, false);
	type("return\n");
	wait_for("Return what? Type the sale and the\n"
		 "amount, like: return 57 5.00; or the\n"
		 "redemption alone, like: return 60\n");
	type("help\n");
	wait_for("\n    claim 58 A-18          the points of\n"
		 "    that sale 58, for the customer\n");
	type("quit\n");
	assert_int_equal(finish(), RESULT_OK);
}

static void a_line_is_whole_where_no_width_is_known(void **state)
{
	static const char line[] = "Return what? Type the sale and the amount, "
				   "like: return 57 5.00; or the redemption "
				   "alone, like: return 60\n";

	(void)state;
	start_on_terminal(0, false);
	type("return\n");
	wait_for(line);
	assert_int_equal(finish(), RESULT_OK);
	start(false, NULL);
	type("return\n");
	wait_for(line);
	assert_int_equal(finish(), RESULT_OK);
	/* A program reads lines, whatever it reads them from. */
	start_on_terminal(20, true);
	type("{\"do\":\"ping\"}\n");
	wait_for("{\"do\":\"ping\",\"ok\":");
	assert_int_equal(finish(), RESULT_OK);
	assert_null(strstr(run.text, "\n "));
	for (const char *at = run.text; *at != '\0'; at++)
		if (*at == '\n' && at[1] != '\0')
			assert_int_equal(at[1], '{');
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
	    TEST(lines_are_answered_in_order_and_the_end_says_what_waits),
	    TEST(a_line_that_is_too_long_does_not_end_the_run),
	    TEST(the_folder_is_one_tills_at_a_time),
	    TEST(a_folder_without_an_identity_says_so),
	    TEST(a_scanner_that_has_no_such_name_is_refused),
	    TEST(a_signal_ends_the_run_and_keeps_what_is_saved),
	    TEST(an_output_that_is_gone_ends_the_run),
	    TEST(a_scan_becomes_an_event_and_a_look_up),
	    TEST(the_prompt_takes_lines_from_a_pipe),
	    TEST(a_terminal_breaks_no_word),
	    TEST(a_line_is_whole_where_no_width_is_known),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_identity, forget_identity);
}
