/** Where the page carries evidence within itself. */
const PLACE = '<script type="text/plain" id="evidence"></script>'

/** Bytes that are turned into text at once, below what one call takes as arguments. */
const CHUNK_BYTES = 24_576

/** The verification page with a report inside: one file that shows the report and checks it, with no network. */
export async function selfCheckingPage(evidence: string): Promise<string> {
  const response = await fetch('./verify.html')
  const page = await response.text()
  if (!response.ok || !page.includes(PLACE)) throw new Error('The verification page is not there')
  const filled = PLACE.replace('></', `>${toBase64(new TextEncoder().encode(evidence))}</`)
  return page.replace(PLACE, () => filled)
}

function toBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  // A multiple of three bytes, so that the parts follow each other without padding.
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES))))
  }
  return parts.join('')
}
