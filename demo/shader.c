/* SPDX-License-Identifier: MIT */
#include "shader.h"

#include <stdio.h>

static const char vertex_source[] = "#version 330 core\n"
				    "uniform mat4 view_projection;\n"
				    "uniform mat4 model;\n"
				    "in vec3 position;\n"
				    "in vec3 normal;\n"
				    "in vec2 uv;\n"
				    "out vec3 world_position;\n"
				    "out vec3 world_normal;\n"
				    "out vec2 image_uv;\n"
				    "void main()\n"
				    "{\n"
				    "	vec4 world = model * vec4(position, 1.0);\n"
				    "	world_position = world.xyz;\n"
				    "	world_normal = mat3(model) * normal;\n"
				    "	image_uv = uv;\n"
				    "	gl_Position = view_projection * world;\n"
				    "}\n";

static const char fragment_source[] =
	"#version 330 core\n"
	"uniform sampler2D image;\n"
	"uniform vec3 colour;\n"
	"uniform vec3 light;\n"
	"uniform vec3 eye;\n"
	"uniform vec3 glow;\n"
	"in vec3 world_position;\n"
	"in vec3 world_normal;\n"
	"in vec2 image_uv;\n"
	"out vec4 fragment;\n"
	"void main()\n"
	"{\n"
	"	vec3 normal = normalize(world_normal);\n"
	"	vec3 to_light = light - world_position;\n"
	"	float fall_off = 1.0 / (1.0 + 0.03 * dot(to_light, to_light));\n"
	"	vec3 direction = normalize(to_light);\n"
	"	vec3 half_way = normalize(direction + normalize(eye - world_position));\n"
	"	float diffuse = max(dot(normal, direction), 0.0);\n"
	"	float shine = diffuse > 0.0 ? pow(max(dot(normal, half_way), 0.0), 24.0) : 0.0;\n"
	"	vec3 surface = colour * texture(image, image_uv).rgb;\n"
	"	vec3 lit = surface * (0.25 + 1.5 * diffuse * fall_off) + vec3(0.5 * shine * fall_off);\n"
	"	fragment = vec4(lit + glow, 1.0);\n"
	"}\n";

static GLuint compile(const struct gl *gl, GLenum kind, const char *source, char *error, size_t error_length)
{
	GLuint shader = gl->CreateShader(kind);
	GLint compiled = 0;

	gl->ShaderSource(shader, 1, &source, NULL);
	gl->CompileShader(shader);
	gl->GetShaderiv(shader, GL_COMPILE_STATUS, &compiled);
	if (compiled)
		return shader;
	snprintf(error, error_length, "the shader does not compile (no reason given)");
	gl->GetShaderInfoLog(shader, (GLsizei)error_length, NULL, error);
	gl->DeleteShader(shader);
	return 0;
}

static GLuint link_program(const struct gl *gl, GLuint vertex, GLuint fragment, char *error, size_t error_length)
{
	GLuint program = gl->CreateProgram();
	GLint linked = 0;

	gl->AttachShader(program, vertex);
	gl->AttachShader(program, fragment);
	gl->BindAttribLocation(program, SHADER_POSITION, "position");
	gl->BindAttribLocation(program, SHADER_NORMAL, "normal");
	gl->BindAttribLocation(program, SHADER_UV, "uv");
	gl->LinkProgram(program);
	gl->GetProgramiv(program, GL_LINK_STATUS, &linked);
	if (linked)
		return program;
	snprintf(error, error_length, "the program does not link (no reason given)");
	gl->GetProgramInfoLog(program, (GLsizei)error_length, NULL, error);
	gl->DeleteProgram(program);
	return 0;
}

bool shader_create(struct shader *shader, const struct gl *gl, char *error, size_t error_length)
{
	GLuint vertex = compile(gl, GL_VERTEX_SHADER, vertex_source, error, error_length);
	GLuint fragment = vertex ? compile(gl, GL_FRAGMENT_SHADER, fragment_source, error, error_length) : 0;
	GLuint program = fragment ? link_program(gl, vertex, fragment, error, error_length) : 0;

	gl->DeleteShader(vertex);
	gl->DeleteShader(fragment);
	if (!program)
		return false;
	*shader = (struct shader){
		.program = program,
		.view_projection = gl->GetUniformLocation(program, "view_projection"),
		.model = gl->GetUniformLocation(program, "model"),
		.colour = gl->GetUniformLocation(program, "colour"),
		.light = gl->GetUniformLocation(program, "light"),
		.eye = gl->GetUniformLocation(program, "eye"),
		.glow = gl->GetUniformLocation(program, "glow"),
		.image = gl->GetUniformLocation(program, "image"),
	};
	return true;
}
