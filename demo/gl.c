/* SPDX-License-Identifier: MIT */
#include "gl.h"

#include <stddef.h>
#include <string.h>

bool gl_load(struct gl *gl, gl_get_function get_function, const char **missing)
{
#define GL_ENTRY(Type, Name) {"gl" #Name, offsetof(struct gl, Name)},
	static const struct {
		const char *name;
		size_t offset;
	} entries[] = {GL_FUNCTIONS(GL_ENTRY)};
#undef GL_ENTRY

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		gl_function function = get_function(entries[i].name);
		if (!function) {
			*missing = entries[i].name;
			return false;
		}
		memcpy((char *)gl + entries[i].offset, &function, sizeof(function));
	}
	return true;
}
