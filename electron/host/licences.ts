import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TidemarkError } from '../../shared/errors.ts'
import { type LicenceList, licenceListSchema } from '../../shared/licences.ts'
import type { Licences } from '../api/trpc.ts'
import { productLicence, productVersion, projectRoot } from './version.ts'

/** The list of a thousand parts with their texts takes half a megabyte. */
const MAX_FILE_BYTES = 16 * 1_048_576

export interface LicencesOptions {
  /** The list a build makes; where there is none, no parts are told. */
  file: string
  version: string
  /** Tidemark's own licence. */
  licence: string
}

/** Read when somebody asks, once: it does not change while Tidemark runs. */
export function createLicences({ file, version, licence }: LicencesOptions): Licences {
  let list: Promise<LicenceList> | undefined
  const read = (): Promise<LicenceList> => {
    list ??= readList(file).catch((error: unknown) => {
      list = undefined
      throw error
    })
    return list
  }
  return {
    product: async () => ({ version, licence, parts: (await read()).parts }),
    async text(index) {
      const text = (await read()).texts[index]
      if (text !== undefined) return text
      throw new TidemarkError('invalid-input', 'There is no such licence text.', 'Load the page again.')
    },
  }
}

/** Those of this installation. */
export function productLicences(): Licences {
  const file = join(projectRoot, 'dist', 'licences.json')
  return createLicences({ file, version: productVersion(), licence: productLicence() })
}

async function readList(file: string): Promise<LicenceList> {
  const info = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  // Run from the sources, without a build.
  if (info === null) return { parts: [], texts: [] }
  if (info.size > MAX_FILE_BYTES) throw new RangeError(`${file} has more than ${MAX_FILE_BYTES} bytes`)
  const list = licenceListSchema.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (!list.success) throw new TypeError(`${file} is not a list of licences`, { cause: list.error })
  return list.data
}
