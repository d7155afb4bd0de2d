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

/** Commands that came before the page listened, such as the link the window was opened with. */
const MAX_EARLY_COMMANDS = 16
const early: DesktopCommand[] = []
const listeners = new Set<(command: DesktopCommand) => void>()

ipcRenderer.on(BRIDGE_COMMAND_CHANNEL, (_event, command: DesktopCommand) => {
  if (listeners.size === 0 && early.length < MAX_EARLY_COMMANDS) early.push(command)
  for (const listener of listeners) listener(command)
})

const bridge: DesktopBridge = {
  platform: process.platform as DesktopPlatform,
  request: (envelope) => ipcRenderer.invoke(BRIDGE_REQUEST_CHANNEL, String(envelope)) as Promise<string>,
  onCommand: (listener) => {
    listeners.add(listener)
    for (const command of early.splice(0)) listener(command)
    return () => {
      listeners.delete(listener)
    }
  },
}

contextBridge.exposeInMainWorld('tidemark', bridge)
