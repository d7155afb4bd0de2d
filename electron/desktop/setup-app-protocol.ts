import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { EXPORT_PATH } from '../api/export-download.ts'
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

/** Answers a download the node makes, by its id; null where there is none. */
export type OpenDownload = (
  id: string,
  signal: AbortSignal,
) => Promise<{ headers: Record<string, string>; bytes: AsyncIterable<Uint8Array> } | null>

/** Serves the built renderer and the node's downloads, and nothing else of the disk, under the app's own scheme. */
export function setupAppProtocol(options: {
  electron: Pick<ElectronApi, 'protocol'>
  rendererDir: string
  openDownload: OpenDownload
}): void {
  const { electron, rendererDir, openDownload } = options
  electron.protocol.handle(APP_SCHEME, createAppRequestHandler(rendererDir, openDownload))
}

export function createAppRequestHandler(
  rendererDir: string,
  openDownload: OpenDownload,
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405)
    const download = downloadOf(request.url)
    if (download !== null) return sendDownload(download, request, openDownload)
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

function downloadOf(address: string): string | null {
  const url = URL.parse(address)
  return url !== null && isAppUrl(url) && url.pathname.startsWith(EXPORT_PATH)
    ? url.pathname.slice(EXPORT_PATH.length)
    : null
}

/** Sent while it is made: a window that has seen enough ends it. */
async function sendDownload(id: string, request: Request, open: OpenDownload): Promise<Response> {
  const download = request.method === 'GET' ? await open(id, request.signal) : null
  if (download === null) return refuse(404)
  const headers = { ...SECURITY_HEADERS, ...download.headers }
  return new Response(ReadableStream.from(download.bytes), { headers })
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
