import { RequestRefused } from './request-refused.ts'

interface PartRoute {
  streamId: string
  /** As it stands in the path; Streamr reads it with `parseInt`. */
  partition: string
}

export interface ResendRoute extends PartRoute {
  kind: 'resend'
  resendType: string
  query: URLSearchParams
}

export type Route = ResendRoute | (PartRoute & { kind: 'metadata' | 'storage' })

/** As Streamr's router has it: letter case of the fixed words and a final slash do not matter. */
const RESEND = /^\/streams\/([^/]+)\/data\/partitions\/([^/]+)\/([^/]+)\/?$/i
const ABOUT_PART = /^\/streams\/([^/]+)\/(metadata|storage)\/partitions\/([^/]+)\/?$/i

/**
 * Finds what a request target asks for; `undefined` when there is no such path.
 * @throws {RequestRefused} 400 when a percent-encoded word does not decode to text.
 */
export function findRoute(target: string): Route | undefined {
  const question = target.indexOf('?')
  const path = question === -1 ? target : target.slice(0, question)
  const resend = RESEND.exec(path)
  if (resend !== null) {
    const [streamId, partition, resendType] = resend.slice(1).map(decodeWord)
    return {
      kind: 'resend',
      streamId: streamId ?? '',
      partition: partition ?? '',
      resendType: resendType ?? '',
      query: new URLSearchParams(question === -1 ? '' : target.slice(question + 1)),
    }
  }
  const about = ABOUT_PART.exec(path)
  if (about === null) return undefined
  const [streamId, kind, partition] = about.slice(1).map(decodeWord)
  return {
    kind: kind?.toLowerCase() === 'metadata' ? 'metadata' : 'storage',
    streamId: streamId ?? '',
    partition: partition ?? '',
  }
}

function decodeWord(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    throw new RequestRefused(400, `Failed to decode param '${word}'`)
  }
}
