/* SPDX-License-Identifier: MIT */
#include "vgpu_client.h"
#include "vgpu_os.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Before the driver has said how long a silent device may take, and what is added to that afterwards. */
#define DEFAULT_TIMEOUT_MS 10000u
#define TIMEOUT_MARGIN_MS 2000u
#define LONGEST_TIMEOUT_MS 120000u

struct vgpu_client {
	struct vgpu_os_device *device;
	struct vgpu_device_info info;
	uint32_t timeout_ms; /* of a request that is not a wait */
	atomic_bool gone;
	atomic_uint next_memory_id;
};

struct client_memory {
	struct vgpu_memory memory; /* first: handed out as a pointer to this */
	struct vgpu_os_pin *pin; /* NULL: the kernel's memory */
	atomic_bool released; /* MEMORY_RELEASE was sent */
};

static const struct {
	uint32_t error;
	enum vgpu_result result;
} error_map[] = {
	{0, VGPU_OK},
	{VGPU_OS_FILE_NOT_FOUND, VGPU_NO_DEVICE},
	{VGPU_OS_PATH_NOT_FOUND, VGPU_NO_DEVICE},
	{VGPU_OS_ACCESS_DENIED, VGPU_ACCESS_DENIED},
	{VGPU_OS_INVALID_HANDLE, VGPU_NOT_OWNED},
	{VGPU_OS_NOT_ENOUGH_MEMORY, VGPU_NO_MEMORY},
	{VGPU_OS_OUT_OF_MEMORY, VGPU_NO_MEMORY},
	{VGPU_OS_NOT_READY, VGPU_GONE},
	{VGPU_OS_BAD_COMMAND, VGPU_INVALID},
	{VGPU_OS_BAD_LENGTH, VGPU_INVALID},
	{VGPU_OS_GEN_FAILURE, VGPU_FAILED},
	{VGPU_OS_NOT_SUPPORTED, VGPU_NOT_SUPPORTED},
	{VGPU_OS_DEV_NOT_EXIST, VGPU_GONE},
	{VGPU_OS_INVALID_PARAMETER, VGPU_INVALID},
	{VGPU_OS_SEM_TIMEOUT, VGPU_TIMEOUT},
	{VGPU_OS_INSUFFICIENT_BUFFER, VGPU_INVALID},
	{VGPU_OS_BUSY, VGPU_FAILED},
	{VGPU_OS_ALREADY_EXISTS, VGPU_INVALID},
	{VGPU_OS_WAIT_TIMEOUT, VGPU_TIMEOUT},
	{VGPU_OS_NO_MORE_ITEMS, VGPU_END},
	{VGPU_OS_DEVICE_HARDWARE_ERROR, VGPU_GONE},
	{VGPU_OS_OPERATION_ABORTED, VGPU_CANCELLED},
	{VGPU_OS_NOACCESS, VGPU_INVALID},
	{VGPU_OS_DEVICE_REQUIRES_CLEANING, VGPU_LOST},
	{VGPU_OS_DEVICE_NOT_CONNECTED, VGPU_GONE},
	{VGPU_OS_REVISION_MISMATCH, VGPU_VERSION_MISMATCH},
	{VGPU_OS_NO_SYSTEM_RESOURCES, VGPU_NO_MEMORY},
	{VGPU_OS_WORKING_SET_QUOTA, VGPU_NO_MEMORY},
	{VGPU_OS_TIMEOUT, VGPU_GONE},
	{VGPU_OS_DEVICE_REMOVED, VGPU_GONE},
	{VGPU_OS_NOT_ENOUGH_QUOTA, VGPU_NO_MEMORY},
};

static enum vgpu_result result_of(uint32_t error)
{
	for (size_t i = 0; i < sizeof(error_map) / sizeof(error_map[0]); i++) {
		if (error_map[i].error == error)
			return error_map[i].result;
	}
	return VGPU_FAILED;
}

