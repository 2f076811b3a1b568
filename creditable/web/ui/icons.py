"""Line icons, drawn for this project on a grid of 24; `{% icon "check" %}` shows one."""

from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICONS: dict[str, str] = {
    "alert": '<path d="M12 4 2.8 20h18.4L12 4Z"/><path d="M12 10v4.5M12 17.3v.2"/>',
    "arrow": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "basket": '<path d="M4 9h16l-1.6 10.2H5.6L4 9Z"/>'
    '<path d="m8 9 3-5M16 9l-3-5M9.5 13v3M14.5 13v3"/>',
    "bolt": '<path d="M13.5 3 5 13.5h6L10 21l9-11h-6.3L13.5 3Z"/>',
    "calendar": '<path d="M4 6h16v14H4zM4 10.5h16M8.5 3.5V8M15.5 3.5V8"/>',
    "certificate": '<path d="M12 16H4V4h16v7"/><path d="M8 8.5h8M8 12h4"/>'
    '<circle cx="17" cy="15" r="3"/><path d="m15.3 17.5-.8 4 2.5-1.3 2.5 1.3-.8-4"/>',
    "chat": '<path d="M4 5h16v11h-8.5L7 20v-4H4V5Z"/>',
    "check": '<path d="m5 12.5 4.7 4.7L19 7.5"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.2l3.4 2"/>',
    "cross": '<path d="m6 6 12 12M18 6 6 18"/>',
    "device": '<path d="M5 5h14v10.5H5zM2.5 19h19"/>',
    "document": '<path d="M6 3h8.5L19 7.5V21H6V3Z"/><path d="M14 3v5h5M9 12.5h7M9 16.5h7"/>',
    "download": '<path d="M12 4v11M7 10.5l5 5 5-5M5 20h14"/>',
    "external": '<path d="M13 4.5h6.5V11M19 5l-8.5 8.5M16.5 14v5.5h-12v-12H10"/>',
    "eye": '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/>'
    '<circle cx="12" cy="12" r="2.8"/>',
    "full": '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
    "gear": '<circle cx="12" cy="12" r="3"/><path d="M12 3v3M12 18v3M3 12h3M18 12h3'
    'M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M5.6 18.4l2.1-2.1M16.3 7.7l2.1-2.1"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11.2V16M12 8v.2"/>',
    "inbox": '<path d="M4 13 6.5 5h11L20 13v6H4v-6Z"/><path d="M4 13h4.5l1.2 2.5h4.6l1.2-2.5H20"/>',
    "key": '<circle cx="8" cy="15" r="4"/><path d="m11 12 8.5-8.5M16 7l2.5 2.5"/>',
    "learn": '<path d="M12 6.5C10 5 7 4.5 3.5 4.7v13.6c3.5-.2 6.5.3 8.5 1.8 2-1.5 5-2 8.5-1.8V4.7'
    'C17 4.5 14 5 12 6.5Z"/><path d="M12 6.5V20"/>',
    "license": '<path d="M3 5.5h18v13H3z"/><circle cx="8.2" cy="11" r="2"/>'
    '<path d="M5.3 15.7c.7-1.5 5.1-1.5 5.8 0M14 10h4M14 13.5h4"/>',
    "lock": '<path d="M5.5 10.5h13V20h-13zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"/>',
    "mail": '<path d="M3.5 5.5h17v13h-17z"/><path d="m4 6.5 8 6.5 8-6.5"/>',
    "mute": '<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM16 9.5l5 5M21 9.5l-5 5"/>',
    "pause": '<path d="M8.5 5.5v13M15.5 5.5v13"/>',
    "person": '<circle cx="12" cy="8" r="3.8"/><path d="M4.5 20.5c.8-4.4 14.2-4.4 15 0"/>',
    "play": '<path d="M7.5 5v14L19 12 7.5 5Z"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4V9h16v8h-3"/><path d="M7 14h10v6H7z"/>',
    "question": '<circle cx="12" cy="12" r="8.5"/>'
    '<path d="M9.7 9.6c.2-3 5-2.8 4.8 0-.1 1.9-2.4 1.9-2.4 3.9M12.1 16.3v.2"/>',
    "receipt": '<path d="M6 3.5h12v17l-2-1.4-2 1.4-2-1.4-2 1.4-2-1.4-2 1.4v-17Z"/>'
    '<path d="M9 8.5h6M9 12.5h6"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6"/><path d="m15 15 5.5 5.5"/>',
    "send": '<path d="M21 3.5 3 10.5l7 3 3 7 8-17Z"/><path d="m10 13.5 4.5-4.5"/>',
    "shield": '<path d="M12 3 4.5 6v5.5c0 4.5 3 7.8 7.5 9.5 4.5-1.7 7.5-5 7.5-9.5V6L12 3Z"/>'
    '<path d="m8.8 12 2.4 2.4 4.2-4.6"/>',
    "sound": '<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9c1.5 1.6 1.5 4.4 0 6"/>'
    '<path d="M18 6.5c3 3 3 8 0 11"/>',
    "trash": '<path d="M4.5 7h15M9.5 7V4h5v3M6.5 7l1 13h9l1-13M10.3 11v5.5M13.7 11v5.5"/>',
}


@cache
def drawn(name: str) -> SafeString:
    """A decorative icon; the words beside it carry the meaning."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        mark_safe(ICONS[name]),  # noqa: S308 - our own drawings
    )
