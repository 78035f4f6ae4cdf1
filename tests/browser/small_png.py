"""Pictures of pages kept small: PNG of at most 256 colours, reduced by the browser that took them."""

import base64
import struct
import zlib

from playwright.sync_api import Page

REDUCE = """async (picture) => {
  const image = new Image();
  image.src = "data:image/png;base64," + picture;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const seen = pen.getImageData(0, 0, image.width, image.height).data;
  const counts = new Map();
  const colour = (at) => (seen[at] >> 2 << 12) | (seen[at + 1] >> 2 << 6) | (seen[at + 2] >> 2);
  for (let at = 0; at < seen.length; at += 4) counts.set(colour(at), (counts.get(colour(at)) || 0) + 1);
  const parts = (one) => [one >> 12 & 63, one >> 6 & 63, one & 63];
  const often = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([one]) => one);
  const place = new Map(often.map((one, at) => [one, at]));
  const known = often.map(parts);
  for (const one of counts.keys()) {
    if (place.has(one)) continue;
    const [r, g, b] = parts(one);
    let best = 0, far = Infinity;
    known.forEach(([x, y, z], at) => {
      const off = (x - r) ** 2 + (y - g) ** 2 + (z - b) ** 2;
      if (off < far) { far = off; best = at; }
    });
    place.set(one, best);
  }
  let text = "";
  const rows = new Uint8Array(image.width * image.height);
  for (let at = 0; at < rows.length; at += 1) rows[at] = place.get(colour(at * 4));
  for (let at = 0; at < rows.length; at += 32768) text += String.fromCharCode(...rows.subarray(at, at + 32768));
  const whole = known.flat().map((part) => Math.round(part * 255 / 63));
  return [image.width, image.height, whole, btoa(text)];
}"""
"""The most frequent colours stay, every other becomes the nearest of them."""


def small(page: Page, picture: bytes) -> bytes:
    """Return a picture in at most 256 colours; a blank page of the browser does the reckoning."""
    width, height, palette, rows = page.evaluate(REDUCE, base64.b64encode(picture).decode())
    seen = base64.b64decode(rows)
    lines = b"".join(b"\0" + seen[start : start + width] for start in range(0, len(seen), width))
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        _chunk(b"PLTE", bytes(palette)),
        _chunk(b"IDAT", zlib.compress(lines, 9)),
        _chunk(b"IEND", b""),
    ))  # fmt: skip


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
