/**
 * URL of a worker module that lies beside the calling module. Sources run as `.ts` under Node's type stripping
 * (tests, benches) and as `.js` when built; a worker must have the ending of its caller.
 */
export function workerUrl(callerUrl: string, name: string): URL {
  return new URL(`./${name}${callerUrl.endsWith('.ts') ? '.ts' : '.js'}`, callerUrl)
}
