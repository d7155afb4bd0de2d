import { z } from 'zod'
import { writeFileAtomically } from '../../../files/atomic-file.ts'
import type { Clock, Logger } from '../../ports.ts'
import { readOwnerFile } from './owner-file.ts'

/** Most bans kept; the ones that end first make room. */
const MAX_BANS = 4_096

const banSchema = z.object({
  /** libp2p peer id, or Streamr address as lower-case 0x hex. */
  who: z.string().min(1).max(128),
  reason: z.string().max(256),
  since: z.number().int().nonnegative(),
  /** ms since the epoch; `null`: until it is lifted by hand. */
  until: z.number().int().nonnegative().nullable(),
  /** How often this one has been banned, this time included. */
  times: z.number().int().positive(),
  /** The ban that this one came with, and is lifted with; absent where it was meant for itself. */
  cameWith: z.string().min(1).max(128).optional(),
})
const fileSchema = z.object({ version: z.literal(1), bans: z.array(banSchema).max(MAX_BANS) })

type Entry = z.infer<typeof banSchema>

/** A ban as it was meant: of one peer id or address, and of those that it took with it. */
export interface Ban extends Omit<Entry, 'cameWith'> {
  /** Peer ids that were kept out with an address. */
  tookAlong: string[]
}

export interface BanListOptions {
  path: string
  clock: Clock
  logger: Logger
}

/** Peers and addresses this node has nothing to do with, kept over restarts. */
export class BanList {
  readonly #path: string
  readonly #clock: Clock
  readonly #bans: Map<string, Entry>
  #written: Promise<void> = Promise.resolve()
  #isClosed = false

  private constructor({ path, clock }: BanListOptions, bans: readonly Entry[]) {
    this.#path = path
    this.#clock = clock
    this.#bans = new Map(bans.map((ban) => [ban.who, ban]))
  }

  /** Reads the list; one that cannot be read is reported and set out anew, because bans are only a convenience. */
  static async open(options: BanListOptions): Promise<BanList> {
    const content = await readOwnerFile(options.path)
    if (content === undefined) return new BanList(options, [])
    try {
      return new BanList(options, fileSchema.parse(JSON.parse(content.toString('utf8'))).bans)
    } catch (error) {
      options.logger.warn(
        { path: options.path, error },
        'the list of banned peers cannot be read and is begun anew',
      )
      return new BanList(options, [])
    }
  }

  isBanned(who: string): boolean {
    const until = this.#bans.get(who)?.until
    return until !== undefined && (until === null || until > this.#clock.now())
  }

  /** Bans in force as they were meant, those that began last first. */
  list(): Ban[] {
    const inForce = [...this.#bans.values()].filter(({ who }) => this.isBanned(who))
    const bans = inForce
      .filter(({ cameWith }) => !this.#stands(cameWith))
      .map(({ cameWith: _, ...ban }) => ({
        ...ban,
        tookAlong: inForce.filter((other) => other.cameWith === ban.who).map(({ who }) => who),
      }))
    return bans.sort((a, b) => b.since - a.since)
  }

  /** How often somebody has been banned so far. */
  times(who: string): number {
    return this.#bans.get(who)?.times ?? 0
  }

  /**
   * @param until ms since the epoch, or `null` until it is lifted. Resolves when it is on disk.
   * @param along peers that are kept out with this one; those that are banned on their own account stay so
   */
  async ban(who: string, reason: string, until: number | null, along: readonly string[] = []): Promise<void> {
    const ban = { reason: reason.slice(0, 256), since: this.#clock.now(), until }
    this.#bans.set(who, { ...ban, who, times: this.times(who) + 1 })
    for (const other of along) {
      const isOwn = this.isBanned(other) && this.#bans.get(other)?.cameWith === undefined
      if (other === who || isOwn) continue
      this.#bans.set(other, { ...ban, who: other, times: this.times(other) + 1, cameWith: who })
    }
    this.#makeRoom()
    await this.#write()
  }

  /** Lifts a ban and what came with it, by whichever of their names. Returns who may come back, when it is on disk. */
  async lift(who: string): Promise<string[]> {
    const cameWith = this.#bans.get(who)?.cameWith
    const meant = cameWith !== undefined && this.#stands(cameWith) ? cameWith : who
    const lifted = [...this.#bans.values()]
      .filter((ban) => ban.who === meant || ban.cameWith === meant)
      .map((ban) => ban.who)
    for (const name of lifted) this.#bans.delete(name)
    if (lifted.length > 0) await this.#write()
    return lifted
  }

  /** Whether the ban that another came with is in force and stands for itself. */
  #stands(who: string | undefined): boolean {
    return who !== undefined && this.isBanned(who) && this.#bans.get(who)?.cameWith === undefined
  }

  /** Writes nothing from now on; resolves when what was begun is on disk. Later bans hold as long as the process does. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#written.catch(() => undefined)
  }

  #makeRoom(): void {
    if (this.#bans.size <= MAX_BANS) return
    const endsFirst = [...this.#bans.values()].sort((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity))
    for (const { who } of endsFirst.slice(0, this.#bans.size - MAX_BANS)) this.#bans.delete(who)
  }

  async #write(): Promise<void> {
    if (this.#isClosed) return
    const write = (): Promise<void> =>
      writeFileAtomically(this.#path, JSON.stringify({ version: 1, bans: [...this.#bans.values()] }))
    // One at a time, also after one that failed.
    this.#written = this.#written.then(write, write)
    await this.#written
  }
}
