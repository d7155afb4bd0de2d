/** A JSON Schema (draft 2020-12) object; numeric leaves carry a `unit` beside `title` and `description`. */
export type JsonSchema = Record<string, unknown>

/** Something that measures. Its samples become the content of messages. */
export interface Collector<Sample extends object> {
  /** Short name for the log. */
  readonly name: string
  /** Describes every sample; stored in the metadata of the stream it is published to. */
  readonly schema: JsonSchema
  /**
   * Measures once. What cannot be read is `null` in the sample, with a reason under `unavailable`; a rejection
   * means that nothing at all could be measured. Never overlaps itself: the publisher loop waits for it.
   */
  sample(signal?: AbortSignal): Promise<Sample>
  /** Lets go of timers and sockets. */
  close(): Promise<void>
}

/**
 * Why a reading is missing. Published, so it is one of a few words and never an error's own text, which may hold
 * paths, addresses or keys.
 */
export const UNAVAILABLE_REASONS = [
  /** The system or endpoint does not offer it. */
  'not-supported',
  /** A rate needs two readings and there has been one, or its counter began anew. */
  'not-yet',
  'timeout',
  'failed',
  'unreachable',
  'http-error',
  'rpc-error',
  'not-json',
  'too-large',
  'wrong-shape',
  /** More values than are published; those beyond the bound are left out. */
  'too-many',
  /** The endpoint has no such value at the moment. */
  'absent',
  /** The endpoint says NaN or infinity, which JSON has no word for. */
  'not-a-number',
  /** The server asked not to be asked, or does not trust its own clock. */
  'refused',
] as const
export type UnavailableReason = (typeof UNAVAILABLE_REASONS)[number]

/** Thrown by readings that know why they have nothing to say. */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable'
  readonly reason: UnavailableReason
  constructor(reason: UnavailableReason, options?: ErrorOptions) {
    super(reason, options)
    this.reason = reason
  }
}

export function reasonOf(error: unknown): UnavailableReason {
  return error instanceof Unavailable ? error.reason : 'failed'
}
