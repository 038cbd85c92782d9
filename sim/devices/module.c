/* SPDX-License-Identifier: MIT */
/*
 * module.c - the model as a module, vgpu-mvisor.so, for a program whose own OpenGL is another one. It is loaded by
 * dlmopen into a name space of its own, and with it come libvirglrenderer, the host's libGL.so.1 and even a C library:
 * their names and environment do not meet the program's.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inprocess.h"
#include "rules.h"

#define HOST_PREFIX "VGPU_HOST_" /* VGPU_HOST_NAME=VALUE: NAME=VALUE for the host's side */
#define MAX_NAME 64

extern char **environ;

__attribute__((visibility("default"))) void *dlopen(const char *Path, int Mode);
__attribute__((visibility("default"))) int VgpuMvisorOpen(const char *Text, SIM_BUS **Bus);

/* A name space made by dlmopen has no global scope, and the C library crashes when something is to be added to it. What
 * was loaded with this module finds this function first. */
void *dlopen(const char *Path, int Mode)
{
	static void *(*Real)(const char *, int);

	if (!Real)
		*(void **)&Real = dlsym(RTLD_NEXT, "dlopen");
	return Real(Path, Mode & ~RTLD_GLOBAL);
}

static bool BelongsToTheProgram(const char *Variable)
{
	static const char *const Prefixes[] = {"DISPLAY=", "WAYLAND_DISPLAY=", "EGL_", "GALLIUM_", "GLX_", "LIBGL_",
		"LP_", "MESA_", "ST_", "VIRGL_", "__EGL_", "__GLX_", "__GL_"};

	for (size_t i = 0; i < sizeof(Prefixes) / sizeof(Prefixes[0]); i++) {
		if (strncmp(Variable, Prefixes[i], strlen(Prefixes[i])) == 0)
			return true;
	}
	return false;
}

/* Removes the first variable that the program's GL is meant by; false: there is none. */
static bool RemoveOne(void)
{
	char Name[MAX_NAME];

	for (char **Variable = environ; *Variable; Variable++) {
		size_t Length = strcspn(*Variable, "=");

		if (!BelongsToTheProgram(*Variable) || Length >= sizeof(Name))
			continue;
		memcpy(Name, *Variable, Length);
		Name[Length] = 0;
		return unsetenv(Name) == 0;
	}
	return false;
}

static void SetHostEnvironment(void)
{
	/* A new name makes a list of our own; until then it is the program's, which unsetenv would change in place. */
	setenv("VGPU_HOST", "1", 1);
	while (RemoveOne())
		continue;
	for (char **Variable = environ; *Variable; Variable++) {
		char Name[MAX_NAME];
		size_t Length = strcspn(*Variable, "=");

		if (strncmp(*Variable, HOST_PREFIX, strlen(HOST_PREFIX)) != 0 || Length >= sizeof(Name) ||
			(*Variable)[Length] == 0)
			continue;
		memcpy(Name, *Variable, Length);
		Name[Length] = 0;
		if (!getenv(Name + strlen(HOST_PREFIX))) {
			setenv(Name + strlen(HOST_PREFIX), *Variable + Length + 1, 1);
			Variable = environ - 1; /* the list may have moved */
		}
	}
}

/* Options like "staging=1,blob=on". 0, or -errno after a line that says what is wrong. */
int VgpuMvisorOpen(const char *Text, SIM_BUS **Bus)
{
	char Copy[256];
	char *Rest = NULL;
	MV_OPTIONS Options;

	if (strlen(Text) >= sizeof(Copy))
		return -EINVAL;
	strcpy(Copy, Text);
	MvOptionsDefault(&Options);
	for (char *One = strtok_r(Copy, ",", &Rest); One; One = strtok_r(NULL, ",", &Rest)) {
		const char *Wrong = MvOptionsSet(One, &Options);

		if (Wrong) {
			MvLog("%s: %s", One, Wrong);
			return -EINVAL;
		}
	}
	SetHostEnvironment();
	return MvInprocessOpen(&Options, Bus);
}
