import type { PaintedPicture, PainterRequest, PaintJob } from './paint-job.ts'

/** Where jobs go: a worker, or the page itself where there is none. */
export interface PaintThread {
  send(request: PainterRequest): void
}

export interface PaintThreadEvents {
  onPainted(picture: PaintedPicture): void
  /** The thread has ended and another took its place: what was under way and what it knew is gone. */
  onLost(): void
}

/** A panel's place at the desk: one job of its own is under way at a time, and the others wait behind it. */
export interface PaintSeat {
  isBusy(): boolean
  /** Must not be called while busy. */
  paint(job: Omit<PaintJob, 'seat'>): void
  leave(): void
}

export interface PaintDesk {
  take(events: PaintThreadEvents): PaintSeat
}

/** Shares one painting thread among all panels of a page, which are served in turn. */
export function createPaintDesk(start: (events: PaintThreadEvents) => PaintThread): PaintDesk {
  const seats = new Map<number, PaintThreadEvents>()
  let thread: PaintThread | null = null
  let taken = 0

  const events: PaintThreadEvents = {
    onPainted(picture) {
      const seat = seats.get(picture.seat)
      if (seat === undefined) picture.bitmap?.close()
      else seat.onPainted(picture)
    },
    onLost() {
      for (const seat of seats.values()) seat.onLost()
    },
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
          own.send({ kind: 'paint', job: { ...job, seat } })
        },
        leave() {
          seats.delete(seat)
          own.send({ kind: 'leave', seat })
        },
      }
    },
  }
}
