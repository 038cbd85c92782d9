# SPDX-License-Identifier: MIT
"""Public programs, not written for this project: the Mesa demos for Windows, as released."""

import re
import time
import unittest

import harness

BLACK, WHITE, YELLOW = (0, 0, 0), (255, 255, 255), (255, 255, 0)
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def near(colour, wanted, tolerance=1):
    return all(abs(a - b) <= tolerance for a, b in zip(colour, wanted))


def count(colours, wanted, tolerance=1):
    return sum(number for colour, number in colours.items() if near(colour, wanted, tolerance))


class MesaDemos(unittest.TestCase):
    device = 'qemu'

    def watch(self, program, *arguments, ready):
        """Runs a program that never ends by itself until ready(screen) holds; the screen a moment later."""
        with harness.Stack(f'{harness.MESA_DEMOS}/{program}', *arguments, device=self.device, limit=120) as stack:
            seen = stack.wait_until(lambda: ready(harness.screen()), 90)
            self.assertTrue(seen, f'{program} never showed what was expected: {stack.output()}')
            time.sleep(1)
            self.assertIsNone(stack.process.poll(), f'{program} ended by itself: {stack.output()}')
            return harness.screen()

    def test_wglinfo(self):
        """wglinfo: the driver is ours, with OpenGL 4.3 core or more."""
        status, output, broken = harness.run(f'{harness.MESA_DEMOS}/wglinfo.exe', device=self.device, limit=90)
        self.assertEqual(status, 0, output)
        self.assertIn('OpenGL renderer string: vgpu (', output)
        version = re.search(r'OpenGL (?:core profile )?version string: (\d+)\.(\d+)', output)
        self.assertTrue(version and (int(version[1]), int(version[2])) >= (4, 3), output)
        self.assertEqual(broken, [], output)

    def test_wincopy(self):
        """wincopy: a turning blue rectangle, and its copy in a second window. Turning changes no area: 150x75 pixels each."""
        gray, blue = (127, 127, 127), (77, 77, 255)

        def area(shown, x):
            found = harness.colours(shown, x, 0, 300, 300)
            return count(found, blue), count(found, gray, 1)

        shown = self.watch('wincopy.exe', ready=lambda shown: area(shown, 350)[0] > 0)
        for x in (0, 350):
            blue_pixels, gray_pixels = area(shown, x)
            self.assertAlmostEqual(blue_pixels, 150 * 75, delta=250)
            self.assertGreater(gray_pixels, 60000)

    def test_sharedtex_mt(self):
        """sharedtex_mt: four threads, a window each, draw turning cubes with three shared two-coloured textures. Both colours
        of a texture cover the same area; sampled to the nearest, there are no other colours."""
        textures = ((BLUE, (200, 200, 200)), (RED, WHITE), (GREEN, YELLOW))
        texture_colours = [colour for texture in textures for colour in texture]

        def textured(found):
            return sum(count(found, colour) for colour in texture_colours)

        def windows(shown):
            return [harness.colours(shown, x, y, 300, 300) for y in (20, 360) for x in (10, 330)]

        shown = self.watch('sharedtex_mt.exe', ready=lambda shown: min(map(textured, windows(shown))) > 10000)
        found = harness.colours(shown, 0, 0, 700, 700)
        allowed = [BLACK, (64, 64, 64)] + texture_colours
        strange = {colour: number for colour, number in found.items() if not any(near(colour, c) for c in allowed)}
        self.assertEqual(strange, {})
        for window in windows(shown):
            self.assertTrue(10000 < textured(window) < 45000, window)
        for first, second in textures:
            area = count(found, first) + count(found, second)
            self.assertAlmostEqual(count(found, first), count(found, second), delta=200 + area / 20)

    def test_wglgears(self):
        """wglgears: lit red, green and blue gears on black, in the proportions of their sizes."""

        def gears(shown):
            pixels = harness.colours(shown, 0, 0, 300, 300)
            reds = sum(number for (r, g, b), number in pixels.items() if r > g + b)
            greens = sum(number for (r, g, b), number in pixels.items() if g > r + b)
            blues = sum(number for (r, g, b), number in pixels.items() if b > r + g)
            return reds, greens, blues

        shown = self.watch('wglgears.exe', '-geometry', '300x300+0+0', ready=lambda shown: min(gears(shown)) > 0)
        reds, greens, blues = gears(shown)
        self.assertTrue(14000 < reds < 22000 and 3000 < greens < 6000 and 2500 < blues < 5500, (reds, greens, blues))


class MesaDemosOnMvisor(MesaDemos):
    device = 'mvisor'


if __name__ == '__main__':
    unittest.main()