const char *vgpu_result_text(enum vgpu_result result)
{
	static const char *const texts[] = {
		[VGPU_OK] = "success",
		[VGPU_NO_DEVICE] = "no vgpu device",
		[VGPU_ACCESS_DENIED] = "access denied",
		[VGPU_VERSION_MISMATCH] = "the driver has another interface version",
		[VGPU_INVALID] = "the driver refused the request as invalid",
		[VGPU_NOT_OWNED] = "no such id",
		[VGPU_NOT_SUPPORTED] = "not supported by this device",
		[VGPU_NO_MEMORY] = "out of memory, or a quota is used up",
		[VGPU_TIMEOUT] = "timed out",
		[VGPU_CANCELLED] = "cancelled",
		[VGPU_END] = "no more entries",
		[VGPU_LOST] = "the device was reset, the context is lost",
		[VGPU_GONE] = "the device was removed or does not answer",
		[VGPU_FAILED] = "failed",
	};

	if ((unsigned)result >= sizeof(texts) / sizeof(texts[0]))
		return "unknown result";
	return texts[result];
}

static enum vgpu_result control_for(struct vgpu_client *client, uint32_t code, const void *input, size_t input_size,
	void *output, size_t output_size, size_t *returned, uint32_t timeout_ms)
{
	enum vgpu_result result;
	size_t got = 0;

	if (atomic_load(&client->gone))
		return VGPU_GONE;
	result = result_of(
		vgpu_os_control(client->device, code, input, input_size, output, output_size, &got, timeout_ms));
	if (result == VGPU_GONE)
		atomic_store(&client->gone, true);
	if (result == VGPU_OK && !returned && got != output_size)
		result = VGPU_FAILED; /* an answer of another size than the interface says */
	if (returned)
		*returned = got;
	return result;
}

static enum vgpu_result control(struct vgpu_client *client, uint32_t code, const void *input, size_t input_size,
	void *output, size_t output_size)
{
	return control_for(client, code, input, input_size, output, output_size, NULL, client->timeout_ms);
}

static enum vgpu_result control_in_place(struct vgpu_client *client, uint32_t code, void *data, size_t size)
{
	return control(client, code, data, size, data, size);
}

static enum vgpu_result agree(struct vgpu_client *client)
{
	const struct vgpu_open wanted = {.abi_major = VGPU_ABI_MAJOR, .abi_minor = VGPU_ABI_MINOR};
	struct vgpu_open open = wanted;
	enum vgpu_result result;
	uint64_t timeout_ms;

	result = control_in_place(client, VGPU_IOCTL_OPEN, &open, sizeof(open));
	if (result != VGPU_OK)
		return result;
	if (open.abi_major != wanted.abi_major || open.abi_minor < wanted.abi_minor)
		return VGPU_VERSION_MISMATCH;
	result = control(client, VGPU_IOCTL_QUERY, NULL, 0, &client->info, sizeof(client->info));
	if (result != VGPU_OK)
		return result;
	timeout_ms = (uint64_t)client->info.timeout_ms * 2 + TIMEOUT_MARGIN_MS;
	client->timeout_ms = timeout_ms < LONGEST_TIMEOUT_MS ? (uint32_t)timeout_ms : LONGEST_TIMEOUT_MS;
	return VGPU_OK;
}

enum vgpu_result vgpu_client_open(unsigned index, struct vgpu_client **client)
{
	struct vgpu_client *opened;
	enum vgpu_result result;

	*client = NULL;
	opened = calloc(1, sizeof(*opened));
	if (!opened)
		return VGPU_NO_MEMORY;
	opened->timeout_ms = DEFAULT_TIMEOUT_MS;
	atomic_init(&opened->gone, false);
	atomic_init(&opened->next_memory_id, 1);

	result = result_of(vgpu_os_open(index, &opened->device));
	if (result == VGPU_END)
		result = VGPU_NO_DEVICE;
	if (result != VGPU_OK)
		goto free_client;
	result = agree(opened);
	if (result != VGPU_OK)
		goto close_device;
	*client = opened;
	return VGPU_OK;

close_device:
	vgpu_os_close(opened->device);
free_client:
	free(opened);
	return result;
}

void vgpu_client_close(struct vgpu_client *client)
{
	if (!client)
		return;
	vgpu_os_close(client->device);
	free(client);
}

const struct vgpu_device_info *vgpu_client_info(const struct vgpu_client *client)
{
	return &client->info;
}

bool vgpu_client_gone(const struct vgpu_client *client)
{
	return atomic_load(&((struct vgpu_client *)client)->gone);
}

enum vgpu_result vgpu_capset_info(struct vgpu_client *client, struct vgpu_capset_info *info)
{
	return control_in_place(client, VGPU_IOCTL_CAPSET_INFO, info, sizeof(*info));
}

