/* SPDX-License-Identifier: MIT */
/* What tests can ask of the threads that vgpu_thread_start makes. */
#ifndef THREAD_POSIX_H
#define THREAD_POSIX_H

#include <stdbool.h>

extern bool thread_posix_refuses; /* no thread can be made */
extern _Atomic unsigned thread_posix_live; /* made and not ended */

#endif /* THREAD_POSIX_H */
