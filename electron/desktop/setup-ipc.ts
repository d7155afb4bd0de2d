import type { AnyTRPCRouter } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { IpcMainInvokeEvent, WebContents } from 'electron'
import { BRIDGE_REQUEST_CHANNEL, type BridgeAnswer } from '../../shared/desktop-bridge.ts'
import { type ErrorView, toErrorView } from '../../shared/errors.ts'
import type { Logger } from '../node/ports.ts'
import { isPortalUrl } from './app-origin.ts'
import type { ElectronApi } from './electron-api.ts'
import { readBridgeRequest } from './ipc-request.ts'
import { createIpcSession, type IpcSession } from './ipc-session.ts'

/** Longest answer that is sent, in UTF-16 units; queries are paged far below it. */
export const MAX_ANSWER_LENGTH = 64 * 1024 * 1024

export interface IpcOptions {
  electron: Pick<ElectronApi, 'ipcMain'>
  router: AnyTRPCRouter
  /** May wait for the node to be up; its rejection is what the window shows. */
  createContext: () => Promise<unknown>
  /** Whether these contents are the portal's window. */
  isPortal: (contents: WebContents) => boolean
  logger: Logger
}

/** Runs the tRPC router for the portal's page, and for nobody else. Returns the way to take it down. */
export function setupIpc({ electron, router, createContext, isPortal, logger }: IpcOptions): () => void {
  const sessions = new Map<WebContents, IpcSession>()

  const isTrusted = ({ sender, senderFrame }: IpcMainInvokeEvent): boolean =>
    isPortal(sender) &&
    senderFrame !== null &&
    senderFrame === sender.mainFrame &&
    isPortalUrl(senderFrame.url)

  const closeSession = (contents: WebContents): void => {
    sessions.get(contents)?.close()
    sessions.delete(contents)
  }

  const sessionOf = (contents: WebContents): IpcSession => {
    const existing = sessions.get(contents)
    if (existing !== undefined) return existing
    const session = createIpcSession({ router, createContext, logger })
    sessions.set(contents, session)
    return session
  }

  /** A page that is left, crashed or closed never asks for what it had open again. */
  const watched = new WeakSet<WebContents>()
  const watch = (contents: WebContents): void => {
    if (watched.has(contents)) return
    watched.add(contents)
    contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) closeSession(contents)
    })
    contents.on('render-process-gone', () => closeSession(contents))
    contents.on('destroyed', () => closeSession(contents))
  }

  electron.ipcMain.handle(BRIDGE_REQUEST_CHANNEL, async (event, envelope: unknown) => {
    if (!isTrusted(event)) {
      logger.warn({ frame: event.senderFrame?.origin ?? null }, 'a request from a foreign frame was refused')
      throw new Error('This frame may not speak to Tidemark.')
    }
    watch(event.sender)
    const session = sessionOf(event.sender)
    return serialise(await answer(session, envelope, logger), logger)
  })

  return () => {
    electron.ipcMain.removeHandler(BRIDGE_REQUEST_CHANNEL)
    for (const contents of [...sessions.keys()]) closeSession(contents)
  }
}

async function answer(session: IpcSession, envelope: unknown, logger: Logger): Promise<BridgeAnswer> {
  try {
    return await session.answer(readBridgeRequest(envelope))
  } catch (error) {
    logger.warn({ error }, 'a request from the window could not be read')
    return failure('BAD_REQUEST', {
      code: 'invalid-input',
      message: 'The window asked in a way this node does not understand.',
      remedy: 'Reload the window; nothing stored was lost.',
    })
  }
}

function serialise(value: BridgeAnswer, logger: Logger): string {
  try {
    const text = JSON.stringify(value)
    if (text.length <= MAX_ANSWER_LENGTH) return text
  } catch (error) {
    logger.error({ error }, 'an answer to the window is not JSON')
    return JSON.stringify(failure('INTERNAL_SERVER_ERROR', toErrorView(error)))
  }
  return JSON.stringify(
    failure('PAYLOAD_TOO_LARGE', {
      code: 'invalid-input',
      message: 'The answer is too large to show at once.',
      remedy: 'Ask for a shorter stretch of time or fewer messages.',
    }),
  )
}

/** Errors of the carrier itself, in the form the router's own have. */
function failure(key: keyof typeof TRPC_ERROR_CODES_BY_KEY, view: ErrorView): BridgeAnswer {
  const code = TRPC_ERROR_CODES_BY_KEY[key]
  return { error: { message: view.message, code, data: { code: key, view } } }
}