enum vgpu_result vgpu_capset(
	struct vgpu_client *client, uint32_t id, uint32_t version, void *data, size_t size, size_t *returned)
{
	struct vgpu_capset capset = {.id = id, .version = version};

	return control_for(
		client, VGPU_IOCTL_CAPSET, &capset, sizeof(capset), data, size, returned, client->timeout_ms);
}

enum vgpu_result vgpu_statistics(struct vgpu_client *client, uint32_t scope, struct vgpu_statistics *statistics)
{
	struct vgpu_statistics_query query = {.scope = scope};

	return control(client, VGPU_IOCTL_STATISTICS, &query, sizeof(query), statistics, sizeof(*statistics));
}

enum vgpu_result vgpu_trace(struct vgpu_client *client, uint32_t level)
{
	struct vgpu_trace trace = {.level = level};

	return control(client, VGPU_IOCTL_TRACE, &trace, sizeof(trace), NULL, 0);
}

enum vgpu_result vgpu_context_create(struct vgpu_client *client, struct vgpu_context_create *create)
{
	return control_in_place(client, VGPU_IOCTL_CONTEXT_CREATE, create, sizeof(*create));
}

enum vgpu_result vgpu_context_destroy(struct vgpu_client *client, uint32_t context_id)
{
	struct vgpu_context_destroy destroy = {.context_id = context_id};

	return control(client, VGPU_IOCTL_CONTEXT_DESTROY, &destroy, sizeof(destroy), NULL, 0);
}

enum vgpu_result vgpu_resource_create(struct vgpu_client *client, struct vgpu_resource_create *create)
{
	return control_in_place(client, VGPU_IOCTL_RESOURCE_CREATE, create, sizeof(*create));
}

enum vgpu_result vgpu_resource_create_blob(struct vgpu_client *client, struct vgpu_resource_create_blob *create)
{
	return control_in_place(client, VGPU_IOCTL_RESOURCE_CREATE_BLOB, create, sizeof(*create));
}

static enum vgpu_result resource_request(
	struct vgpu_client *client, uint32_t code, uint32_t resource_id, uint32_t context_id)
{
	struct vgpu_resource resource = {.resource_id = resource_id, .context_id = context_id};

	return control(client, code, &resource, sizeof(resource), NULL, 0);
}

enum vgpu_result vgpu_resource_destroy(struct vgpu_client *client, uint32_t resource_id)
{
	return resource_request(client, VGPU_IOCTL_RESOURCE_DESTROY, resource_id, 0);
}

enum vgpu_result vgpu_resource_attach(struct vgpu_client *client, uint32_t resource_id, uint32_t context_id)
{
	return resource_request(client, VGPU_IOCTL_RESOURCE_ATTACH, resource_id, context_id);
}

enum vgpu_result vgpu_resource_detach(struct vgpu_client *client, uint32_t resource_id, uint32_t context_id)
{
	return resource_request(client, VGPU_IOCTL_RESOURCE_DETACH, resource_id, context_id);
}

enum vgpu_result vgpu_resource_map(struct vgpu_client *client, struct vgpu_resource_map *map)
{
	return control_in_place(client, VGPU_IOCTL_RESOURCE_MAP, map, sizeof(*map));
}

enum vgpu_result vgpu_resource_unmap(struct vgpu_client *client, uint32_t resource_id)
{
	return resource_request(client, VGPU_IOCTL_RESOURCE_UNMAP, resource_id, 0);
}

enum vgpu_result vgpu_submit(struct vgpu_client *client, struct vgpu_submit *submit)
{
	return control_in_place(client, VGPU_IOCTL_SUBMIT, submit, sizeof(*submit));
}

enum vgpu_result vgpu_submit_copy(struct vgpu_client *client, struct vgpu_submit_copy *submit)
{
	return control_in_place(client, VGPU_IOCTL_SUBMIT_COPY, submit, sizeof(*submit));
}

enum vgpu_result vgpu_transfer(struct vgpu_client *client, struct vgpu_transfer *transfer)
{
	return control_in_place(client, VGPU_IOCTL_TRANSFER, transfer, sizeof(*transfer));
}

