"""The icons of the house: 16 px, drawn in the colour of the text beside them."""

STROKE = (
    'fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round"'
)
PATHS = {
    "dot": '<circle cx="8" cy="8" r="4" fill="currentColor"/>',
    "tick": f'<path {STROKE} d="m3 8.5 3.5 3.5L13 4.5"/>',
    "cross": f'<path {STROKE} d="m4 4 8 8m0-8-8 8"/>',
    "clock": f'<circle {STROKE} cx="8" cy="8" r="6"/><path {STROKE} d="M8 5v3.5l2 1"/>',
    "pause": f'<path {STROKE} d="M5.5 4v8m5-8v8"/>',
    "arrow": f'<path {STROKE} d="M3 8h10M9 4l4 4-4 4"/>',
    "lock": f'<rect {STROKE} x="3" y="7" width="10" height="7" rx="1"/>'
    f'<path {STROKE} d="M5 7V5a3 3 0 0 1 6 0v2"/>',
    "warning": f'<path {STROKE} d="M8 2 14.5 13.5h-13zM8 6.5V9"/>'
    '<circle cx="8" cy="11.5" r="1" fill="currentColor"/>',
    "page": f'<path {STROKE} d="M3.5 1.5h6l3 3v10h-9zM9 2v3h3"/>',
}
