/* SPDX-License-Identifier: MIT */
/* originals.h - what stood there before the first installation, so that uninstalling can put it back: a list that is
 * kept with the installation, and copies of files. What already was as a package has it counts as not having been
 * there. */
#ifndef VGPU_SETUP_ORIGINALS_H
#define VGPU_SETUP_ORIGINALS_H

#include "plan.h"
#include "transaction.h"

/* An empty list when there is none. */
DWORD originals_load(struct state_list *originals, const struct places *places);
/* Adds what the plan touches and the list lacks, and makes the plan's folders; and again what another OpenGL driver has
 * registered since. */
DWORD originals_take(struct state_list *originals, const struct state_list *plan, const struct places *places,
	struct transaction *transaction);
/* Puts back, last first, what is not in `but` (NULL: everything), and takes it off the list. A registration that
 * another driver has taken over stays. */
DWORD originals_put_back(struct state_list *originals, const struct state_list *but, struct transaction *transaction);
DWORD originals_store(const struct state_list *originals, const struct places *places, struct transaction *transaction);

#endif /* VGPU_SETUP_ORIGINALS_H */
