/** The `code` of what `work` throws, or null when it does not throw. */
export function errorCode(work: () => unknown): string | null {
  try {
    work()
    return null
  } catch (error) {
    return codeOf(error)
  }
}

/** The `code` of what `promise` rejects with, or null when it resolves. */
export async function rejectionCode(promise: Promise<unknown>): Promise<string | null> {
  return promise.then(() => null, codeOf)
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  throw error
}
