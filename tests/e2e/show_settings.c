/* SPDX-License-Identifier: MIT */
/* show_settings.c - prints the settings that the OpenGL driver would take in this program, one "name value" a line. */
#include <stdio.h>

#include "vgpu_settings.h"

int main(void)
{
	struct vgpu_settings settings;

	vgpu_settings_read(&settings, vgpu_settings_system);
	if (settings.has_swap_interval)
		printf("SwapInterval %d\n", settings.swap_interval);
	printf("PresentWaits %d\nShaderCache %d\nShaderCacheMiB %u\nShaderCacheFolder %s\nGLVersion %s\nDebugOutput "
	       "%d\n",
		settings.present_waits, settings.shader_cache, settings.shader_cache_mib, settings.shader_cache_folder,
		settings.gl_version, settings.debug_output);
	return 0;
}
