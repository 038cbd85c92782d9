/* SPDX-License-Identifier: MIT */
/* Certificates in the machine's stores. crypt32.dll is loaded from System32 by name: it is none of the DLLs that
 * Windows always takes from there, and the folder that this program was unpacked to may hold anything. */
#include "things.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <wincrypt.h>

#define SHA1_SIZE 20u

struct crypt {
	HMODULE library;
	HCERTSTORE(WINAPI *open)(LPCSTR, DWORD, HCRYPTPROV_LEGACY, DWORD, const void *);
	BOOL(WINAPI *close)(HCERTSTORE, DWORD);
	PCCERT_CONTEXT(WINAPI *find)(HCERTSTORE, DWORD, DWORD, DWORD, const void *, PCCERT_CONTEXT);
	BOOL(WINAPI *add)(HCERTSTORE, DWORD, const BYTE *, DWORD, DWORD, PCCERT_CONTEXT *);
	BOOL(WINAPI *remove)(PCCERT_CONTEXT);
	PCCERT_CONTEXT(WINAPI *create)(DWORD, const BYTE *, DWORD);
	BOOL(WINAPI *free)(PCCERT_CONTEXT);
	BOOL(WINAPI *property)(PCCERT_CONTEXT, DWORD, void *, DWORD *);
	DWORD(WINAPI *name)(PCCERT_CONTEXT, DWORD, DWORD, void *, LPWSTR, DWORD);
};

static bool load(struct crypt *crypt)
{
	const struct {
		const char *name;
		void *to;
	} functions[] = {
		{"CertOpenStore", &crypt->open},
		{"CertCloseStore", &crypt->close},
		{"CertFindCertificateInStore", &crypt->find},
		{"CertAddEncodedCertificateToStore", &crypt->add},
		{"CertDeleteCertificateFromStore", &crypt->remove},
		{"CertCreateCertificateContext", &crypt->create},
		{"CertFreeCertificateContext", &crypt->free},
		{"CertGetCertificateContextProperty", &crypt->property},
		{"CertGetNameStringW", &crypt->name},
	};

	crypt->library = LoadLibraryExW(L"crypt32.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	if (!crypt->library)
		return false;
	for (size_t i = 0; i < ARRAYSIZE(functions); i++) {
		FARPROC function = GetProcAddress(crypt->library, functions[i].name);
		if (!function)
			return false;
		memcpy(functions[i].to, &function, sizeof(function));
	}
	return true;
}

static bool from_hex(const WCHAR *text, BYTE *hash)
{
	for (unsigned i = 0; i < SHA1_SIZE; i++) {
		unsigned byte;
		if (swscanf(text + 2 * (size_t)i, L"%2x", &byte) != 1)
			return false;
		hash[i] = (BYTE)byte;
	}
	return !text[2 * SHA1_SIZE];
}

static DWORD open_store(struct crypt *crypt, const WCHAR *name, HCERTSTORE *store)
{
	if (!load(crypt))
		return ERROR_PROC_NOT_FOUND;
	/* The machine's own store, not what policies add to it. */
	*store = crypt->open(CERT_STORE_PROV_SYSTEM_REGISTRY_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE, name);
	return *store ? ERROR_SUCCESS : GetLastError();
}

static PCCERT_CONTEXT find(const struct crypt *crypt, HCERTSTORE store, const WCHAR *hex)
{
	BYTE hash[SHA1_SIZE];
	CRYPT_HASH_BLOB blob = {SHA1_SIZE, hash};

	if (!from_hex(hex, hash))
		return NULL;
	return crypt->find(store, X509_ASN_ENCODING, 0, CERT_FIND_SHA1_HASH, &blob, NULL);
}

DWORD certificate_look(struct state *state)
{
	struct crypt crypt = {0};
	PCCERT_CONTEXT found;
	HCERTSTORE store;
	DWORD error = open_store(&crypt, state->name, &store);

	state->present = false;
	if (error)
		return error;
	found = find(&crypt, store, state->item);
	if (found) {
		state->present = true;
		state->size = found->cbCertEncoded;
		if (state->size > STATE_DATA)
			error = ERROR_MORE_DATA;
		else
			memcpy(state->data, found->pbCertEncoded, state->size);
		crypt.free(found);
	}
	crypt.close(store, 0);
	return error;
}

DWORD certificate_make(const struct state *wanted, struct effects *effects)
{
	struct crypt crypt = {0};
	PCCERT_CONTEXT found;
	HCERTSTORE store;
	DWORD error = open_store(&crypt, wanted->name, &store);

	(void)effects;
	if (error)
		return error;
	if (wanted->present) {
		if (!crypt.add(store, X509_ASN_ENCODING, wanted->data, wanted->size, CERT_STORE_ADD_USE_EXISTING, NULL))
			error = GetLastError();
	} else if ((found = find(&crypt, store, wanted->item)) && !crypt.remove(found)) {
		error = GetLastError();
	}
	crypt.close(store, 0);
	return error;
}

static DWORD read_file(const WCHAR *path, BYTE *data, DWORD *size)
{
	HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
	DWORD error = ERROR_SUCCESS;

	if (file == INVALID_HANDLE_VALUE)
		return GetLastError();
	if (!ReadFile(file, data, STATE_DATA, size, NULL))
		error = GetLastError();
	else if (*size == STATE_DATA)
		error = ERROR_FILE_TOO_LARGE;
	CloseHandle(file);
	return error;
}

DWORD certificate_read(struct state *state, const WCHAR *file, WCHAR *subject, size_t count)
{
	struct crypt crypt = {0};
	PCCERT_CONTEXT context;
	BYTE hash[SHA1_SIZE];
	DWORD size = sizeof(hash), error = read_file(file, state->data, &state->size);

	if (error)
		return error;
	if (!load(&crypt))
		return ERROR_PROC_NOT_FOUND;
	context = crypt.create(X509_ASN_ENCODING, state->data, state->size);
	if (!context)
		return GetLastError();
	if (!crypt.property(context, CERT_SHA1_HASH_PROP_ID, hash, &size))
		error = GetLastError();
	for (unsigned i = 0; !error && i < SHA1_SIZE; i++)
		text_format(state->item + 2 * (size_t)i, STATE_ITEM - 2 * (size_t)i, L"%02x", hash[i]);
	crypt.name(context, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, subject, (DWORD)count);
	crypt.free(context);
	return error;
}
