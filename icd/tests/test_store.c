/* SPDX-License-Identifier: MIT */
/* The store behind the shader cache, on a real folder. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "vgpu_store.h"

#define MAX (1u << 20)
#define DAYS (24 * 3600)
#define SHARED_KEYS 16
#define SHARED_ROUNDS 400

static char folder[128];
static struct vgpu_store store;

/* key n, all of whose bytes differ from other keys' */
static const uint8_t *key(unsigned n)
{
	static uint8_t bytes[VGPU_STORE_KEY];

	for (unsigned i = 0; i < VGPU_STORE_KEY; i++)
		bytes[i] = (uint8_t)(n * 29 + i * 7);
	return bytes;
}

static void path_of(unsigned n, const char *ending, char *path)
{
	const uint8_t *bytes = key(n);
	int length = sprintf(path, "%s/%x/", folder, bytes[0] >> 4);

	for (unsigned i = 0; i < VGPU_STORE_KEY; i++)
		length += sprintf(path + length, "%02x", bytes[i]);
	strcpy(path + length, ending);
}

static void put(unsigned n, size_t size)
{
	uint8_t *data = malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(n + i);
	vgpu_store_put(&store, key(n), data, size);
	free(data);
}

/* False when it is missing; wrong contents are a failure. */
static bool has(unsigned n, size_t expected)
{
	size_t size = 0;
	uint8_t *data = vgpu_store_get(&store, key(n), &size);

	if (!data)
		return false;
	assert_int_equal(size, expected);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(data[i], (uint8_t)(n + i));
	free(data);
	return true;
}

