/*
 * client/serial.c over the real libserialport. A pseudo-terminal stands for
 * the port; tests/shim/serial_shim.so makes libserialport take it, so this
 * program starts itself again with the shim preloaded.
 */
#include "tests/support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "client/transport.h"
#include "tests/unit/client/plug.h"

#define STRANGER 65534 /* nobody: TIOCEXCL does not hold root back */

static enum result try_open(const char *path, unsigned speed_baud,
    struct transport **ret_transport, struct error *err)
{
	struct transport_place place = {
	    .path = path, .handle = -1, .speed_baud = speed_baud};

	return transport_serial.open(&place, ret_transport, err);
}

static struct transport *open_plug(struct plug *plug)
{
	struct transport *transport = NULL;
	struct error err = {0};

	if (try_open(plug->link, 9600, &transport, &err) != RESULT_OK)
		fail_msg("%s", err.text);
	return transport;
}

static void plug_new(struct plug *plug)
{
	plug_init(plug);
	plug_in(plug);
}

static void opens_a_link_at_9600_8n1_and_raw(void **state)
{
	char text[TRANSPORT_TEXT_SIZE];
	struct transport *transport;
	struct termios settings;
	struct plug plug;

	(void)state;
	plug_new(&plug);
	transport = open_plug(&plug);
	assert_int_equal(tcgetattr(plug.master, &settings), 0);
	assert_int_equal(cfgetispeed(&settings), B9600);
	assert_int_equal(settings.c_cflag & CSIZE, CS8);
	assert_false(settings.c_cflag & (PARENB | CSTOPB | CRTSCTS));
	assert_false(settings.c_lflag & (ICANON | ECHO | ISIG));
	assert_false(settings.c_iflag & (IXON | IXOFF | ICRNL | ISTRIP));
	transport_serial.describe(transport, text);
	assert_non_null(strstr(text, plug.tty));
	assert_non_null(strstr(text, "9600"));
	transport_serial.close(transport);
	plug_finish(&plug);
}

static void sets_the_speed_that_is_asked_for(void **state)
{
	static const struct {
		unsigned speed_baud;
		speed_t wanted;
	} rows[] = {{1200, B1200}, {19200, B19200}, {115200, B115200},
	    {230400, B230400}};
	struct plug plug;

	(void)state;
	plug_new(&plug);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct transport *transport = NULL;
		struct error err = {0};
		struct termios settings;

		assert_int_equal(
		    try_open(plug.link, rows[i].speed_baud, &transport, &err),
		    RESULT_OK);
		assert_int_equal(tcgetattr(plug.master, &settings), 0);
		assert_int_equal(cfgetospeed(&settings), rows[i].wanted);
		transport_serial.close(transport);
	}
	plug_finish(&plug);
}

/* Speeds that have no name in termios are set too. */
static void takes_the_greatest_speed_and_an_odd_one(void **state)
{
	static const unsigned speeds_baud[] = {READER_SPEED_BAUD_MAX, 14400};
	struct plug plug;

	(void)state;
	plug_new(&plug);
	for (size_t i = 0; i < 2; i++) {
		struct transport *transport = NULL;
		struct error err = {0};

		assert_int_equal(
		    try_open(plug.link, speeds_baud[i], &transport, &err),
		    RESULT_OK);
		transport_serial.close(transport);
	}
	plug_finish(&plug);
}

static void children_do_not_inherit_the_port(void **state)
{
	struct transport *transport;
	struct plug plug;

	(void)state;
	plug_new(&plug);
	transport = open_plug(&plug);
	assert_true(
	    fcntl(transport_serial.handle(transport), F_GETFD) & FD_CLOEXEC);
	transport_serial.close(transport);
	plug_finish(&plug);
}

static void reads_what_comes_and_nothing_when_nothing_does(void **state)
{
	struct transport *transport;
	struct error err = {0};
	char bytes[64];
	size_t size = 99;
	struct plug plug;

	(void)state;
	plug_new(&plug);
	transport = open_plug(&plug);
	assert_int_equal(
	    transport_serial.read(transport, bytes, sizeof(bytes), &size, &err),
	    RESULT_OK);
	assert_int_equal(size, 0);
	plug_send(&plug, "\x00\x03\x11\x13\x7f\xff\r\n", 8);
	plug_wait(transport_serial.handle(transport));
	assert_int_equal(
	    transport_serial.read(transport, bytes, 3, &size, &err), RESULT_OK);
	assert_int_equal(size, 3);
	assert_memory_equal(bytes, "\x00\x03\x11", 3);
	assert_int_equal(
	    transport_serial.read(transport, bytes, sizeof(bytes), &size, &err),
	    RESULT_OK);
	assert_int_equal(size, 5);
	assert_memory_equal(bytes, "\x13\x7f\xff\r\n", 5);
	transport_serial.close(transport);
	plug_finish(&plug);
}

