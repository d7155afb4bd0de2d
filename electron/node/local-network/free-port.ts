import { createServer } from 'node:net'

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address()
      const bound = typeof address === 'object' && address !== null ? address.port : undefined
      server.close(() => resolve(bound))
    })
  })
}

/** Whether nobody listens on `port` of the loopback address at this moment. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined
}

/**
 * A TCP port on loopback that is free now: `preferred` if that one is, so that addresses given to others stay
 * good over a restart. Somebody may take it before it is used; the user of the port tries again then.
 */
export async function findFreePort(preferred?: number): Promise<number> {
  const port = (preferred !== undefined ? await listenOnce(preferred) : undefined) ?? (await listenOnce(0))
  if (port === undefined) throw new Error('This machine has no free TCP port on 127.0.0.1')
  return port
}
