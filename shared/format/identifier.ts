/**
 * Keeps both ends of an id, for the middle is what people do not compare: `0x12ab…9f03`.
 * Counts code points, so that no surrogate pair is cut in two.
 */
export function shortenMiddle(text: string, head = 6, tail = 4): string {
  // An id longer than this is not read to its end by anyone; spreading 10 kB for each cell would be waste.
  const points = text.length > 4_096 ? [...text.slice(0, head * 2), ...text.slice(-tail * 2)] : [...text]
  if (points.length <= head + tail + 1) return text
  return `${points.slice(0, head).join('')}…${tail === 0 ? '' : points.slice(-tail).join('')}`
}

/** A digest or address in groups of eight, for reading aloud. */
export function groupHex(hex: string): string {
  return hex.replace(/(.{8})(?=.)/g, '$1 ')
}
