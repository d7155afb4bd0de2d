import { mkdir, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { TidemarkError } from '../../../../shared/errors.ts'
import { type Keeper, keeperText } from '../../../../shared/remote-log.ts'
import type { DatabaseHost } from '../database/database.ts'
import { CONTENT_STORE_MIGRATIONS, createEmbeddedContentStore } from '../embedded/content-store.ts'
import { createEmbeddedNameSystem, NAME_SYSTEM_MIGRATIONS } from '../embedded/name-system.ts'
import type { ContentStore, NameSystem } from '../ports.ts'
import { createTwirpContentStore, createTwirpNameSystem } from '../twirp/client.ts'
import type { IpfsKeeper } from './ipfs-keeper.ts'

const CONTENT_FILE = 'content.sqlite'
const NAMES_FILE = 'names.sqlite'

/** A content store and a name system that belong together. */
export interface OpenKeeper {
  content: ContentStore
  names: NameSystem
  /** Where names are keys, nobody can choose one. */
  createName?: () => Promise<string>
  /** Hands the record of a name to the network again, where it fades otherwise. */
  carry?: (name: string, signal: AbortSignal) => Promise<void>
}

export interface Keepers {
  /** @throws TidemarkError `invalid-input`, `data-folder-unusable`, `not-running` */
  open(keeper: Keeper): Promise<OpenKeeper>
  /** What is known of a keeper has changed: it is opened anew the next time. */
  forget(keeper: Keeper): void
}

export interface KeepersOptions {
  databases: DatabaseHost
  /** Of this node; what its embedded keeper holds lies there. */
  folder: string
  /** What a twirp server wants from this node when it writes. */
  writeTokenOf: (url: string) => Promise<string | undefined>
  ipfs: Pick<IpfsKeeper, 'open'>
}

export function createKeepers(options: KeepersOptions): Keepers {
  const opened = new Map<string, Promise<OpenKeeper>>()
  return {
    open(keeper) {
      const key = keeperText(keeper)
      let keeping = opened.get(key)
      if (keeping === undefined) {
        keeping = openKeeper(keeper, options)
        keeping.catch(() => opened.delete(key))
        opened.set(key, keeping)
      }
      return keeping
    },
    forget: (keeper) => void opened.delete(keeperText(keeper)),
  }
}

async function openKeeper(keeper: Keeper, options: KeepersOptions): Promise<OpenKeeper> {
  switch (keeper.kind) {
    case 'embedded':
      await mkdir(options.folder, { recursive: true, mode: 0o700 })
      return openFolder(options.databases, options.folder)
    case 'folder':
      await assertFolder(keeper.path)
      return openFolder(options.databases, keeper.path)
    case 'twirp': {
      const { url } = keeper
      const writeToken = await options.writeTokenOf(url)
      return {
        content: createTwirpContentStore({ url, writeToken }),
        names: createTwirpNameSystem({ url, writeToken }),
      }
    }
    case 'ipfs':
      return options.ipfs.open()
  }
}

async function openFolder(databases: DatabaseHost, folder: string): Promise<OpenKeeper> {
  const [content, names] = await Promise.all([
    databases.open(join(folder, CONTENT_FILE), CONTENT_STORE_MIGRATIONS),
    databases.open(join(folder, NAMES_FILE), NAME_SYSTEM_MIGRATIONS),
  ])
  return {
    content: createEmbeddedContentStore({ database: content }),
    names: createEmbeddedNameSystem({ database: names }),
  }
}

/** A folder that is not there is mostly a share that is not mounted: making one would hide that. */
async function assertFolder(path: string): Promise<void> {
  const info = isAbsolute(path) ? await stat(path).catch(() => null) : null
  if (info?.isDirectory()) return
  throw new TidemarkError(
    'invalid-input',
    `There is no folder ${path}.`,
    'Name a folder that is there, from the root on; if it is a share, see that it is mounted.',
  )
}
