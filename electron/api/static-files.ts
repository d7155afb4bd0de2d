import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** What a build of the portal consists of. */
export const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
}

/** The portal's own files: listed once, so that no request can name anything else. */
export interface StaticFiles {
  /** Answers whether the path was one of ours and has been sent. Unknown paths without an ending get the index page. */
  serve(pathname: string, response: ServerResponse): Promise<boolean>
}

export async function createStaticFiles(folder: string): Promise<StaticFiles> {
  const files = new Map<string, string>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(`/${relative(folder, path).split(sep).join('/')}`, path)
  }
  return {
    async serve(pathname, response) {
      // Routes of the portal live in the browser; each of them begins with the same page.
      const isRoute = extname(pathname) === ''
      const path = files.get(isRoute ? '/index.html' : pathname)
      if (path === undefined) return false
      const isHashed = pathname.startsWith('/assets/')
      response.writeHead(200, {
        'content-type': CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
        'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      })
      await pipeline(createReadStream(path), response)
      return true
    },
  }
}
