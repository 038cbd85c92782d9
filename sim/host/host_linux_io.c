/* SPDX-License-Identifier: MIT */
/* host_linux_io.c - host.h on Linux: byte streams, the environment, the log. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

#define NS_PER_SECOND 1000000000ull

/* ---- byte streams ---- */
int HostConnect(const char *UnixPath)
{
	struct sockaddr_un Address = {.sun_family = AF_UNIX};
	int Socket, Error;

	if (strlen(UnixPath) >= sizeof(Address.sun_path))
		return -ENAMETOOLONG;
	strcpy(Address.sun_path, UnixPath);
	Socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (Socket < 0)
		return -errno;
	if (connect(Socket, (struct sockaddr *)&Address, sizeof(Address)) != 0) {
		Error = -errno;
		close(Socket);
		return Error;
	}
	return Socket;
}

int HostSend(int Socket, const void *Data, size_t Length)
{
	const char *Next = Data;
	ssize_t Sent;

	while (Length > 0) {
		Sent = send(Socket, Next, Length, MSG_NOSIGNAL);
		if (Sent < 0 && errno == EINTR)
			continue;
		if (Sent < 0)
			return -errno;
		Next += Sent;
		Length -= (size_t)Sent;
	}
	return 0;
}

int HostReceive(int Socket, void *Data, size_t Length, uint64_t TimeoutNs)
{
	struct timespec Timeout = {(time_t)(TimeoutNs / NS_PER_SECOND), (long)(TimeoutNs % NS_PER_SECOND)};
	struct pollfd Poll = {.fd = Socket, .events = POLLIN};
	ssize_t Got;
	int Ready;

	Got = recv(Socket, Data, Length, MSG_DONTWAIT);
	while (Got < 0 && (errno == EAGAIN || errno == EINTR)) {
		Ready = ppoll(&Poll, 1, TimeoutNs == HOST_FOREVER ? NULL : &Timeout, NULL);
		if (Ready == 0)
			return -ETIMEDOUT;
		Got = recv(Socket, Data, Length, MSG_DONTWAIT);
	}
	return Got < 0 ? -errno : (int)Got;
}

void HostCloseDescriptor(int Descriptor)
{
	close(Descriptor);
}

/* ---- the rest ---- */
const char *HostEnvironment(const char *Name)
{
	return getenv(Name);
}

void HostLog(const char *Text)
{
	fprintf(stderr, "%s\n", Text);
}

_Noreturn void HostAbort(void)
{
	abort();
}
