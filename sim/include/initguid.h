/* SPDX-License-Identifier: MIT */
/* initguid.h - included before a header that has DEFINE_GUID: defines the GUIDs instead of declaring them. */
#undef DEFINE_GUID
#define DEFINE_GUID(Name, L, W1, W2, B1, B2, B3, B4, B5, B6, B7, B8) \
	const struct _GUID Name = {L, W1, W2, {B1, B2, B3, B4, B5, B6, B7, B8}}
