import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { SECURITY_HEADERS } from '../api/security-headers.ts'
import { CONTENT_TYPES } from '../api/static-files.ts'
import { APP_SCHEME, isAppUrl } from './app-origin.ts'
import type { ElectronApi } from './electron-api.ts'

/** Gives the scheme an origin and the rules of https. Only possible before the app is ready. */
export function registerAppScheme(electron: Pick<ElectronApi, 'protocol'>): void {
  electron.protocol.registerSchemesAsPrivileged([
    {
      scheme: APP_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ])
}

/** Serves the built renderer, and nothing else of the disk, under the app's own scheme. */
export function setupAppProtocol(options: {
  electron: Pick<ElectronApi, 'protocol'>
  rendererDir: string
}): void {
  options.electron.protocol.handle(APP_SCHEME, createAppRequestHandler(options.rendererDir))
}

export function createAppRequestHandler(rendererDir: string): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405)
    const path = pathInside(rendererDir, request.url)
    const contentType = path === null ? undefined : CONTENT_TYPES[extname(path)]
    if (path === null || contentType === undefined) return refuse(404)
    try {
      const body = await readFile(path)
      const headers = { ...SECURITY_HEADERS, 'content-type': contentType, 'cache-control': 'no-cache' }
      return new Response(request.method === 'HEAD' ? null : body, { headers })
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return refuse(404)
      throw error
    }
  }
}

/** The file an address names, or `null` when it is not ours or would lie outside of the folder. */
function pathInside(folder: string, address: string): string | null {
  const url = URL.parse(address)
  if (url === null || !isAppUrl(url)) return null
  let name: string
  try {
    name = decodeURIComponent(url.pathname)
  } catch {
    return null
  }
  // Backslashes and colons mean something on Windows, a zero byte to the system call.
  if (/[\\:\0]/.test(name)) return null
  const path = join(folder, name === '/' ? 'index.html' : name)
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? path : null
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: SECURITY_HEADERS })
}
