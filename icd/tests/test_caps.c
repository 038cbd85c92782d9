/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vgpu_caps.h"

/* What Mesa's state tracker makes of it: GL_MAX_VERTEX_UNIFORM_BLOCKS. OpenGL 4.3 needs 14. */
static uint32_t uniform_blocks(uint32_t host_blocks, uint32_t glsl_level)
{
	return vgpu_caps_constant_buffers(host_blocks, glsl_level) - 1;
}

static void test_uniform_blocks(void **state)
{
	(void)state;
	/* NVIDIA's driver: GL_MAX_VERTEX_UNIFORM_BLOCKS is 14, GLSL 4.60. */
	assert_int_equal(uniform_blocks(14, 460), 14);
	assert_int_equal(uniform_blocks(14, 430), 14);
	/* A host without OpenGL 4.3, and hosts with blocks to spare: as they say. */
	assert_int_equal(uniform_blocks(14, 420), 13);
	assert_int_equal(uniform_blocks(12, 330), 11);
	assert_int_equal(uniform_blocks(15, 450), 14);
	assert_int_equal(uniform_blocks(16, 460), 15);
}

static const char *renderer(const char *host)
{
	static char text[96];

	vgpu_caps_renderer(text, sizeof(text), host);
	return text;
}

static void test_renderer(void **state)
{
	(void)state;
	assert_string_equal(
		renderer("virgl (LLVMPIPE (LLVM 15.0.6, 256 bits))"), "vgpu (LLVMPIPE (LLVM 15.0.6, 256 bits))");
	assert_string_equal(renderer("virgl (NVIDIA A10/PCIe/SSE2)"), "vgpu (NVIDIA A10/PCIe/SSE2)");
	/* cut off at the host's 63 characters */
	assert_string_equal(renderer("virgl (AMD Radeon RX 6800 XT (navi21, LLVM 15.0.6, DRM 3.54, 6"),
		"vgpu (AMD Radeon RX 6800 XT (navi21, LLVM 15.0.6, DRM 3.54, 6)");
	assert_string_equal(renderer("Another host"), "vgpu (Another host)");
	assert_string_equal(renderer("virgl"), "vgpu");
	assert_string_equal(renderer("virgl ()"), "vgpu");
	assert_string_equal(renderer(""), "vgpu");
}

static void test_texture_bytes(void **state)
{
	struct vgpu_texture_shape shape = {16, 8, 1, 1, 0, 1, 1, 4};

	(void)state;
	assert_int_equal(vgpu_caps_texture_bytes(&shape), 16 * 8 * 4);
	shape.last_level = 4; /* 16x8, 8x4, 4x2, 2x1, 1x1 */
	assert_int_equal(vgpu_caps_texture_bytes(&shape), (128 + 32 + 8 + 2 + 1) * 4);
	shape.layers = 6;
	assert_int_equal(vgpu_caps_texture_bytes(&shape), (128 + 32 + 8 + 2 + 1) * 4 * 6);
	/* three dimensions: depth halves, too */
	shape = (struct vgpu_texture_shape){4, 4, 4, 1, 2, 1, 1, 1};
	assert_int_equal(vgpu_caps_texture_bytes(&shape), 64 + 8 + 1);
	/* compressed: whole blocks */
	shape = (struct vgpu_texture_shape){10, 5, 1, 1, 1, 4, 4, 8};
	assert_int_equal(vgpu_caps_texture_bytes(&shape), (3 * 2 + 2 * 1) * 8);
	/* 4 GiB is not 0 */
	shape = (struct vgpu_texture_shape){16384, 16384, 1, 1, 0, 1, 1, 16};
	assert_true(vgpu_caps_texture_bytes(&shape) == UINT64_C(1) << 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uniform_blocks),
		cmocka_unit_test(test_renderer),
		cmocka_unit_test(test_texture_bytes),
	};

	return cmocka_run_group_tests_name("caps", tests, NULL, NULL);
}
