/* SPDX-License-Identifier: MIT */
/* caches.h - the shader caches that the OpenGL driver keeps in users' profiles. */
#ifndef VGPU_SETUP_CACHES_H
#define VGPU_SETUP_CACHES_H

/* Removes those of all users, in the usual folder. A cache that stays is no error: the log says so. What a user may
 * have put in its place, a link to elsewhere say, is not followed. */
void caches_remove(void);

#endif /* VGPU_SETUP_CACHES_H */
