/**
 * What the preload script puts on `window.tidemark`: the only way out of the sandboxed window. The renderer does
 * not use it directly but through `ipcLink` (`renderer/api/ipc-link.ts`), so that the same tRPC router is spoken
 * to as over WebSocket.
 *
 * Envelopes cross as JSON text: what arrives is then exactly what a WebSocket client would get, its length can be
 * bounded before it is parsed, and Electron copies one string instead of walking an object.
 */
export interface DesktopBridge {
  readonly platform: DesktopPlatform
  /**
   * Sends one `BridgeRequest` as JSON text and resolves with one `BridgeAnswer` as JSON text. Rejects only when
   * the main process refuses to listen at all (foreign frame) or is gone.
   */
  request(envelope: string): Promise<string>
  /** Menu, tray and `tidemark://` links speak to the portal through this. Returns the way to stop listening. */
  onCommand(listener: (command: DesktopCommand) => void): () => void
}

export type DesktopPlatform = 'linux' | 'darwin' | 'win32'

/**
 * One step of a tRPC operation. `id` is chosen by the window and names the operation until it has ended.
 * Subscriptions are pulled: after `subscribe` each `next` is answered with one value when there is one, so a slow
 * window slows its source down and nothing piles up between the two.
 */
export type BridgeRequest =
  | { kind: 'query' | 'mutation' | 'subscribe'; id: string; path: string; input?: unknown }
  | { kind: 'next' | 'cancel'; id: string }

/** tRPC's own response shapes. `started` answers `subscribe`, `stopped` answers `cancel` and the last `next`. */
export type BridgeAnswer =
  | { result: { type: 'data'; data?: unknown; id?: string } }
  | { result: { type: 'started' } }
  | { result: { type: 'stopped' } }
  | { error: BridgeErrorShape }

/** tRPC's error shape; `data` carries what the router's error formatter puts there. */
export interface BridgeErrorShape {
  message: string
  code: number
  data: Record<string, unknown>
}

export type DesktopCommand =
  /** Show the place at this path of the portal (`/workspace`, `/messages?stream=…`). */
  | { kind: 'navigate'; path: string }
  /** A command of the portal's own, chosen from the application's menu. */
  | { kind: 'invoke'; command: MenuCommand }
  /** The node is writing what it holds and will be gone in a moment. */
  | { kind: 'finishing' }

/** Names of shortcuts the portal knows; a name that has nothing to do on the screen at hand does nothing. */
export type MenuCommand =
  | 'command-palette'
  | 'subscribe'
  | 'shortcuts'
  | 'tour'
  | 'toggle-theme'
  | 'toggle-inspector'
  | 'next-time-zone'
  | 'play-pause'
  | 'go-live'

/** IPC channel from the window: one envelope in, one out. */
export const BRIDGE_REQUEST_CHANNEL = 'tidemark:request'
/** IPC channel to the window: `DesktopCommand`s. */
export const BRIDGE_COMMAND_CHANNEL = 'tidemark:command'
/** Longest envelope the main process reads, in UTF-16 units: room for a proof file pasted into the portal. */
export const MAX_ENVELOPE_LENGTH = 4 * 1024 * 1024
