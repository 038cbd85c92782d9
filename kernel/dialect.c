/* SPDX-License-Identifier: MIT */
#include "dialect.h"

static const DIALECT *const Dialects[] = {&DialectStandard, &DialectMvisor};

_Use_decl_annotations_
const DIALECT *DialectFind(const PCI_IDENTITY *Identity)
{
	for (ULONG Index = 0; Index < RTL_NUMBER_OF(Dialects); Index++)
		if (Dialects[Index]->Matches(Identity))
			return Dialects[Index];
	return NULL;
}

_Use_decl_annotations_
ULONG DialectConfigBytes(const PCI_IDENTITY *Identity)
{
	const DIALECT *Dialect = DialectFind(Identity);

	return Dialect ? Dialect->ConfigBytes : 0;
}
