/**
 * Runs in the sandboxed window before the page. Exposes the text bridge and nothing else; it holds no logic that
 * a page could turn against the main process, which checks every envelope itself.
 */
import { contextBridge, ipcRenderer } from 'electron'
import {
  BRIDGE_COMMAND_CHANNEL,
  BRIDGE_REQUEST_CHANNEL,
  type DesktopBridge,
  type DesktopCommand,
  type DesktopPlatform,
} from '../shared/desktop-bridge.ts'

const bridge: DesktopBridge = {
  platform: process.platform as DesktopPlatform,
  request: (envelope) => ipcRenderer.invoke(BRIDGE_REQUEST_CHANNEL, String(envelope)) as Promise<string>,
  onCommand: (listener) => {
    const forward = (_event: unknown, command: DesktopCommand): void => listener(command)
    ipcRenderer.on(BRIDGE_COMMAND_CHANNEL, forward)
    return () => {
      ipcRenderer.removeListener(BRIDGE_COMMAND_CHANNEL, forward)
    }
  },
}

contextBridge.exposeInMainWorld('tidemark', bridge)
