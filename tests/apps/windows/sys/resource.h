/* SPDX-License-Identifier: MIT
 *
 * What glmark2 uses of POSIX' resource.h and unistd.h that mingw-w64 lacks. Its statistics of processor time are not
 * shown: no time has passed.
 */
#ifndef APPS_WINDOWS_SYS_RESOURCE_H
#define APPS_WINDOWS_SYS_RESOURCE_H

#include <sys/time.h>

#define RUSAGE_SELF 0
#define _SC_NPROCESSORS_ONLN 0 /* the only thing asked of sysconf */

static inline long sysconf(int name)
{
	(void)name;
	return 1;
}

struct rusage {
	struct timeval ru_utime;
	struct timeval ru_stime;
};

static inline int getrusage(int who, struct rusage *usage)
{
	struct rusage none = {};

	(void)who;
	*usage = none;
	return 0;
}

#endif
