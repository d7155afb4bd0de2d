import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where the portal's session lies between the start of the host and the tests. */
export const SESSION_FILE = fileURLToPath(new URL('../../test-results/portal-session.json', import.meta.url))

/** Debian's Chromium in a container: no sandbox of its own, no calls home. */
const BROWSER_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const SYSTEM_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** How to start the browser: `CHROMIUM_PATH`, else one of the system, else Playwright's own. */
export function browserOptions(): { executablePath?: string; args: string[] } {
  const path = process.env.CHROMIUM_PATH ?? SYSTEM_BROWSERS.find((candidate) => existsSync(candidate))
  return { ...(path === undefined ? {} : { executablePath: path }), args: BROWSER_ARGS }
}
