"""A small SVG chart, drawn without any library."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 50, 60


def line_chart(points, title, x_label, y_label):
    """Points (x, y) on a logarithmic x axis and a linear y axis from 0."""
    top = max(y for _, y in points) * 1.25
    low, high = math.log10(points[0][0]), math.log10(points[-1][0])

    def x(value):
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(value):
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        text(WIDTH / 2, 26, title, "middle", 16),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, x_label, "middle"),
        text(18, HEIGHT / 2, y_label, "middle", rotate=True),
    ]
    for tick in steps(top):
        parts.append(f'<path d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y(tick) + 4, f"{tick:g}", "end"))
    for exponent in range(math.ceil(low), math.floor(high) + 1):
        at = x(10**exponent)
        parts.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#eee"/>')
        parts.append(text(at, HEIGHT - BOTTOM + 18, f"{10**exponent:,}", "middle"))
    path = "L".join(f"{x(a):.1f} {y(b):.1f}" for a, b in points)
    parts.append(f'<path d="M{path}" fill="none" stroke="#e6522c" stroke-width="2"/>')
    parts += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3.5" fill="#e6522c"/>' for a, b in points]
    return "\n".join([*parts, "</svg>", ""])


def text(x, y, words, anchor, size=13, rotate=False):
    turn = f' transform="rotate(-90 {x} {y})"' if rotate else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"{turn}>{escape(words)}</text>'


def steps(top):
    """Round values from 0 up to `top`, some five of them."""
    unit = 10 ** math.floor(math.log10(top / 5))
    step = next(unit * factor for factor in (1, 2, 5, 10) if top / (unit * factor) <= 6)
    return [step * index for index in range(int(top / step) + 1)]
