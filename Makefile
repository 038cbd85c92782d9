# SPDX-License-Identifier: MIT
# The front door. Each target does first what it depends on; what is done already is not done again.
.PHONY: help setup build test demo bench conformance dist docs-check wdk-check clean
.NOTPARALLEL:

# How many compilers run at the same time.
JOBS ?= $(shell nproc)
export JOBS

help:
	@echo "make setup   install Debian packages, fetch sources (fresh Debian 12 or 13, as root)"
	@echo "make build   everything: vgpu.sys, the OpenGL DLLs, the simulator, demo and tests"
	@echo "make demo    run a Windows OpenGL program through the whole stack; build/demo/{demo.png,report.json}"
	@echo "make test    every test; the last line says how many passed and failed"
	@echo "make bench   measures; build/bench/report.json. DENSITY_GUESTS=N: how many guests at the same time (70);"
	@echo "             GL_QUICK=1: OpenGL's scenes once, to see that they work; docs/performance.md"
	@echo "make dist    the release: build/dist/{*.zip,*.iso,*-setup.exe,SHA256SUMS,...}; signed for tests, or by"
	@echo "             SIGN_CERT=cert.pem SIGN_KEY=key.pem or SIGN_KEY='pkcs11:...'; docs/signing.md, package/dist.py --help"
	@echo "make conformance  piglit natively, with this driver, and with Mesa's virgl for Linux; goes on where it was stopped;"
	@echo "             build/conformance/report.json. CONFORMANCE='--slice=1/20': a part; tests/conformance/run.py --help;"
	@echo "             CONFORMANCE=--windows: 401 of the tests as Windows programs, both widths, both devices"
	@echo "make docs-check  the documents: what they name is there, what they tell one to type works"
	@echo "make wdk-check  the sources against Microsoft's headers, where they can be had as NuGet packages"
	@echo "make clean   remove what was built; downloads and tools stay"

setup:
	@scripts/setup.sh

build: setup
	@scripts/build.sh

demo: build
	@demo/run-demo.sh

# Sets up and builds by itself, so that a failure there is counted too.
test:
	@scripts/test.py

bench: build
	@bench/run.py

# After a build: some of what the documents tell one to type is what was built.
docs-check: build
	@/usr/bin/python3 tests/docs/test_docs.py

# Variables SIGN_... reach it through the environment. Builds what is in it, and no more.
dist: setup
	@package/dist.py

# Needs nothing that is built, but asks the machine's NuGet client for Microsoft's packages.
wdk-check: setup
	@tests/msvc/wdk_check.py || { status=$$?; [ $$status = 77 ] || exit $$status; }

# All of it takes hours.
conformance: build
	@scripts/with-display.sh tests/conformance/run.py $(CONFORMANCE)

clean:
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name downloads ! -name tools -exec rm -rf {} +
