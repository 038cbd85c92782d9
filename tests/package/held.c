/* SPDX-License-Identifier: MIT */
/* A DLL in the place of the OpenGL driver's, which says which version it is. */
__declspec(dllexport) const char *version(void);

const char *version(void)
{
	return VERSION;
}
