/**
 * Turns long work that reports progress into a stream of reports, the newest first when the reader is slow. The work
 * is told to stop when the reader goes away. Ends with the work, or fails as it failed.
 */
export async function* withProgress<T>(
  work: (report: (progress: T) => void, signal: AbortSignal) => Promise<unknown>,
  outer: AbortSignal | undefined,
): AsyncGenerator<T, void, void> {
  const stopping = new AbortController()
  const signal = outer ? AbortSignal.any([outer, stopping.signal]) : stopping.signal
  let newest: { progress: T } | undefined
  let wake = Promise.withResolvers<void>()
  const state: { ended: boolean; error?: unknown } = { ended: false }
  const running = work((progress) => {
    newest = { progress }
    wake.resolve()
  }, signal)
    .catch((error: unknown) => {
      state.error = error
    })
    .finally(() => {
      state.ended = true
      wake.resolve()
    })
  try {
    for (;;) {
      await wake.promise
      wake = Promise.withResolvers()
      const report = newest
      newest = undefined
      if (report) yield report.progress
      if (state.ended) break
    }
    if (state.error !== undefined) throw state.error
  } finally {
    stopping.abort()
    await running
  }
}
