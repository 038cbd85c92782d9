/* SPDX-License-Identifier: MIT */
/*
 * Compares two files of raw RGBA frames, frame for frame, and prints JSON: the peak signal-to-noise ratio over the red,
 * green and blue of each frame, its minimum and the mean over frames. Alpha is not compared: windows may have none.
 * A frame without any difference counts as IDENTICAL_DB, and none counts as more.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDENTICAL_DB 99.0
#define MAX_SIDE 16384u

struct comparison {
	unsigned frames, identical, worst_frame;
	double worst_db, sum_db;
	unsigned largest_difference; /* of one channel of one pixel */
};

static double frame_psnr(const uint8_t *a, const uint8_t *b, size_t size, struct comparison *comparison)
{
	uint64_t squares = 0;

	for (size_t i = 0; i < size; i++) {
		if (i % 4 == 3)
			continue;
		unsigned difference = (unsigned)abs(a[i] - b[i]);
		squares += (uint64_t)difference * difference;
		if (difference > comparison->largest_difference)
			comparison->largest_difference = difference;
	}
	if (!squares) {
		comparison->identical++;
		return IDENTICAL_DB;
	}
	double psnr = 10 * log10(255.0 * 255.0 * ((double)size / 4 * 3) / (double)squares);
	return psnr < IDENTICAL_DB ? psnr : IDENTICAL_DB;
}

static void add_frame(struct comparison *comparison, double db)
{
	if (!comparison->frames || db < comparison->worst_db) {
		comparison->worst_db = db;
		comparison->worst_frame = comparison->frames;
	}
	comparison->sum_db += db;
	comparison->frames++;
}

static bool compare(FILE *first, FILE *second, size_t size, struct comparison *comparison)
{
	uint8_t *a = malloc(size), *b = malloc(size);
	bool done = false;

	if (!a || !b) {
		fprintf(stderr, "not enough memory\n");
		goto out;
	}
	for (;;) {
		size_t got_a = fread(a, 1, size, first), got_b = fread(b, 1, size, second);
		if (!got_a && !got_b)
			break;
		if (got_a != size || got_b != size) {
			fprintf(stderr, "the files differ in length or end inside a frame, at frame %u\n",
				comparison->frames);
			goto out;
		}
		add_frame(comparison, frame_psnr(a, b, size, comparison));
	}
	done = comparison->frames > 0;
	if (!done)
		fprintf(stderr, "the files hold no frame\n");
out:
	free(a);
	free(b);
	return done;
}

static FILE *open_file(const char *path)
{
	FILE *file = fopen(path, "rb");

	if (!file)
		perror(path);
	return file;
}

int main(int argc, char **argv)
{
	unsigned width = 0, height = 0;
	struct comparison comparison = {0};
	char rest;

	if (argc != 4 || sscanf(argv[3], "%ux%u%c", &width, &height, &rest) != 2 || !width || !height ||
		width > MAX_SIDE || height > MAX_SIDE) {
		fprintf(stderr, "usage: %s FILE FILE WIDTHxHEIGHT\n", argv[0]);
		return 2;
	}
	FILE *first = open_file(argv[1]), *second = open_file(argv[2]);
	bool done = first && second && compare(first, second, (size_t)width * height * 4, &comparison);
	if (first)
		fclose(first);
	if (second)
		fclose(second);
	if (!done)
		return 1;
	printf("{\"frames\": %u, \"identical\": %u, \"psnr_min_db\": %.2f, \"psnr_mean_db\": %.2f, \"worst_frame\": "
	       "%u, "
	       "\"largest_difference\": %u}\n",
		comparison.frames, comparison.identical, comparison.worst_db, comparison.sum_db / comparison.frames,
		comparison.worst_frame, comparison.largest_difference);
	return 0;
}
