/* SPDX-License-Identifier: MIT */
#include "qtest.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "rules.h"

#define NO_CLIENT_MS (10 * 60 * 1000) /* nobody wants the device */
#define TICK_NS 1000000u /* fences are looked at */
#define MAX_ANSWER 64

typedef struct CLIENT {
	MV_BUS *Bus;
	int Socket;
	bool Wrote; /* it is no mere look whether somebody is here */
	uint64_t Tick; /* of the device's timer, the last that was looked at */
	char Buffer[4096];
	size_t Used;
} CLIENT;

static uint64_t Now(void)
{
	struct timespec Time;

	clock_gettime(CLOCK_MONOTONIC, &Time);
	return (uint64_t)Time.tv_sec * 1000000000u + (uint64_t)Time.tv_nsec;
}

/* ---- commands ---- */

static unsigned WidthOf(char Letter)
{
	switch (Letter) {
	case 'b':
		return 1;
	case 'w':
		return 2;
	case 'l':
		return 4;
	case 'q':
		return 8;
	}
	return 0;
}

/* The answer to a line. */
static void Execute(CLIENT *Client, const char *Line, char Answer[MAX_ANSWER])
{
	char Letter, Rest;
	uint64_t Address, Value;
	unsigned Width;

	strcpy(Answer, "OK\n");
	if (sscanf(Line, "in%c %" SCNi64 " %c", &Letter, (int64_t *)&Address, &Rest) == 2 && Letter != 'q' &&
		(Width = WidthOf(Letter)) != 0) {
		snprintf(Answer, MAX_ANSWER, "OK 0x%04x\n", MvBusPortRead(Client->Bus, Address, Width));
	} else if (sscanf(Line, "read%c %" SCNi64 " %c", &Letter, (int64_t *)&Address, &Rest) == 2 &&
		   (Width = WidthOf(Letter)) != 0) {
		snprintf(Answer, MAX_ANSWER, "OK 0x%016" PRIx64 "\n", MvBusMemoryRead(Client->Bus, Address, Width));
	} else if (sscanf(Line, "out%c %" SCNi64 " %" SCNi64 " %c", &Letter, (int64_t *)&Address, (int64_t *)&Value,
			   &Rest) == 3 &&
		   Letter != 'q' && (Width = WidthOf(Letter)) != 0) {
		Client->Wrote = true;
		MvBusPortWrite(Client->Bus, Address, Width, (uint32_t)Value);
	} else if (sscanf(Line, "write%c %" SCNi64 " %" SCNi64 " %c", &Letter, (int64_t *)&Address, (int64_t *)&Value,
			   &Rest) == 3 &&
		   (Width = WidthOf(Letter)) != 0) {
		Client->Wrote = true;
		MvBusMemoryWrite(Client->Bus, Address, Width, Value);
	} else if (strncmp(Line, "irq_intercept_in", 16) != 0) {
		snprintf(Answer, MAX_ANSWER, "FAIL Unknown command '%.32s'\n", Line);
	}
}

static bool SendAll(int Socket, const char *Bytes, size_t Length)
{
	while (Length > 0) {
		ssize_t Sent = send(Socket, Bytes, Length, MSG_NOSIGNAL);

		if (Sent < 0 && errno == EINTR)
			continue;
		if (Sent < 0)
			return false;
		Bytes += Sent;
		Length -= (size_t)Sent;
	}
	return true;
}

/* Fences are looked at on the ticks of a timer, never in between. */
static void Tick(CLIENT *Client)
{
	uint64_t Current = Now() / TICK_NS;

	if (Current == Client->Tick)
		return;
	Client->Tick = Current;
	MvDeviceTick(Client->Bus->Device);
}

/* Until there is something to read, or the next tick when one is wanted: what ppoll says. */
static int Wait(const CLIENT *Client)
{
	struct pollfd Poll = {.fd = Client->Socket, .events = POLLIN};
	struct timespec ToTick = {.tv_nsec = (long)(TICK_NS - Now() % TICK_NS)};
	sigset_t None;

	sigemptyset(&None);
	return ppoll(&Poll, 1, MvDeviceWaits(Client->Bus->Device) ? &ToTick : NULL, &None);
}

/* All whole lines that are here. false: the client is gone, or says nonsense. */
static bool ServeLines(CLIENT *Client)
{
	char Answer[MAX_ANSWER];
	char *Start = Client->Buffer;
	char *End;

	while ((End = memchr(Start, '\n', Client->Used - (size_t)(Start - Client->Buffer))) != NULL) {
		*End = 0;
		Execute(Client, Start, Answer);
		Start = End + 1;
		/* The answer first: a doorbell does not wait for the work that it asks for. */
		if (!SendAll(Client->Socket, Answer, strlen(Answer)))
			return false;
		Tick(Client);
		MvDeviceRunQueues(Client->Bus->Device);
	}
	Client->Used -= (size_t)(Start - Client->Buffer);
	memmove(Client->Buffer, Start, Client->Used);
	return Client->Used < sizeof(Client->Buffer);
}

/* Until the client is gone. */
static void Serve(CLIENT *Client)
{
	for (;;) {
		int Ready = Wait(Client);
		ssize_t Got;

		Tick(Client);
		MvDeviceRest(Client->Bus->Device);
		if (Ready == 0 || (Ready < 0 && errno == EINTR))
			continue;
		if (Ready < 0)
			return;
		Got = recv(Client->Socket, Client->Buffer + Client->Used, sizeof(Client->Buffer) - Client->Used, 0);
		if (Got < 0 && errno == EINTR)
			continue;
		if (Got <= 0)
			return;
		Client->Used += (size_t)Got;
		if (!ServeLines(Client))
			return;
	}
}

/* ---- clients ---- */

int MvQtestListen(const char *Path)
{
	struct sockaddr_un Address = {.sun_family = AF_UNIX};
	int Socket;

	if (strlen(Path) >= sizeof(Address.sun_path))
		return -ENAMETOOLONG;
	strcpy(Address.sun_path, Path);
	Socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (Socket < 0)
		return -errno;
	if (bind(Socket, (struct sockaddr *)&Address, sizeof(Address)) != 0 || listen(Socket, 4) != 0) {
		int Error = -errno;

		close(Socket);
		return Error;
	}
	return Socket;
}

int MvQtestServe(int Listener, MV_BUS *Bus)
{
	for (;;) {
		struct pollfd Wait = {.fd = Listener, .events = POLLIN};
		CLIENT Client = {.Bus = Bus};
		int Ready = poll(&Wait, 1, NO_CLIENT_MS);

		if (Ready == 0)
			return ETIMEDOUT;
		if (Ready < 0 && errno == EINTR)
			continue;
		Client.Socket = accept4(Listener, NULL, NULL, SOCK_CLOEXEC);
		if (Client.Socket < 0)
			return errno;
		Serve(&Client);
		close(Client.Socket);
		if (Client.Wrote)
			return 0;
	}
}
