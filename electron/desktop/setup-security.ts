import type { Event, Session, WebContents } from 'electron'
import { EXPORT_PATH } from '../api/export-download.ts'
import type { Logger } from '../node/ports.ts'
import { APP_ORIGIN, APP_SCHEME, isAppUrl, isPortalUrl } from './app-origin.ts'
import type { ElectronApi } from './electron-api.ts'

/** Pages may open this many links in `EXTERNAL_WINDOW_MS`; more is not somebody clicking. */
const MAX_EXTERNAL_LINKS = 5
const EXTERNAL_WINDOW_MS = 10_000
/** Longer addresses carry data rather than lead somewhere. */
const MAX_EXTERNAL_URL_LENGTH = 2_048

export interface SecurityOptions {
  electron: Pick<ElectronApi, 'app' | 'session' | 'shell'>
  logger: Logger
  /** A page of the portal wants another window of the portal, at this address. */
  openPortal: (url: string) => void
  monotonic?: () => number
}

/**
 * What no page may do, whatever it holds: navigate away, open windows but the portal's own, attach web views, get permissions, load from
 * the network, download. Called before the app is ready, so that it holds for the first window.
 */
export function setupSecurity({
  electron,
  logger,
  openPortal,
  monotonic = () => performance.now(),
}: SecurityOptions): void {
  const { app, session, shell } = electron
  app.enableSandbox()
  const openExternally = createExternalOpener(shell, logger, monotonic)
  const open = (url: string) => (isPortalUrl(url) ? openPortal(url) : openExternally(url))
  app.on('web-contents-created', (_event, contents) => guardContents(contents, open, logger))
  app.on('session-created', (created) => guardSession(created, logger))
  // The default session is there before anybody can listen for it.
  void app.whenReady().then(() => guardSession(session.defaultSession, logger))
}

function guardContents(contents: WebContents, open: (url: string) => void, logger: Logger): void {
  const refuseNavigation = (event: Event<{ url: string }>): void => {
    if (isPortalUrl(event.url)) return
    event.preventDefault()
    logger.warn({ url: printable(event.url) }, 'a page tried to navigate away and was refused')
  }
  contents.on('will-navigate', refuseNavigation)
  contents.on('will-frame-navigate', refuseNavigation)
  contents.on('will-redirect', refuseNavigation)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    open(url)
    return { action: 'deny' }
  })
}

/** Opens https links in the system's browser, and nothing else: other schemes start programs. */
function createExternalOpener(shell: ElectronApi['shell'], logger: Logger, monotonic: () => number) {
  let opened: number[] = []
  return (url: string): void => {
    const now = monotonic()
    opened = opened.filter((at) => now - at < EXTERNAL_WINDOW_MS)
    if (!isExternalLink(url) || opened.length >= MAX_EXTERNAL_LINKS) {
      logger.warn({ url: printable(url) }, 'a link was not opened')
      return
    }
    opened.push(now)
    shell
      .openExternal(url)
      .catch((error: unknown) => logger.warn({ error }, 'the system’s browser did not open a link'))
  }
}

/** https, to a host, without credentials in it. */
export function isExternalLink(url: string): boolean {
  if (url.length > MAX_EXTERNAL_URL_LENGTH) return false
  const parsed = URL.parse(url)
  return (
    parsed?.protocol === 'https:' &&
    parsed.hostname !== '' &&
    parsed.username === '' &&
    parsed.password === ''
  )
}

function guardSession(session: Session, logger: Logger): void {
  session.setPermissionRequestHandler((contents, permission, callback, details) => {
    const isAllowed = isAllowedPermission(permission, details.requestingUrl, details.isMainFrame)
    if (!isAllowed) logger.warn({ permission, url: printable(contents.getURL()) }, 'a permission was refused')
    callback(isAllowed)
  })
  session.setPermissionCheckHandler((_contents, permission, origin, { isMainFrame }) =>
    isAllowedPermission(permission, origin, isMainFrame),
  )
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event, item) => {
    // Proofs and reports that the page made itself, and exports the node makes; the system asks where to put them.
    const url = item.getURL()
    if (url.startsWith(`blob:${APP_ORIGIN}/`) || url.startsWith(`${APP_ORIGIN}${EXPORT_PATH}`)) return
    event.preventDefault()
    logger.warn({ url: printable(item.getURL()) }, 'a download was refused')
  })
  // The content policy says the same; this holds for what a policy does not reach, such as prefetching.
  session.webRequest.onBeforeRequest((details, callback) => callback({ cancel: !isOwnRequest(details.url) }))
}

/** Copy buttons write to the clipboard; reading it, and everything else, is refused. */
function isAllowedPermission(permission: string, requester: string, isMainFrame: boolean): boolean {
  const url = URL.parse(requester)
  return permission === 'clipboard-sanitized-write' && isMainFrame && url !== null && isAppUrl(url)
}

function isOwnRequest(address: string): boolean {
  const url = URL.parse(address)
  if (url === null) return false
  if (url.protocol === `${APP_SCHEME}:`) return isAppUrl(url)
  // Developer tools are there in development alone and load their own pages.
  return ['blob:', 'data:', 'devtools:'].includes(url.protocol)
}

/** Addresses come from pages: the log gets no more of them than tells where they lead. */
function printable(address: string): string {
  const url = URL.parse(address)
  return url === null ? 'not an address' : `${url.protocol}//${url.host}`.slice(0, 200)
}
