/* SPDX-License-Identifier: MIT */
#include "fences.h"

#include <stdlib.h>
#include <string.h>

void MvFencesAdd(MV_FENCES *Fences, const MV_FENCED *Item)
{
	if (Fences->Count == Fences->Room) {
		unsigned Room = Fences->Room ? 2 * Fences->Room : 64;
		MV_FENCED *Items = realloc(Fences->Items, Room * sizeof(*Items));

		if (!Items)
			abort();
		Fences->Items = Items;
		Fences->Room = Room;
	}
	Fences->Items[Fences->Count++] = *Item;
}

bool MvFencesTake(MV_FENCES *Fences, uint32_t Retired, MV_FENCED *Item)
{
	for (unsigned i = 0; i < Fences->Count; i++) {
		if (Fences->Items[i].Fence > Retired)
			continue;
		*Item = Fences->Items[i];
		Fences->Count--;
		memmove(&Fences->Items[i], &Fences->Items[i + 1], (Fences->Count - i) * sizeof(*Item));
		return true;
	}
	return false;
}

void MvFencesFree(MV_FENCES *Fences)
{
	free(Fences->Items);
	memset(Fences, 0, sizeof(*Fences));
}
