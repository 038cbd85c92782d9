/* SPDX-License-Identifier: MIT */
#include "frames.h"
#include "gl-headers.h"
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace
{
const long Step = 1000000000 / 60;
std::vector<unsigned char> Frame;
int Rows;

[[noreturn]] void Fail(const char *what)
{
    std::perror(what);
    std::exit(3);
}
}

/* Takes clock_gettime's place: 1/60 s have passed at each call, so that what moves depends on no machine's speed. */
extern "C" int AppsClock(clockid_t, struct timespec *now)
{
    static long long time = 1000000000;

    time += Step;
    now->tv_sec = static_cast<time_t>(time / 1000000000);
    now->tv_nsec = static_cast<long>(time % 1000000000);
    return 0;
}

void FrameDrawn(int width, int height)
{
    Rows = height;
    Frame.assign(static_cast<size_t>(width) * height * 4, 0);
    glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, Frame.data());
}

void SceneEnded(void)
{
    const char *path = std::getenv("APPS_FRAMES");
    if (!path)
        return;
    std::FILE *file = std::fopen(path, "ab");
    if (!file)
        Fail(path);
    size_t stride = Rows ? Frame.size() / Rows : 0;
    for (int row = Rows; row-- > 0;) {
        if (std::fwrite(&Frame[row * stride], 1, stride, file) != stride)
            Fail(path);
    }
    if (std::fclose(file))
        Fail(path);
    Frame.clear();
    Rows = 0;
}
