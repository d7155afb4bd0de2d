import type { DrawnData } from './frame.ts'
import { packLine } from './packed-line.ts'
import type { PackedData, PaintedPicture, PainterRequest, PaintJob } from './paint-job.ts'
import { createPieceLedger } from './piece-ledger.ts'

/** Where jobs go: a worker, or the page itself where there is none. */
export interface PaintThread {
  /** @param given Memory that is the thread's from now on. */
  send(request: PainterRequest, given: ArrayBuffer[]): void
}

export interface PaintThreadEvents {
  onPainted(picture: PaintedPicture): void
  /** The thread has ended and another took its place: what was under way and what it knew is gone. */
  onLost(): void
}

/** A job as a panel has it; `data` is null where it is that of the job before. */
export type PanelJob = Omit<PaintJob, 'seat' | 'data'> & { data: DrawnData | null }

/** A panel's place at the desk: one job of its own is under way at a time, and the others wait behind it. */
export interface PaintSeat {
  isBusy(): boolean
  /** Must not be called while busy. */
  paint(job: PanelJob): void
  leave(): void
}

export interface PaintDesk {
  take(events: PaintThreadEvents): PaintSeat
}

/** Shares one painting thread among all panels of a page, which are served in turn. */
export function createPaintDesk(start: (events: PaintThreadEvents) => PaintThread): PaintDesk {
  const seats = new Map<number, PaintThreadEvents>()
  const ledger = createPieceLedger()
  let thread: PaintThread | null = null
  let taken = 0

  const events: PaintThreadEvents = {
    onPainted(picture) {
      const seat = seats.get(picture.seat)
      if (seat === undefined) picture.bitmap?.close()
      else seat.onPainted(picture)
    },
    onLost() {
      ledger.clear()
      for (const seat of seats.values()) seat.onLost()
    },
  }

  /** What the thread has already is not sent again: while time moves, that is most of it. */
  function pack(seat: number, { lines, ...rest }: DrawnData): { data: PackedData; given: ArrayBuffer[] } {
    const needed = new Set<number>()
    const isKnown = (id: number) => {
      const isThere = ledger.has(id) || needed.has(id)
      needed.add(id)
      return isThere
    }
    const packed = lines.map((line) => packLine(line, isKnown))
    ledger.need(seat, needed)
    const given = packed.flatMap(({ pieces }) =>
      pieces.flatMap(({ figures }) => (figures === null ? [] : [figures.buffer])),
    )
    return { data: { lines: packed, ...rest }, given }
  }

  return {
    take({ onPainted, onLost }) {
      thread ??= start(events)
      const own = thread
      const seat = taken
      taken += 1
      let busy = false
      seats.set(seat, {
        onPainted(picture) {
          busy = false
          onPainted(picture)
        },
        onLost() {
          busy = false
          onLost()
        },
      })
      return {
        isBusy: () => busy,
        paint(job) {
          busy = true
          const { data, given } = job.data === null ? { data: null, given: [] } : pack(seat, job.data)
          own.send({ kind: 'paint', job: { ...job, seat, data } }, given)
        },
        leave() {
          seats.delete(seat)
          ledger.need(seat, new Set())
          own.send({ kind: 'leave', seat }, [])
        },
      }
    },
  }
}
