import { TidemarkError } from '../../shared/errors.ts'

interface Subscribable<Input, Progress> {
  subscribe(
    input: Input,
    handlers: {
      onData: (progress: Progress) => void
      onError: (error: unknown) => void
      onComplete: () => void
    },
  ): { unsubscribe(): void }
}

/** Runs long work of the node to its end and shows its progress; ends it when `signal` says so. */
export function followWork<Input, Progress>(
  procedure: Subscribable<Input, Progress>,
  input: Input,
  show: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((done, fail) => {
    const work = procedure.subscribe(input, { onData: show, onError: fail, onComplete: done })
    signal.addEventListener('abort', () => {
      work.unsubscribe()
      fail(new TidemarkError('aborted', 'Stopped on request.', 'Run the command again to go on.'))
    })
  })
}
