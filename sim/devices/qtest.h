/* SPDX-License-Identifier: MIT */
/*
 * qtest.h - the server side of QEMU's qtest protocol: a line a command, a line an answer, in order. What this knows:
 * inb inw inl outb outw outl, readb readw readl readq writeb writew writel writeq, irq_intercept_in (no line interrupt
 * ever comes: the device has messages only).
 */
#ifndef MV_QTEST_H
#define MV_QTEST_H

#include "bus.h"

/* Listens: a socket, or a negative errno. */
int MvQtestListen(const char *Path);
/* Serves one client after the other until one that wrote to the device goes away. 0, or an errno. */
int MvQtestServe(int Listener, MV_BUS *Bus);

#endif /* MV_QTEST_H */
