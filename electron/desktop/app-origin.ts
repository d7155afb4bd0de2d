/**
 * The window's page is served from a scheme of its own: unlike `file:` it has an origin, so the content policy,
 * the sender check of IPC and storage are all tied to it.
 */
export const APP_SCHEME = 'app'
export const APP_HOST = 'tidemark'
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`
export const PORTAL_URL = `${APP_ORIGIN}/`

/** Whether an address is the portal's page, whatever stands behind `#`. */
export function isPortalUrl(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && isAppUrl(parsed) && (parsed.pathname === '/' || parsed.pathname === '/index.html')
}

/** Node's `URL.origin` is "null" for schemes it does not know, so the parts are compared. */
export function isAppUrl(url: URL): boolean {
  return (
    url.protocol === `${APP_SCHEME}:` && url.host === APP_HOST && url.username === '' && url.password === ''
  )
}
