import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockDataFolder } from '../../../electron/node/store/data-folder-lock.ts'
import { temporaryFolder } from './store-folder.ts'

const MODULE = new URL('../../../electron/node/store/data-folder-lock.ts', import.meta.url).href

describe('data folder lock', () => {
  let folder: ReturnType<typeof temporaryFolder>
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())

  /** Another process that takes the lock and keeps it until it is killed. */
  async function holder() {
    const script = `
      const { lockDataFolder } = await import(${JSON.stringify(MODULE)})
      lockDataFolder(process.argv[1])
      process.stdout.write('locked')
      setInterval(() => undefined, 1_000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    return {
      pid: child.pid,
      kill: async () => {
        const exited = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGKILL')
        await exited
      },
    }
  }

  test('a folder in use by another process is refused, naming it', async () => {
    const other = await holder()
    expect(() => lockDataFolder(folder.path)).toThrow(
      expect.objectContaining({
        code: 'data-folder-in-use',
        message: expect.stringContaining(`process ${other.pid}`),
      }),
    )
    await other.kill()
  })

  test('a lock ends with its process, even when that is killed', async () => {
    const other = await holder()
    await other.kill()
    const lock = lockDataFolder(folder.path)
    lock.release()
  })

  test('one process does not get a folder twice, and gets it again when it has released it', () => {
    const lock = lockDataFolder(folder.path)
    expect(() => lockDataFolder(folder.path)).toThrow(expect.objectContaining({ code: 'data-folder-in-use' }))
    lock.release()
    lock.release()
    lockDataFolder(folder.path).release()
  })

  test('a folder that is not there is made; one that cannot be is refused in words', () => {
    lockDataFolder(join(folder.path, 'a', 'b')).release()
    writeFileSync(join(folder.path, 'file'), '')
    expect(() => lockDataFolder(join(folder.path, 'file', 'c'))).toThrow(
      expect.objectContaining({ code: 'data-folder-unusable' }),
    )
  })

  test('an owner file that says nothing readable does not hide that the folder is in use', async () => {
    const other = await holder()
    writeFileSync(join(folder.path, 'lock-owner.json'), '{"pid":')
    expect(() => lockDataFolder(folder.path)).toThrow(/in use by another Tidemark\.$/)
    await other.kill()
  })
})
