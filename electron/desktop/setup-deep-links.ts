import type { DesktopCommand } from '../../shared/desktop-bridge.ts'
import { LINK_SCHEME, readDeepLink } from './deep-link.ts'
import type { ElectronApi } from './electron-api.ts'

export interface DeepLinkOptions {
  electron: Pick<ElectronApi, 'app'>
  open: (command: DesktopCommand) => void
}

/** Makes the system bring `tidemark://` links here. On Linux the packaged desktop file says so instead. */
export function setupDeepLinks({ electron: { app }, open }: DeepLinkOptions): void {
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME)
  // macOS alone; elsewhere the link is an argument of the second instance.
  app.on('open-url', (event, url) => {
    event.preventDefault()
    const command = readDeepLink(url)
    if (command !== null) open(command)
  })
}