/* Readable with nothing to read: 0.1.1 says 0, and it means "gone". */
static void a_pulled_plug_is_closed_and_not_quiet(void **state)
{
	struct transport *transport;
	struct error err = {0};
	char bytes[64];
	size_t size = 0;
	struct plug plug;

	(void)state;
	plug_new(&plug);
	transport = open_plug(&plug);
	plug_out(&plug);
	plug_wait(transport_serial.handle(transport));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(transport_serial.read(transport, bytes,
				     sizeof(bytes), &size, &err),
		    RESULT_CLOSED);
		assert_non_null(strstr(err.text, "unplugged"));
	}
	transport_serial.close(transport);
	plug_finish(&plug);
}

static void a_second_opening_is_refused_until_the_first_is_closed(void **state)
{
	struct transport *first, *second = NULL;
	struct error err = {0};
	struct plug plug;

	(void)state;
	plug_new(&plug);
	first = open_plug(&plug);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    try_open(plug.tty, 9600, &second, &err), RESULT_BUSY);
		assert_null(second);
		assert_non_null(strstr(err.text, "in use"));
	}
	transport_serial.close(first);
	transport_serial.close(open_plug(&plug));
	plug_finish(&plug);
}

/* What a program of another user gets from a plain open(2). */
static int open_as_stranger(const char *tty)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (geteuid() == 0 &&
		    (setgid(STRANGER) != 0 || setuid(STRANGER) != 0))
			_exit(255);
		_exit(open(tty, O_RDWR | O_NOCTTY) < 0 ? errno : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void programs_that_know_no_lock_are_kept_out_too(void **state)
{
	struct transport *transport;
	struct plug plug;

	(void)state;
	plug_new(&plug);
	assert_int_equal(chmod(plug.tty, 0666), 0);
	assert_int_equal(open_as_stranger(plug.tty), 0);
	transport = open_plug(&plug);
	assert_int_equal(open_as_stranger(plug.tty), EBUSY);
	transport_serial.close(transport);
	assert_int_equal(open_as_stranger(plug.tty), 0);
	plug_finish(&plug);
}

static void what_is_not_there_is_not_found(void **state)
{
	struct transport *transport = NULL;
	struct error err = {0};
	struct plug plug;

	(void)state;
	plug_init(&plug);
	assert_int_equal(
	    try_open(plug.link, 9600, &transport, &err), RESULT_NOT_FOUND);
	assert_non_null(strstr(err.text, plug.link));
	assert_int_equal(symlink("/dev/pts/987654", plug.link), 0);
	assert_int_equal(
	    try_open(plug.link, 9600, &transport, &err), RESULT_NOT_FOUND);
	assert_int_equal(unlink(plug.link), 0);
	plug_finish(&plug);
}

static void what_is_no_serial_port_is_refused(void **state)
{
	static const char *const paths[] = {
	    "/dev/null", "/etc/passwd", "/", "/dev"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct transport *transport = NULL;
		struct error err = {0};

		assert_int_not_equal(
		    try_open(paths[i], 9600, &transport, &err), RESULT_OK);
		assert_null(transport);
		assert_non_null(strstr(err.text, paths[i]));
	}
}

/* The lines fail while it is being opened: nothing is left open or locked. */
static void a_port_that_fails_while_opening_leaves_nothing_behind(void **state)
{
	struct transport *transport = NULL;
	struct error err = {0};
	struct plug plug;

	(void)state;
	plug_new(&plug);
	assert_int_equal(setenv("SERIAL_SHIM_REFUSE", "open", 1), 0);
	assert_int_equal(
	    try_open(plug.link, 9600, &transport, &err), RESULT_NOT_FOUND);
	assert_int_equal(unsetenv("SERIAL_SHIM_REFUSE"), 0);
	assert_null(transport);
	assert_non_null(strstr(err.text, "opening"));
	transport_serial.close(open_plug(&plug));
	plug_finish(&plug);
}

static struct card_reader *open_reader(struct plug *plug, const char *after)
{
	struct card_reader *reader = NULL;
	struct error err = {0};
	char device[256];

	(void)snprintf(device, sizeof(device), "%s%s", plug->link, after);
	assert_int_equal(card_reader_create(device, &reader, &err), RESULT_OK);
	card_reader_on_time(reader, 0);
	return reader;
}

static void a_reader_reads_cards_through_unplug_and_replug(void **state)
{
	struct card_reader *reader;
	struct termios settings;
	struct plug plug;
	uint64_t now_ms = 0;

	(void)state;
	plug_new(&plug);
	reader = open_reader(&plug, "@115200");
	plug_expect(reader, 0, CARD_READER_PLUGGED, "scanner_plugged");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(tcgetattr(plug.master, &settings), 0);
		assert_int_equal(cfgetispeed(&settings), B115200);
		plug_scan(&plug, "]E02912345678906\r\n29123");
		plug_expect_card(reader, now_ms, "2912345678906");
		plug_out(&plug);
		plug_expect(
		    reader, now_ms, CARD_READER_UNPLUGGED, "scanner_unplugged");
		card_reader_on_time(reader, card_reader_deadline_ms(reader));
		plug_expect_nothing(reader);
		plug_in(&plug);
		now_ms = card_reader_deadline_ms(reader) + 10000;
		card_reader_on_time(reader, now_ms);
		plug_expect(
		    reader, now_ms, CARD_READER_PLUGGED, "scanner_plugged");
	}
	card_reader_destroy(reader);
	plug_finish(&plug);
}

