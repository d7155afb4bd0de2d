import { TidemarkError } from '../../shared/errors.ts'
import { exportHeaders } from '../api/export-download.ts'
import { type OpenStorageNodeOptions, openStorageNode } from '../host/open-storage-node.ts'
import { serveNode } from '../host/serve-node.ts'
import { noticeText, noticeTitle } from '../node/rules/channels/notice-text.ts'
import type { HostedNode } from './run-desktop.ts'

/**
 * The window's node: the window speaks to it over IPC, and commands and Streamr clients find it on loopback as they
 * find a headless one. What was started is stopped again when a later step fails.
 */
export async function startDesktopNode(options: OpenStorageNodeOptions): Promise<HostedNode> {
  const { dataDir, logger, signal } = options
  const stack = new AsyncDisposableStack()
  try {
    const node = await openStorageNode(options)
    stack.defer(() => node.stop())
    // Any free port: nobody types the window's address, commands read it from the word the node leaves.
    const { context } = await serveNode({ node, port: 0, dataDir, logger, stack, signal })
    return {
      context,
      status: () => node.status(),
      async openDownload(id, signal) {
        try {
          const { progress, bytes } = node.exports.read(id, signal)
          return { headers: exportHeaders(progress), bytes }
        } catch (error) {
          if (error instanceof TidemarkError && error.code === 'query-not-open') return null
          throw error
        }
      },
      onAlert(listener) {
        node.alerts.channels.onDesktopNotice((notice) => {
          listener({ title: noticeTitle(notice), body: noticeText(notice) })
        })
      },
      stop: () => stack.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}
