"""Plots as SVG, without a library: readable on light and on dark ground."""

import math
from html import escape

ROW, LEFT, WIDTH, RIGHT = 30, 170, 420, 90
OURS, PEER = "#f05138", "#7a8691"


def bars(title, values):
    """Horizontal bars on a logarithmic scale. Those of the gateway stand out."""
    low = 10 ** math.floor(math.log10(min(values.values())))
    high = 10 ** math.ceil(math.log10(max(values.values()) * 1.01))

    def x(value):
        return LEFT + WIDTH * math.log10(value / low) / math.log10(high / low)

    height = 62 + ROW * len(values)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" height="{height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13"><title>{escape(title)}</title>',
        f'<text x="8" y="20" font-weight="600" fill="#888">{escape(title)}</text>',
    ]
    tick = low
    while tick <= high * 1.001:
        at = f"{x(tick):.1f}"
        parts.append(f'<line x1="{at}" x2="{at}" y1="34" y2="{height - 22}" stroke="#888" stroke-opacity="0.3"/>'
                     f'<text x="{at}" y="{height - 6}" text-anchor="middle" fill="#888">{tick:,.0f}</text>')
        tick *= 10
    for row, (name, value) in enumerate(values.items()):
        y = 38 + row * ROW
        colour = OURS if name.startswith("gateway") else PEER
        text = f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
        width = f"{max(1, x(value) - LEFT):.1f}"
        parts.append(f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end" fill="#888">{escape(name)}</text>'
                     f'<rect x="{LEFT}" y="{y}" width="{width}" height="20" rx="3" fill="{colour}"/>'
                     f'<text x="{x(value) + 6:.1f}" y="{y + 15}" fill="#888">{text}</text>')
    return "\n".join(parts) + "\n</svg>\n"