enum vgpu_result vgpu_wait(struct vgpu_client *client, const struct vgpu_fence *fence, uint64_t timeout_ns)
{
	struct vgpu_wait wait = {.fence = *fence, .timeout_ns = timeout_ns};
	uint64_t limit_ms = client->timeout_ms;
	enum vgpu_result result;

	/* The driver ends the wait by itself; the limit here is for a driver that does not. */
	if (timeout_ns == VGPU_WAIT_FOREVER)
		wait.timeout_ns = limit_ms * 1000000u;
	limit_ms += wait.timeout_ns / 1000000u;
	if (limit_ms > INT32_MAX)
		limit_ms = INT32_MAX;
	result = control_for(client, VGPU_IOCTL_WAIT, &wait, sizeof(wait), NULL, 0, NULL, (uint32_t)limit_ms);
	return result == VGPU_CANCELLED ? VGPU_TIMEOUT : result;
}

static struct client_memory *memory_new(struct vgpu_client *client)
{
	struct client_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return NULL;
	atomic_init(&memory->released, false);
	do {
		memory->memory.id = atomic_fetch_add(&client->next_memory_id, 1);
	} while (!memory->memory.id);
	return memory;
}

enum vgpu_result vgpu_memory_pin(struct vgpu_client *client, void *address, uint64_t size, struct vgpu_memory **memory)
{
	struct client_memory *pinned;
	struct vgpu_memory_pin request = {0};
	enum vgpu_result result;

	*memory = NULL;
	if (atomic_load(&client->gone))
		return VGPU_GONE;
	pinned = memory_new(client);
	if (!pinned)
		return VGPU_NO_MEMORY;
	request.memory_id = pinned->memory.id;
	result = result_of(vgpu_os_pin(
		client->device, VGPU_IOCTL_MEMORY_PIN, &request, sizeof(request), address, size, &pinned->pin));
	if (result != VGPU_OK) {
		if (result == VGPU_GONE)
			atomic_store(&client->gone, true);
		free(pinned);
		return result;
	}
	pinned->memory.address = address;
	pinned->memory.size = size;
	*memory = &pinned->memory;
	return VGPU_OK;
}

bool vgpu_memory_pinned(struct vgpu_client *client, struct vgpu_memory *memory)
{
	struct client_memory *pinned = (struct client_memory *)memory;

	return !vgpu_os_pin_wait(client->device, pinned->pin, 0);
}

static enum vgpu_result memory_release(struct vgpu_client *client, uint32_t id)
{
	struct vgpu_memory_release release = {.memory_id = id};

	return control(client, VGPU_IOCTL_MEMORY_RELEASE, &release, sizeof(release), NULL, 0);
}

enum vgpu_result vgpu_memory_unpin(struct vgpu_client *client, struct vgpu_memory *memory, uint32_t timeout_ms)
{
	struct client_memory *pinned = (struct client_memory *)memory;

	/* A failure means that the driver has let go already, or is gone; the pending request tells which. */
	if (!atomic_exchange(&pinned->released, true))
		(void)memory_release(client, memory->id);
	if (!vgpu_os_pin_wait(client->device, pinned->pin, timeout_ms))
		return VGPU_TIMEOUT;
	vgpu_os_pin_free(client->device, pinned->pin);
	free(pinned);
	return VGPU_OK;
}

enum vgpu_result vgpu_memory_alloc(
	struct vgpu_client *client, uint32_t flags, uint64_t *size, struct vgpu_memory **memory)
{
	struct client_memory *allocated;
	struct vgpu_memory_alloc request = {.flags = flags, .size = *size};
	enum vgpu_result result;

	*memory = NULL;
	allocated = memory_new(client);
	if (!allocated)
		return VGPU_NO_MEMORY;
	request.memory_id = allocated->memory.id;
	result = control_in_place(client, VGPU_IOCTL_MEMORY_ALLOC, &request, sizeof(request));
	if (result != VGPU_OK) {
		free(allocated);
		return result;
	}
	allocated->memory.address = (void *)(uintptr_t)request.address;
	allocated->memory.size = request.size;
	*size = request.size;
	*memory = &allocated->memory;
	return VGPU_OK;
}

enum vgpu_result vgpu_memory_free(struct vgpu_client *client, struct vgpu_memory *memory)
{
	enum vgpu_result result = memory_release(client, memory->id);

	free(memory);
	return result;
}
