/* SPDX-License-Identifier: MIT */
#include "choice.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define SOFTWARE "Microsoft's software OpenGL 1.1 (GDI Generic)"

struct words {
	const char *name;
	const char *why;
	const char *what_to_do;
};

static const struct words words[] = {
	[REASON_OURS] = {"ours", "", ""},
	[REASON_BESIDE] = {"opengl32-beside", "An opengl32.dll lies in the application's folder and is loaded first.",
		"Delete or rename that opengl32.dll, unless the application needs it."},
	[REASON_ADAPTER] = {"display-adapter", "The driver of the display adapter brings an OpenGL driver of its own.",
		"Remove that display driver, or use its adapter's OpenGL."},
	[REASON_COMPATIBILITY_PACK] = {"compatibility-pack",
		"Microsoft's OpenCL and OpenGL Compatibility Pack is installed and comes before this driver.",
		"Uninstall \"OpenCL and OpenGL Compatibility Pack\" in Settings, Apps."},
	[REASON_NOT_REGISTERED] = {"not-registered", "No OpenGL driver is registered for applications of this bitness.",
		"Install the driver's package again; it makes the registry key OpenGLDrivers\\MSOGL."},
	[REASON_OTHER_REGISTERED] = {"other-registered", "Another OpenGL driver is registered in OpenGLDrivers\\MSOGL.",
		"Uninstall that driver, then install this one's package again."},
	[REASON_BAD_REGISTRATION] = {"bad-registration",
		"The registration is incomplete: Windows wants Version 2, DriverVersion 1 and Flags 1.",
		"Install the driver's package again."},
	[REASON_FILE_MISSING] = {"file-missing", "This driver is registered, but its file is not there.",
		"Install the driver's package again."},
};

const char *choice_our_driver(enum bitness bitness)
{
	return bitness == BITS_64 ? "MvisorVGPUx64.dll" : "MvisorVGPUx86.dll";
}

/* Whether the last part of a path is our file; like Windows, without regard to case and with ".dll" optional. */
static bool is_ours(const char *path, enum bitness bitness)
{
	const char *ours = choice_our_driver(bitness);
	const char *name = path;
	size_t i = 0;

	for (const char *at = path; *at; at++) {
		if (*at == '\\' || *at == '/')
			name = at + 1;
	}
	while (name[i] && tolower((unsigned char)name[i]) == tolower((unsigned char)ours[i]))
		i++;
	return !name[i] && (!ours[i] || !strcmp(ours + i, ".dll"));
}

/* The adapter whose driver counts: the primary display's; where that is not known, the first that names one. */
static const struct adapter *find_adapter(const struct system_view *view, enum bitness bitness)
{
	bool primary_known = false;

	for (unsigned i = 0; i < view->num_adapters; i++)
		primary_known |= view->adapters[i].primary;
	for (unsigned i = 0; i < view->num_adapters; i++) {
		const struct adapter *adapter = &view->adapters[i];
		if (adapter->driver[bitness][0] && (adapter->primary || !primary_known))
			return adapter;
	}
	return NULL;
}

static struct choice choose_registered(const struct registration *registered, enum bitness bitness)
{
	if (!registered->present || !registered->dll[0])
		return (struct choice){.reason = REASON_NOT_REGISTERED, .driver = SOFTWARE};
	if (!is_ours(registered->dll, bitness))
		return (struct choice){.reason = REASON_OTHER_REGISTERED, .driver = registered->dll};
	if (registered->version != 2 || registered->driver_version != 1 || registered->flags != 1)
		return (struct choice){.reason = REASON_BAD_REGISTRATION, .driver = SOFTWARE};
	if (!registered->dll_exists)
		return (struct choice){.reason = REASON_FILE_MISSING, .driver = SOFTWARE};
	return (struct choice){.reason = REASON_OURS, .driver = registered->dll};
}

struct choice choice_make(const struct system_view *view, enum bitness bitness)
{
	const struct adapter *adapter = find_adapter(view, bitness);

	if (view->beside[0])
		return (struct choice){.reason = REASON_BESIDE, .driver = view->beside};
	if (adapter) {
		enum reason reason = is_ours(adapter->driver[bitness], bitness) ? REASON_OURS : REASON_ADAPTER;
		return (struct choice){.reason = reason, .driver = adapter->driver[bitness], .adapter = adapter->name};
	}
	if (view->compatibility_pack)
		return (struct choice){
			.reason = REASON_COMPATIBILITY_PACK, .driver = "Microsoft's compatibility pack (Direct3D 12)"};
	return choose_registered(&view->registered[bitness], bitness);
}

const char *choice_reason_name(enum reason reason)
{
	return words[reason].name;
}

const char *choice_why(enum reason reason)
{
	return words[reason].why;
}

const char *choice_what_to_do(enum reason reason)
{
	return words[reason].what_to_do;
}

enum status choice_status(const struct outcome *outcome)
{
	if (!outcome->device_present)
		return STATUS_NO_DEVICE;
	if (!outcome->device_usable)
		return STATUS_DEVICE_UNUSABLE;
	if (!outcome->gl_works)
		return STATUS_NO_OPENGL;
	if (!outcome->gl_ours || outcome->reasons[BITS_64] != REASON_OURS || outcome->reasons[BITS_32] != REASON_OURS)
		return STATUS_NOT_CHOSEN;
	return STATUS_ALL_WELL;
}
