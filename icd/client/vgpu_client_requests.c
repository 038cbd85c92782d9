/* SPDX-License-Identifier: MIT */
/* One function per control code, but for those about memory. */
#include "vgpu_client_private.h"

enum vgpu_result vgpu_capset_info(struct vgpu_client *client, struct vgpu_capset_info *info)
{
	return vgpu_client_control_in_place(client, VGPU_IOCTL_CAPSET_INFO, info, sizeof(*info));
}

enum vgpu_result vgpu_capset(
	struct vgpu_client *client, uint32_t id, uint32_t version, void *data, size_t size, size_t *returned)
{
	struct vgpu_capset capset = {.id = id, .version = version};

	return vgpu_client_control_for(
		client, VGPU_IOCTL_CAPSET, &capset, sizeof(capset), data, size, returned, client->timeout_ms);
}

enum vgpu_result vgpu_statistics(struct vgpu_client *client, uint32_t scope, struct vgpu_statistics *statistics)
{
	struct vgpu_statistics_query query = {.scope = scope};

	return vgpu_client_control(
		client, VGPU_IOCTL_STATISTICS, &query, sizeof(query), statistics, sizeof(*statistics));
}

enum vgpu_result vgpu_trace(struct vgpu_client *client, uint32_t level)
{
	struct vgpu_trace trace = {.level = level};

	return vgpu_client_control(client, VGPU_IOCTL_TRACE, &trace, sizeof(trace), NULL, 0);
}

enum vgpu_result vgpu_context_create(struct vgpu_client *client, struct vgpu_context_create *create)
{
	return vgpu_client_control_in_place(client, VGPU_IOCTL_CONTEXT_CREATE, create, sizeof(*create));
}

enum vgpu_result vgpu_context_destroy(struct vgpu_client *client, uint32_t context_id)
{
	struct vgpu_context_destroy destroy = {.context_id = context_id};

	return vgpu_client_control(client, VGPU_IOCTL_CONTEXT_DESTROY, &destroy, sizeof(destroy), NULL, 0);
}

enum vgpu_result vgpu_resource_create(struct vgpu_client *client, struct vgpu_resource_create *create)
{
	return vgpu_client_control_in_place(client, VGPU_IOCTL_RESOURCE_CREATE, create, sizeof(*create));
}

enum vgpu_result vgpu_resource_create_blob(struct vgpu_client *client, struct vgpu_resource_create_blob *create)
{
	return vgpu_client_control_in_place(client, VGPU_IOCTL_RESOURCE_CREATE_BLOB, create, sizeof(*create));
}

static enum vgpu_result resource_request(
	struct vgpu_client *client, uint32_t code, uint32_t resource_id, uint32_t context_id)
{
	struct vgpu_resource resource = {.resource_id = resource_id, .context_id = context_id};

	return vgpu_client_control(client, code, &resource, sizeof(resource), NULL, 0);
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
	return vgpu_client_control_in_place(client, VGPU_IOCTL_RESOURCE_MAP, map, sizeof(*map));
}

enum vgpu_result vgpu_resource_unmap(struct vgpu_client *client, uint32_t resource_id)
{
	return resource_request(client, VGPU_IOCTL_RESOURCE_UNMAP, resource_id, 0);
}

enum vgpu_result vgpu_submit(struct vgpu_client *client, struct vgpu_submit *submit)
{
	return vgpu_client_control_in_place(client, VGPU_IOCTL_SUBMIT, submit, sizeof(*submit));
}

enum vgpu_result vgpu_submit_copy(struct vgpu_client *client, struct vgpu_submit_copy *submit)
{
	return vgpu_client_control_in_place(client, VGPU_IOCTL_SUBMIT_COPY, submit, sizeof(*submit));
}

enum vgpu_result vgpu_transfer(struct vgpu_client *client, struct vgpu_transfer *transfer)
{
	return vgpu_client_control_in_place(client, VGPU_IOCTL_TRANSFER, transfer, sizeof(*transfer));
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
	result = vgpu_client_control_for(
		client, VGPU_IOCTL_WAIT, &wait, sizeof(wait), NULL, 0, NULL, (uint32_t)limit_ms);
	return result == VGPU_CANCELLED ? VGPU_TIMEOUT : result;
}
