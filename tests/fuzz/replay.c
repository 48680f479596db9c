/*
 * replay.c: main() of a harness in every build: each seed as it is, then
 * FUZZ_MUTANTS of it (default 200), the same ones at every run: bytes
 * exchanged, taken out, put in and said twice, pieces of other seeds.
 *
 *	fuzz_NAME SEED...
 */
#include <stdio.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { INPUT_BYTES = 65536, MUTANTS = 200, CHANGES = 6 };

struct input {
	uint8_t bytes[INPUT_BYTES];
	size_t size;
};

/* xorshift64: the same numbers everywhere. */
static uint64_t
draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void
cut(struct input *input, size_t at, size_t len)
{
	memmove(
	    input->bytes + at, input->bytes + at + len, input->size - at - len);
	input->size -= len;
}

static void
put(struct input *input, size_t at, const uint8_t *from, size_t len)
{
	uint8_t piece[256];

	memcpy(piece, from, len);
	memmove(input->bytes + at + len, input->bytes + at, input->size - at);
	memcpy(input->bytes + at, piece, len);
	input->size += len;
}

/* One change, of `input`, or by a piece of `other`. */
static void
change(struct input *input, const struct input *other, uint64_t *state)
{
	static const uint8_t odd[] = {0, '\n', '\r', '"', '\'', '\\', ' ', '#',
	    '{', '[', '-', 0x7f, 0x80, 0xff};
	size_t at = draw(state) % (input->size + 1);
	size_t len = draw(state) % 32;
	const struct input *from = draw(state) % 2 == 0 ? input : other;
	size_t begin = draw(state) % (from->size + 1);

	switch (draw(state) % 4) {
	case 0:
		if (at < input->size)
			input->bytes[at] = (uint8_t)draw(state);
		break;
	case 1:
		if (at < input->size)
			input->bytes[at] = odd[draw(state) % sizeof(odd)];
		break;
	case 2:
		cut(input, at, len < input->size - at ? len : input->size - at);
		break;
	default:
		if (len > from->size - begin)
			len = from->size - begin;
		if (len <= INPUT_BYTES - input->size)
			put(input, at, from->bytes + begin, len);
	}
}

static int
read_seed(const char *path, struct input *ret)
{
	FILE *file = fopen(path, "re");

	if (file == NULL) {
		perror(path);
		return -1;
	}
	ret->size = fread(ret->bytes, 1, sizeof(ret->bytes), file);
	(void)fclose(file);
	return 0;
}

static void
run(struct input *seed, struct input *other, unsigned long mutants)
{
	static struct input mutant;
	uint64_t state = 0x9e3779b97f4a7c15;

	(void)LLVMFuzzerTestOneInput(seed->bytes, seed->size);
	for (unsigned long i = 0; i < mutants; i++) {
		size_t changes = 1 + draw(&state) % CHANGES;

		mutant = *seed;
		while (changes-- > 0)
			change(&mutant, other, &state);
		(void)LLVMFuzzerTestOneInput(mutant.bytes, mutant.size);
	}
}

int
main(int argc, char **argv)
{
	static struct input seed, other;
	const char *asked = getenv("FUZZ_MUTANTS");
	unsigned long mutants =
	    asked == NULL ? MUTANTS : strtoul(asked, NULL, 10);

	if (argc < 2) {
		(void)fprintf(stderr, "usage: %s SEED...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		const char *beside = argv[i + 1 < argc ? i + 1 : 1];

		if (read_seed(argv[i], &seed) < 0 ||
		    read_seed(beside, &other) < 0)
			return 1;
		run(&seed, &other, mutants);
	}
	return 0;
}
