/* SPDX-License-Identifier: MIT */
/*
 * sampler.h - how long this process' threads were inside one shared library.
 *
 * Every thread is interrupted at a fixed rate and asked where it is. What a library calls elsewhere does not count, so
 * the driver's own code is told apart from the simulator that it runs on.
 */
#ifndef BENCH_SAMPLER_H
#define BENCH_SAMPLER_H

/* Samples all threads that exist now. Library: a part of its file name. Ends the process with a message on failure. */
void SamplerStart(const char *Library);
/* Nanoseconds inside the library since SamplerStart, over all threads. */
double SamplerStop(void);

#endif /* BENCH_SAMPLER_H */
