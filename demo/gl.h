/* SPDX-License-Identifier: MIT */
/*
 * gl.h - the OpenGL functions that the demo and bench/gl call, as pointers in one table, so that the scene links with
 * no GL library and is the same source on every platform. A table belongs to the context (and, on Windows, its pixel
 * format) that was current when it was loaded.
 */
#ifndef DEMO_GL_H
#define DEMO_GL_H

#include <stdbool.h>
#include <GL/glcorearb.h>

/* X(type of the pointer, name without "gl") */
#define GL_FUNCTIONS(X) \
	X(PFNGLACTIVETEXTUREPROC, ActiveTexture) \
	X(PFNGLATTACHSHADERPROC, AttachShader) \
	X(PFNGLBINDATTRIBLOCATIONPROC, BindAttribLocation) \
	X(PFNGLBINDBUFFERPROC, BindBuffer) \
	X(PFNGLBINDFRAMEBUFFERPROC, BindFramebuffer) \
	X(PFNGLBINDTEXTUREPROC, BindTexture) \
	X(PFNGLBINDVERTEXARRAYPROC, BindVertexArray) \
	X(PFNGLBLENDFUNCPROC, BlendFunc) \
	X(PFNGLBUFFERDATAPROC, BufferData) \
	X(PFNGLBUFFERSUBDATAPROC, BufferSubData) \
	X(PFNGLCHECKFRAMEBUFFERSTATUSPROC, CheckFramebufferStatus) \
	X(PFNGLCLEARPROC, Clear) \
	X(PFNGLCLEARCOLORPROC, ClearColor) \
	X(PFNGLCLIENTWAITSYNCPROC, ClientWaitSync) \
	X(PFNGLCOMPILESHADERPROC, CompileShader) \
	X(PFNGLCREATEPROGRAMPROC, CreateProgram) \
	X(PFNGLCREATESHADERPROC, CreateShader) \
	X(PFNGLDELETEBUFFERSPROC, DeleteBuffers) \
	X(PFNGLDELETEFRAMEBUFFERSPROC, DeleteFramebuffers) \
	X(PFNGLDELETEPROGRAMPROC, DeleteProgram) \
	X(PFNGLDELETESHADERPROC, DeleteShader) \
	X(PFNGLDELETESYNCPROC, DeleteSync) \
	X(PFNGLDELETETEXTURESPROC, DeleteTextures) \
	X(PFNGLDELETEVERTEXARRAYSPROC, DeleteVertexArrays) \
	X(PFNGLDISABLEPROC, Disable) \
	X(PFNGLDRAWARRAYSPROC, DrawArrays) \
	X(PFNGLDRAWELEMENTSPROC, DrawElements) \
	X(PFNGLENABLEPROC, Enable) \
	X(PFNGLENABLEVERTEXATTRIBARRAYPROC, EnableVertexAttribArray) \
	X(PFNGLFENCESYNCPROC, FenceSync) \
	X(PFNGLFINISHPROC, Finish) \
	X(PFNGLFRAMEBUFFERTEXTURE2DPROC, FramebufferTexture2D) \
	X(PFNGLGENBUFFERSPROC, GenBuffers) \
	X(PFNGLGENERATEMIPMAPPROC, GenerateMipmap) \
	X(PFNGLGENFRAMEBUFFERSPROC, GenFramebuffers) \
	X(PFNGLGENTEXTURESPROC, GenTextures) \
	X(PFNGLGENVERTEXARRAYSPROC, GenVertexArrays) \
	X(PFNGLGETERRORPROC, GetError) \
	X(PFNGLGETINTEGERVPROC, GetIntegerv) \
	X(PFNGLGETPROGRAMINFOLOGPROC, GetProgramInfoLog) \
	X(PFNGLGETPROGRAMIVPROC, GetProgramiv) \
	X(PFNGLGETSHADERINFOLOGPROC, GetShaderInfoLog) \
	X(PFNGLGETSHADERIVPROC, GetShaderiv) \
	X(PFNGLGETSTRINGPROC, GetString) \
	X(PFNGLGETUNIFORMLOCATIONPROC, GetUniformLocation) \
	X(PFNGLLINKPROGRAMPROC, LinkProgram) \
	X(PFNGLMAPBUFFERRANGEPROC, MapBufferRange) \
	X(PFNGLPIXELSTOREIPROC, PixelStorei) \
	X(PFNGLREADPIXELSPROC, ReadPixels) \
	X(PFNGLSCISSORPROC, Scissor) \
	X(PFNGLSHADERSOURCEPROC, ShaderSource) \
	X(PFNGLTEXIMAGE2DPROC, TexImage2D) \
	X(PFNGLTEXPARAMETERIPROC, TexParameteri) \
	X(PFNGLTEXSUBIMAGE2DPROC, TexSubImage2D) \
	X(PFNGLUNIFORM1IPROC, Uniform1i) \
	X(PFNGLUNIFORM3FVPROC, Uniform3fv) \
	X(PFNGLUNIFORM4FPROC, Uniform4f) \
	X(PFNGLUNIFORMMATRIX4FVPROC, UniformMatrix4fv) \
	X(PFNGLUSEPROGRAMPROC, UseProgram) \
	X(PFNGLVERTEXATTRIBPOINTERPROC, VertexAttribPointer) \
	X(PFNGLVIEWPORTPROC, Viewport)

#define GL_MEMBER(Type, Name) Type Name;
struct gl {
	GL_FUNCTIONS(GL_MEMBER)
};
#undef GL_MEMBER

/* The platform's way to a function by its full name, or NULL. */
typedef void (*gl_function)(void);
typedef gl_function (*gl_get_function)(const char *name);

/* Fills the table for the current context. On failure *missing names the first function that is not there. */
bool gl_load(struct gl *gl, gl_get_function get_function, const char **missing);

#endif /* DEMO_GL_H */
