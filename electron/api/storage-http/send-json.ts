import type { ServerResponse } from 'node:http'
import type { Logger } from '../../node/ports.ts'
import { ClientGone } from './chunk-writer.ts'
import { RequestRefused } from './request-refused.ts'

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** Ends a request that failed: with an error the client can read, or by breaking off what was begun. */
export function sendFailure(response: ServerResponse, error: unknown, logger: Logger): void {
  if (error instanceof ClientGone || response.destroyed) {
    response.destroy()
    return
  }
  if (error instanceof RequestRefused) {
    sendJson(response, error.status, { error: error.message }, error.headers)
    return
  }
  logger.error({ error }, 'a request to the storage interface failed')
  if (response.headersSent) response.destroy()
  else sendJson(response, 500, { error: 'Failed to fetch data!' })
}
