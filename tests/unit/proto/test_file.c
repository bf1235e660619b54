/*
 * Tests of file: whole or not at all, modes, and limits.
 */
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "proto/file.h"

#define OK(call) assert_int_equal(RESULT_OK, (call))

static char folder[] = "/tmp/test_file.XXXXXX";
static char path[FILE_PATH_SIZE_MAX], beside[FILE_PATH_SIZE_MAX];

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	OK(file_path(folder, "file", path, NULL));
	OK(file_path(folder, "file.new", beside, NULL));
	return 0;
}

/* Fails where a test left anything behind. */
static int teardown(void **state)
{
	(void)state;
	return rmdir(folder);
}

static void holds(const char *wanted)
{
	struct buffer got = {0};

	OK(file_read(path, &got, NULL));
	assert_true(bytes_equal(buffer_view(&got), bytes_of_string(wanted)));
	buffer_finish(&got);
	assert_false(file_exists(beside));
}

static int mode_of(const char *name)
{
	struct stat status;

	assert_int_equal(0, stat(name, &status));
	return status.st_mode & 0777;
}

static void creates_once(void **state)
{
	struct error err;

	(void)state;
	OK(file_create(path, bytes_of_string("first"), false, NULL));
	assert_int_equal(RESULT_EXISTS,
	    file_create(path, bytes_of_string("second"), false, &err));
	assert_non_null(strstr(err.text, path));
	holds("first");
	assert_int_equal(0, unlink(path));
}

static void replaces_what_is_there(void **state)
{
	(void)state;
	OK(file_replace(path, bytes_of_string("first"), false, NULL));
	holds("first");
	OK(file_replace(path, bytes_of_string("2"), false, NULL));
	holds("2");
	OK(file_replace(path, bytes_of(NULL, 0), false, NULL));
	holds("");
	assert_int_equal(0, unlink(path));
}

static void a_secret_is_for_its_owner_alone(void **state)
{
	mode_t before = umask(0);

	(void)state;
	OK(file_create(path, bytes_of_string("x"), true, NULL));
	assert_int_equal(mode_of(path), 0600);
	OK(file_replace(path, bytes_of_string("x"), false, NULL));
	assert_int_equal(mode_of(path), 0644);
	OK(file_replace(path, bytes_of_string("x"), true, NULL));
	assert_int_equal(mode_of(path), 0600);
	(void)umask(before);
	assert_int_equal(0, unlink(path));
}

static void what_a_crash_left_beside_does_not_matter(void **state)
{
	FILE *left = fopen(beside, "w");

	(void)state;
	assert_non_null(left);
	assert_int_equal(0, fclose(left));
	assert_int_equal(0, chmod(beside, 0666));
	OK(file_create(path, bytes_of_string("whole"), true, NULL));
	holds("whole");
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(0, unlink(path));
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
	char nowhere[FILE_PATH_SIZE_MAX];
	struct buffer got = {0};

	(void)state;
	OK(file_path(folder, "none/file", nowhere, NULL));
	assert_int_equal(
	    RESULT_IO, file_create(nowhere, bytes_of_string("x"), false, NULL));
	assert_int_equal(RESULT_IO,
	    file_replace(nowhere, bytes_of_string("x"), false, NULL));
	assert_int_equal(RESULT_NOT_FOUND, file_read(nowhere, &got, NULL));
	assert_int_equal(RESULT_IO, file_sync_folder(nowhere, NULL));
	OK(file_sync_folder(folder, NULL));
	assert_null(got.data);
}

static void a_folder_is_not_replaced(void **state)
{
	struct buffer got = {0};

	(void)state;
	assert_int_equal(0, mkdir(path, 0700));
	assert_int_equal(
	    RESULT_IO, file_replace(path, bytes_of_string("x"), false, NULL));
	assert_int_equal(RESULT_IO, file_read(path, &got, NULL));
	assert_false(file_exists(beside));
	assert_int_equal(0, rmdir(path));
	buffer_finish(&got);
}

static void a_file_past_the_limit_is_not_read(void **state)
{
	uint8_t *bytes = calloc(1, FILE_SIZE_MAX + 1);
	struct buffer got = {0};

	(void)state;
	assert_non_null(bytes);
	OK(buffer_append(&got, bytes_of_string("before"), NULL));
	OK(file_replace(path, bytes_of(bytes, FILE_SIZE_MAX), false, NULL));
	OK(file_read(path, &got, NULL));
	assert_int_equal(got.size, 6 + FILE_SIZE_MAX);
	got.size = 6;
	OK(file_replace(path, bytes_of(bytes, FILE_SIZE_MAX + 1), false, NULL));
	assert_int_equal(RESULT_LIMIT, file_read(path, &got, NULL));
	assert_int_equal(got.size, 6);
	assert_int_equal(0, unlink(path));
	buffer_finish(&got);
	free(bytes);
}

static void a_path_past_the_limit_is_refused(void **state)
{
	char *name = malloc(FILE_PATH_SIZE_MAX + 1);
	char joined[FILE_PATH_SIZE_MAX] = "kept";

	(void)state;
	assert_non_null(name);
	memset(name, 'x', FILE_PATH_SIZE_MAX);
	name[FILE_PATH_SIZE_MAX] = '\0';
	assert_int_equal(RESULT_LIMIT, file_path(name, "file", joined, NULL));
	assert_string_equal(joined, "kept");
	name[FILE_PATH_SIZE_MAX - 3] = '\0';
	assert_int_equal(RESULT_LIMIT,
	    file_replace(name, bytes_of_string("x"), false, NULL));
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(creates_once),
	    cmocka_unit_test(replaces_what_is_there),
	    cmocka_unit_test(a_secret_is_for_its_owner_alone),
	    cmocka_unit_test(what_a_crash_left_beside_does_not_matter),
	    cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
	    cmocka_unit_test(a_folder_is_not_replaced),
	    cmocka_unit_test(a_file_past_the_limit_is_not_read),
	    cmocka_unit_test(a_path_past_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