static void a_second_reader_waits_for_the_first(void **state)
{
	struct card_reader *first, *second;
	struct plug plug;

	(void)state;
	plug_new(&plug);
	first = open_reader(&plug, "");
	plug_expect(first, 0, CARD_READER_PLUGGED, "scanner_plugged");
	second = open_reader(&plug, "");
	plug_expect(second, 0, CARD_READER_UNPLUGGED, "scanner_busy");
	card_reader_destroy(first);
	card_reader_on_time(second, 250);
	plug_expect(second, 250, CARD_READER_PLUGGED, "scanner_plugged");
	card_reader_destroy(second);
	plug_finish(&plug);
}

/* Every opening and closing gives its descriptors back. */
static void no_descriptor_leaks_over_many_openings(void **state)
{
	struct plug plug;
	int before, after;

	(void)state;
	plug_new(&plug);
	before = dup(0);
	for (int i = 0; i < 50; i++) {
		struct transport *first = open_plug(&plug), *second = NULL;
		struct error err = {0};

		assert_int_equal(
		    try_open(plug.link, 9600, &second, &err), RESULT_BUSY);
		transport_serial.close(first);
	}
	after = dup(0);
	assert_int_equal(after, before + 1);
	(void)close(before);
	(void)close(after);
	plug_finish(&plug);
}

/* --- starting again with the shim --- */

/* BUILD/tests/unit/client/test_serial -> BUILD/tests/shim/serial_shim.so */
static void find_shim(char *ret_path, size_t capacity)
{
	char self[PATH_MAX] = "";
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *cut = size > 0 ? self : NULL;

	for (int i = 0; i < 3 && cut != NULL; i++) {
		cut = strrchr(self, '/');
		if (cut != NULL)
			*cut = '\0';
	}
	(void)snprintf(ret_path, capacity, "%s/shim/serial_shim.so", self);
}

/* The shim comes before the sanitizer's library, which minds. */
static void set_sanitizer_options(void)
{
	const char *before = getenv("ASAN_OPTIONS");
	char options[512];

	(void)snprintf(options, sizeof(options), "%s%sverify_asan_link_order=0",
	    before != NULL ? before : "", before != NULL ? ":" : "");
	(void)setenv("ASAN_OPTIONS", options, 1);
}

static int start_again(char **arguments)
{
	char shim[PATH_MAX + 32];

	find_shim(shim, sizeof(shim));
	if (access(shim, R_OK) != 0) {
		(void)fprintf(stderr, "test_serial: %s is missing\n", shim);
		return 1;
	}
	set_sanitizer_options();
	(void)setenv("LD_PRELOAD", shim, 1);
	(void)setenv("TEST_SERIAL_AGAIN", "1", 1);
	(void)execv("/proc/self/exe", arguments);
	perror("test_serial: execv");
	return 1;
}

int main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(opens_a_link_at_9600_8n1_and_raw),
	    cmocka_unit_test(sets_the_speed_that_is_asked_for),
	    cmocka_unit_test(takes_the_greatest_speed_and_an_odd_one),
	    cmocka_unit_test(children_do_not_inherit_the_port),
	    cmocka_unit_test(reads_what_comes_and_nothing_when_nothing_does),
	    cmocka_unit_test(a_pulled_plug_is_closed_and_not_quiet),
	    cmocka_unit_test(
		a_second_opening_is_refused_until_the_first_is_closed),
	    cmocka_unit_test(programs_that_know_no_lock_are_kept_out_too),
	    cmocka_unit_test(what_is_not_there_is_not_found),
	    cmocka_unit_test(what_is_no_serial_port_is_refused),
	    cmocka_unit_test(
		a_port_that_fails_while_opening_leaves_nothing_behind),
	    cmocka_unit_test(a_reader_reads_cards_through_unplug_and_replug),
	    cmocka_unit_test(a_second_reader_waits_for_the_first),
	    cmocka_unit_test(no_descriptor_leaks_over_many_openings),
	};

	(void)count;
	if (getenv("TEST_SERIAL_AGAIN") == NULL)
		return start_again(arguments);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
