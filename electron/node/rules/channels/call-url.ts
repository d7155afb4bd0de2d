import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { assertPublicHost, lookupPublic } from '../../public-address.ts'
import { DeliveryFailed } from './delivery-failed.ts'
import { DELIVERY_DEADLINE_MS, MAX_ANSWER_BYTES } from './limits.ts'

export interface UrlCall {
  url: string
  /** JSON; without it the address is fetched. */
  body?: string
  allowPrivate: boolean
  signal: AbortSignal
}

/**
 * Calls an address that somebody configured. Redirections are not followed: they could lead anywhere. No sentence
 * names the address, for it is a secret.
 * @throws {DeliveryFailed} unless the answer's status is a good one
 */
export async function callUrl({ url: text, body, allowPrivate, signal }: UrlCall): Promise<void> {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new DeliveryFailed('The address is no http or https address.')
  }
  if (!allowPrivate) assertPublicHost(url.hostname, notPublic)
  const deadline = AbortSignal.timeout(DELIVERY_DEADLINE_MS)
  const options: RequestOptions = {
    method: body === undefined ? 'GET' : 'POST',
    agent: false,
    signal: AbortSignal.any([signal, deadline]),
    headers: {
      'user-agent': 'Tidemark',
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
    ...(allowPrivate ? {} : { lookup: lookupPublic(notPublic) }),
  }
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const send = url.protocol === 'https:' ? requestHttps : requestHttp
      send(url, options, resolve).on('error', reject).end(body)
    })
    await readAway(response)
    const { statusCode = 0 } = response
    if (statusCode >= 300)
      throw new DeliveryFailed(`The receiver answered with the HTTP status ${statusCode}.`)
  } catch (error) {
    if (error instanceof DeliveryFailed) throw error
    if (signal.aborted) throw new DeliveryFailed('The node was stopped.')
    if (deadline.aborted) {
      throw new DeliveryFailed(`The receiver did not answer within ${DELIVERY_DEADLINE_MS / 1_000} s.`)
    }
    throw new DeliveryFailed(
      `The receiver could not be reached (${(error as NodeJS.ErrnoException).code ?? 'no reason given'}).`,
    )
  }
}

async function readAway(response: IncomingMessage): Promise<void> {
  let bytes = 0
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length
    if (bytes > MAX_ANSWER_BYTES) break
  }
  response.destroy()
}

function notPublic(): DeliveryFailed {
  return new DeliveryFailed(
    'The address leads to this machine or a private network. Allow that for the channel if it is meant.',
  )
}