static void set_age(const char *path, time_t seconds)
{
	struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Bytes of disk below the folder, and how many files whose name ends so. */
static uint64_t used(const char *ending, unsigned *count)
{
	uint64_t total = 0;

	*count = 0;
	for (unsigned i = 0; i < 16; i++) {
		char path[512];
		const struct dirent *entry;
		struct stat status;
		DIR *directory;

		sprintf(path, "%s/%x", folder, i);
		directory = opendir(path);
		while (directory && (entry = readdir(directory))) {
			if (fstatat(dirfd(directory), entry->d_name, &status, 0) || !S_ISREG(status.st_mode))
				continue;
			total += ((uint64_t)status.st_size / 4096 + 1) * 4096;
			*count += strlen(entry->d_name) > strlen(ending) &&
				  !strcmp(entry->d_name + strlen(entry->d_name) - strlen(ending), ending);
		}
		if (directory)
			closedir(directory);
	}
	return total;
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/vgpu-store-XXXXXX");
	assert_non_null(mkdtemp(folder));
	strcat(folder, "/a/b"); /* made when it is needed */
	assert_true(vgpu_store_init(&store, folder, MAX));
	return 0;
}

static int remove_folder(void **state)
{
	char command[256];

	(void)state;
	*strstr(folder, "/a/b") = '\0';
	sprintf(command, "rm -rf %s", folder);
	return system(command);
}

static void round_trip(void **state)
{
	(void)state;
	assert_false(has(1, 100));
	assert_false(vgpu_store_has_mark(&store, key(1)));
	put(1, 100);
	put(2, 0);
	put(3, 30000);
	assert_true(has(1, 100));
	assert_true(has(2, 0));
	assert_true(has(3, 30000));
	put(1, 50); /* the newer one counts */
	assert_true(has(1, 50));
	assert_false(vgpu_store_has_mark(&store, key(1)));
	vgpu_store_mark(&store, key(1));
	assert_true(vgpu_store_has_mark(&store, key(1)));
	assert_false(vgpu_store_has_mark(&store, key(2)));
	vgpu_store_remove(&store, key(1));
	assert_false(has(1, 50));
	assert_true(vgpu_store_has_mark(&store, key(1)));
}

/* Every byte wrong once, every length, something longer, and an entry under another's name. */
static void corrupted(void **state)
{
	char path[512], other[512];
	uint8_t file[200];
	size_t size;

	(void)state;
	put(1, 100);
	path_of(1, "", path);
	int from = open(path, O_RDONLY);
	size = (size_t)read(from, file, sizeof(file));
	close(from);
	assert_in_range(size, 101, sizeof(file) - 1);
	for (size_t i = 0; i < 2 * size + 2; i++) {
		size_t length = i < size ? size : i - size;
		int to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (i < size)
			file[i] ^= 0x10;
		assert_int_equal(write(to, file, length), length);
		if (i < size)
			file[i] ^= 0x10;
		close(to);
		assert_int_equal(has(1, 100), length == size && i >= size);
		assert_int_equal(access(path, F_OK) == 0, length == size && i >= size); /* broken: gone */
	}
	put(1, 100);
	assert_true(has(1, 100));
	path_of(2, "", other);
	*strrchr(other, '/') = '\0';
	mkdir(other, 0700);
	path_of(2, "", other);
	assert_int_equal(rename(path, other), 0);
	assert_false(has(2, 100));
}

static void bound(void **state)
{
	unsigned count;

	(void)state;
	for (unsigned n = 0; n < 200; n++) {
		put(n, 20000);
		vgpu_store_mark(&store, key(n + 1000));
		assert_in_range(used("", &count), 0, MAX + MAX / 16);
	}
	assert_in_range(used("", &count), MAX / 2, MAX + MAX / 16);
	put(500, MAX / 16); /* too large for it */
	assert_false(has(500, MAX / 16));
}

/* What was used last stays: by its last write, or the day in which it was read. */
static void oldest_go(void **state)
{
	char path[512];

	(void)state;
	for (unsigned n = 0; n < 30; n++) {
		put(n, 20000);
		path_of(n, "", path);
		set_age(path, (40 - n) * DAYS);
	}
	assert_true(has(0, 20000));
	for (unsigned n = 30; n < 60; n++)
		put(n, 20000);
	assert_true(has(0, 20000));
	assert_false(has(1, 20000));
	assert_false(has(2, 20000));
	assert_true(has(59, 20000));
}

static void left_from_a_crash(void **state)
{
	char old[512], fresh[512];

	(void)state;
	put(1, 10);
	path_of(1, ".77.0.tmp", old);
	path_of(1, ".78.0.tmp", fresh);
	close(open(old, O_WRONLY | O_CREAT, 0600));
	close(open(fresh, O_WRONLY | O_CREAT, 0600));
	set_age(old, 2 * 3600);
	assert_true(vgpu_store_init(&store, folder, MAX)); /* another process */
	put(2, 10);
	assert_int_not_equal(access(old, F_OK), 0);
	assert_int_equal(access(fresh, F_OK), 0);
	assert_true(has(1, 10));
}

static void no_folder(void **state)
{
	char name[VGPU_STORE_FOLDER + 1];
	unsigned count;

	(void)state;
	*strrchr(folder, '/') = '\0';
	close(open(folder, O_WRONLY | O_CREAT, 0600)); /* a file is in the way */
	strcat(folder, "/b");
	put(1, 10);
	vgpu_store_mark(&store, key(1));
	assert_false(has(1, 10));
	assert_false(vgpu_store_has_mark(&store, key(1)));
	assert_int_equal(used("", &count), 0);
	memset(name, 'a', sizeof(name));
	name[VGPU_STORE_FOLDER] = '\0';
	assert_false(vgpu_store_init(&store, name, MAX));
}

/* Puts, gets and removes; in a process of its own. */
static void use(unsigned seed, bool forever)
{
	for (unsigned i = 0; i < SHARED_ROUNDS || forever; i++) {
		unsigned n = (i * 7 + seed) % SHARED_KEYS;

		if (i % 50 == 49)
			vgpu_store_remove(&store, key(n));
		else if (i % 2)
			has(n, 9000 + n);
		else
			put(n, 9000 + n);
	}
}

/* At the same time, in a folder that is too small for all: what is there is right. */
static void processes_share(void **state)
{
	pid_t children[4];
	unsigned count;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		children[i] = fork();
		if (!children[i]) {
			use(i, false);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < 4; i++) {
		int status;

		waitpid(children[i], &status, 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	for (unsigned n = 0; n < SHARED_KEYS; n++)
		has(n, 9000 + n);
	used(".tmp", &count);
	assert_int_equal(count, 0);
}

static void killed_in_the_middle(void **state)
{
	unsigned count;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		pid_t child = fork();

		if (!child) {
			use(i, true);
			_exit(0);
		}
		usleep(2000 + 500 * i);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		for (unsigned n = 0; n < SHARED_KEYS; n++)
			has(n, 9000 + n);
	}
	used(".tmp", &count);
	assert_in_range(count, 0, 20);
	put(1, 9001);
	assert_true(has(1, 9001));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(round_trip),
		TEST(corrupted),
		TEST(bound),
		TEST(oldest_go),
		TEST(left_from_a_crash),
		TEST(no_folder),
		TEST(processes_share),
		TEST(killed_in_the_middle),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
