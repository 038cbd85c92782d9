/* SPDX-License-Identifier: MIT */
/*
 * choice.h - which OpenGL driver an application gets, from what the system says. No function here asks the system.
 *
 * Windows' opengl32.dll takes the driver that the display adapter's class key names; if that names none, Microsoft's
 * compatibility pack where it is installed; else the driver registered as MSOGL; else it draws in software.
 */
#ifndef VGPU_INFO_CHOICE_H
#define VGPU_INFO_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#define CHOICE_TEXT 260u
#define CHOICE_MAX_ADAPTERS 16u

enum bitness { BITS_64, BITS_32, BITNESS_COUNT };

/* The registry's OpenGLDrivers\MSOGL in the view of one bitness. */
struct registration {
	bool present;
	char dll[CHOICE_TEXT]; /* "" when the value is missing */
	bool dll_exists; /* in the system folder of that bitness, or where its path says */
	uint32_t version; /* 0 when missing; must be 2 */
	uint32_t driver_version; /* 1 */
	uint32_t flags; /* 1 */
};

/* A display adapter that is present, from its class key. */
struct adapter {
	char name[CHOICE_TEXT];
	char driver[BITNESS_COUNT][CHOICE_TEXT]; /* OpenGLDriverName, ...Wow; "" when it names none */
	bool primary;
};

struct system_view {
	struct registration registered[BITNESS_COUNT];
	struct adapter adapters[CHOICE_MAX_ADAPTERS];
	unsigned num_adapters;
	bool compatibility_pack;
	bool remote_session;
	char beside[CHOICE_TEXT]; /* the opengl32.dll in the application's folder, "" when there is none */
	char gpu_service[CHOICE_TEXT]; /* the service of a virtio GPU that the driver does not drive, "" when none */
};

enum reason {
	REASON_OURS,
	REASON_BESIDE,
	REASON_ADAPTER,
	REASON_COMPATIBILITY_PACK,
	REASON_NOT_REGISTERED,
	REASON_OTHER_REGISTERED,
	REASON_BAD_REGISTRATION,
	REASON_FILE_MISSING,
};

struct choice {
	enum reason reason;
	const char *driver; /* a file or a description; part of the view */
	const char *adapter; /* with REASON_ADAPTER: which; part of the view */
};

/* The file that this project gives applications of a bitness. */
const char *choice_our_driver(enum bitness bitness);
struct choice choice_make(const struct system_view *view, enum bitness bitness);
const char *choice_reason_name(enum reason reason);
/* Plain words: why it is not ours, and what to do. "" for REASON_OURS. */
const char *choice_why(enum reason reason);
const char *choice_what_to_do(enum reason reason);

/* Exit status; options_usage says what they mean. */
enum status {
	STATUS_ALL_WELL = 0,
	STATUS_NOT_CHOSEN = 1,
	STATUS_NO_DEVICE = 2,
	STATUS_DEVICE_UNUSABLE = 3,
	STATUS_NO_OPENGL = 4,
	STATUS_USAGE = 5,
};

struct outcome {
	bool device_present;
	bool device_usable;
	bool gl_works; /* in this process */
	bool gl_ours; /* in this process */
	enum reason reasons[BITNESS_COUNT];
};
enum status choice_status(const struct outcome *outcome);

#endif /* VGPU_INFO_CHOICE_H */
